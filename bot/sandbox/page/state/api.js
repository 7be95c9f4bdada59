// Speaks to the workspace as the person who is being acted as.

import { WorkspaceError } from "./errors.js";

let token = null;

export function useToken(value) {
  token = value;
}

export function socketAddress() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${location.host}/page/socket?token=${encodeURIComponent(token)}`;
}

// A Slack Web API method, form-encoded; nested values travel as JSON, as Slack wants them.
export async function call(method, args = {}) {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(args)) {
    if (value === undefined || value === null) continue;
    form.set(name, typeof value === "object" ? JSON.stringify(value) : String(value));
  }
  return checked(await request(`/api/${method}`, { method: "POST", body: form }));
}

// Every page of a paginated method, as one list.
export async function callAll(method, args, listName) {
  const items = [];
  let cursor;
  do {
    const page = await call(method, { limit: 200, ...args, cursor });
    items.push(...page[listName]);
    cursor = page.response_metadata?.next_cursor;
  } while (cursor);
  return items;
}

// What a Slack client does and the Web API has no method for.
export async function act(what, body = {}) {
  const headers = { "Content-Type": "application/json" };
  return checked(await request(`/page/${what}`, { method: "POST", headers, body: JSON.stringify(body) }));
}

export async function currentHome() {
  const answer = await (await request("/page/home", {})).json();
  return answer && "view" in answer ? answer.view : answer;
}

export async function fileBytes(file) {
  const response = await request(localPath(file.url_private), {});
  const isLoginPage = response.headers.get("Content-Type")?.startsWith("text/html") && !file.mimetype?.startsWith("text/html");
  if (!response.ok || isLoginPage) throw new WorkspaceError("file_not_found");
  return response.arrayBuffer();
}

// The workspace may name itself by another host name than the one in the address bar; its path is the same.
export function localPath(address) {
  const url = new URL(address, location.origin);
  return url.pathname + url.search;
}

// Some links announce that the page is left and then open elsewhere, so that it stays after all.
const LEFT_BY_THEN_MS = 5000;
let leaving = false;
addEventListener("beforeunload", () => {
  leaving = true;
  setTimeout(() => { leaving = false; }, LEFT_BY_THEN_MS);
});

async function request(path, options) {
  try {
    return await fetch(path, { ...options, headers: { ...options.headers, Authorization: `Bearer ${token}` } });
  } catch {
    // Leaving the page breaks off what is under way: nobody refused it, and nobody is here to be told.
    if (leaving) return new Promise(() => {});
    throw new WorkspaceError("unreachable");
  }
}

async function checked(response) {
  if (response.status === 429) throw new WorkspaceError("ratelimited");
  let answer;
  try {
    answer = await response.json();
  } catch {
    throw new WorkspaceError("unreachable");
  }
  if (!answer.ok) throw new WorkspaceError(answer.error ?? "unknown_error");
  return answer;
}
