// A coloured tile with initials for a person, a compass for the bot.

import { h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { displayName, isBot, person } from "../state/session.js";

export function avatar(userId, size = "normal") {
  if (isBot(userId)) return h("span", { class: `avatar bot ${size}`, "aria-hidden": "true" }, icon("compass"));
  const words = displayName(userId).split(/\s+/).filter(Boolean);
  const initials = words.length > 1 ? words[0][0] + words.at(-1)[0] : [...(words[0] ?? "?")].slice(0, 2).join("");
  return h("span", { class: `avatar ${size}`, "aria-hidden": "true", vars: { tile: colour(userId) } }, initials.toUpperCase());
}

function colour(userId) {
  const given = person(userId)?.color ?? "";
  const value = given.startsWith("#") ? given : `#${given}`;
  return /^#[0-9a-f]{3,8}$/i.test(value) ? value : "#6b7a80";
}
