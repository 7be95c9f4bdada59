// Slack's <…> tokens: mentions, channels, dates, links.

import { h } from "../lib/dom.js";
import { dateText } from "./dates.js";
import { unescapeText } from "./entities.js";
import { broadcast, channelMention, link, userMention } from "./links.js";

// The node for the inside of <…>, or null when it is not one of Slack's tokens.
export function token(inside) {
  const bar = inside.indexOf("|");
  const body = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : unescapeText(inside.slice(bar + 1));
  if (/^@[UWB][A-Z0-9]+$/.test(body)) return userMention(body.slice(1), label);
  if (/^#[CGD][A-Z0-9]+$/.test(body)) return channelMention(body.slice(1), label);
  if (body.startsWith("!")) return special(body.slice(1), label);
  if (/^(https?:\/\/|mailto:)/i.test(body)) {
    const address = unescapeText(body);
    return link(address, label || address.replace(/^mailto:/i, ""));
  }
  return null;
}

function special(body, label) {
  if (["here", "channel", "everyone"].includes(body)) return broadcast(body);
  const [kind, seconds, format] = body.split("^");
  if (kind === "date") return h("time", {}, Number(seconds) ? dateText(Number(seconds), format ?? "") : label);
  return label ? h("span", {}, label) : null;
}
