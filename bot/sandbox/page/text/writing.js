// From what a person types to what Slack stores, and back for editing.

import { conversation, myChannels, joinableChannels } from "../state/conversations.js";
import { displayName, mentionable } from "../state/session.js";
import { escapeText, unescapeText } from "./entities.js";

const wordAfter = /^[\p{L}\p{N}_]/u;

function names() {
  const people = mentionable().flatMap(({ id, name, handle }) => [
    { written: `@${name}`, token: `<@${id}>` },
    ...(handle ? [{ written: `@${handle}`, token: `<@${id}>` }] : []),
  ]);
  const channels = [...myChannels(), ...joinableChannels()].map(({ id, name }) => ({ written: `#${name}`, token: `<#${id}|${name}>` }));
  const ranges = ["here", "channel", "everyone"].map((range) => ({ written: `@${range}`, token: `<!${range}>` }));
  return [...people, ...channels, ...ranges].sort((a, b) => b.written.length - a.written.length);
}

// Typed text → message text, leaving code as it was typed.
export function encode(typed) {
  const known = names();
  return typed.split(/(```[\s\S]*?```|`[^`\n]+`)/).map((part, index) => (index % 2 ? escapeText(part) : encodeProse(part, known))).join("");
}

function encodeProse(text, known) {
  let out = "";
  let at = 0;
  while (at < text.length) {
    const hit = mentionAt(text, at, known) ?? addressAt(text, at);
    out += hit ? hit.token : escapeText(text[at]);
    at += hit ? hit.length : 1;
  }
  return out;
}

function mentionAt(text, at, known) {
  if (text[at] !== "@" && text[at] !== "#") return null;
  if (at > 0 && wordAfter.test(text[at - 1])) return null;
  const lower = text.slice(at, at + 120).toLowerCase();
  const hit = known.find(({ written }) => lower.startsWith(written.toLowerCase()) && !wordAfter.test(lower.slice(written.length)));
  return hit ? { token: hit.token, length: hit.written.length } : null;
}

function addressAt(text, at) {
  if (text[at] !== "h" || (at > 0 && wordAfter.test(text[at - 1]))) return null;
  const match = /https?:\/\/[^\s<>|`]+/iy;
  match.lastIndex = at;
  const found = match.exec(text)?.[0].replace(/[.,;:!?'"*_~)\]]+$/, "");
  return found ? { token: `<${escapeText(found)}>`, length: found.length } : null;
}

// Message text → what it looked like when it was typed.
export function decode(text) {
  const plain = text.replace(/<([^<>]+)>/g, (whole, inside) => {
    const [body, label] = inside.split("|");
    if (body.startsWith("@")) return `@${displayName(body.slice(1))}`;
    if (body.startsWith("#")) return `#${label ?? conversation(body.slice(1))?.name ?? body.slice(1)}`;
    if (body.startsWith("!")) return `@${body.slice(1)}`;
    return label && !body.endsWith(label) ? `${label} (${body})` : body;
  });
  return unescapeText(plain);
}
