// Links, mentions and channel names. Only http(s) and mailto addresses ever become links.

import { h } from "../lib/dom.js";
import { go, placeOf } from "../lib/routes.js";
import { conversation } from "../state/conversations.js";
import { displayName, isMe, knownUser } from "../state/session.js";

const allowed = new Set(["http:", "https:", "mailto:"]);

export function safeAddress(address) {
  try {
    const url = new URL(address, location.origin);
    return allowed.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export function link(address, content) {
  const href = safeAddress(address);
  const shown = content ?? address;
  if (!href) return h("span", {}, shown);
  const place = placeOf(href);
  if (place && (place.ts || place.file || place.channel)) return placeLink(href, place, shown);
  return h("a", { href, title: href, target: "_blank", rel: "noopener noreferrer nofollow", class: citationClass(shown) }, shown);
}

function placeLink(href, place, shown) {
  const follow = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    go(place);
  };
  const kind = place.file ? "Open the file" : "Show the message";
  return h("a", { href, onclick: follow, class: `${citationClass(shown)} inside`.trim(), title: kind }, shown);
}

// "[3]" or "3" as the whole text of a link is the number of a source.
function citationClass(shown) {
  const text = Array.isArray(shown) ? shown.map((node) => node.textContent ?? node).join("") : String(shown);
  return /^\[?\d{1,2}\]?$/.test(text.trim()) ? "citation" : "";
}

export function userMention(id, label) {
  const name = knownUser(id) ? displayName(id) : label || displayName(id);
  return h("span", { class: isMe(id) ? "mention me" : "mention" }, `@${name}`);
}

export function channelMention(id, label) {
  const known = conversation(id);
  const name = `#${known?.name ?? (label || id)}`;
  if (!known) return h("span", { class: "mention" }, name);
  return h("a", {
    class: "mention", href: `/#/${id}`, onclick: (event) => { event.preventDefault(); go({ channel: id }); },
  }, name);
}

export const broadcast = (range) => h("span", { class: "mention me" }, `@${range}`);
