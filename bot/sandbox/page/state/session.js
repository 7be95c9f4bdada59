// The workspace, its people, and whom this tab acts as.

import { call, useToken } from "./api.js";
import { WorkspaceError } from "./errors.js";

export const session = { team: null, people: [], bot: null, commands: [], shortcuts: [], me: null };

const others = new Map(); // people and bots that joined after the page was loaded

export async function boot() {
  let response;
  try {
    response = await fetch("/page/boot");
  } catch {
    throw new WorkspaceError("unreachable");
  }
  if (!response.ok) throw new WorkspaceError("unreachable");
  Object.assign(session, await response.json());
  const asked = new URLSearchParams(location.search).get("as");
  const remembered = asked ?? sessionStorage.getItem("acting-as") ?? localStorage.getItem("acting-as");
  actAs(session.people.find((person) => person.id === remembered) ?? session.people[0]);
}

// Hears of people who joined or changed since the page was loaded.
export async function refreshRoster() {
  const response = await fetch("/page/boot");
  if (!response.ok) throw new WorkspaceError("unreachable");
  const { people, commands, shortcuts } = await response.json();
  Object.assign(session, { people, commands, shortcuts });
}

export function actAs(person) {
  session.me = person;
  useToken(person.token);
  sessionStorage.setItem("acting-as", person.id);
  localStorage.setItem("acting-as", person.id);
}

export const isMe = (id) => id === session.me.id;
export const isBot = (id) => id === session.bot?.user_id;
export const botName = () => session.bot?.name ?? "Journeyman";
export const botTitle = () => botName().charAt(0).toUpperCase() + botName().slice(1);

export function person(id) {
  return session.people.find((one) => one.id === id) ?? others.get(id) ?? null;
}

export function displayName(id) {
  if (isBot(id)) return botTitle();
  const found = person(id);
  return found?.real_name || found?.name || id || "Someone";
}

export const knownUser = (id) => isBot(id) || person(id) !== null;

// Everybody who can be mentioned: people first, then the bot.
export function mentionable() {
  const people = [...session.people, ...others.values()].map(({ id, name, real_name }) => ({
    id, handle: name, name: real_name || name,
  }));
  return session.bot ? [...people, { id: session.bot.user_id, handle: session.bot.name, name: botTitle(), bot: true }] : people;
}

// Learns of people that the first answer did not name.
export async function refreshPeople() {
  const { members } = await call("users.list", { limit: 200 });
  for (const member of members) {
    if (member.deleted || knownUser(member.id)) continue;
    others.set(member.id, {
      id: member.id, name: member.name, real_name: member.profile?.real_name || member.real_name, color: `#${member.color ?? "6b7a80"}`,
    });
  }
}
