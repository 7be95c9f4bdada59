// Emoji by short name or character. The common ones are drawn from a sprite, so that they look alike everywhere.

import { h } from "./dom.js";
import { drawnEmoji, plainEmoji } from "./emoji_table.js";

const namespace = "http://www.w3.org/2000/svg";
const byName = new Map();
const byCharacter = new Map();
for (const [table, drawn] of [[drawnEmoji, true], [plainEmoji, false]]) {
  for (const [character, ...names] of table) {
    const entry = { character, name: names[0], drawn };
    for (const name of names) byName.set(name, entry);
    byCharacter.set(character, entry).set(character.replace(/\uFE0F/g, ""), entry);
  }
}

export const emojiNames = [...byName.keys()];

const characters = [...byCharacter.keys()].sort((a, b) => b.length - a.length);
const anyCharacter = new RegExp(characters.map((c) => (c.endsWith("\uFE0F") ? c : `${c}\uFE0F?`)).join("|"), "gu");

export function knowsEmoji(name) {
  return byName.has(baseName(name));
}

function baseName(name) {
  return name.split("::")[0];
}

export function emoji(name) {
  const entry = byName.get(baseName(name));
  if (!entry) return h("span", { class: "emoji-name" }, `:${name}:`);
  return emojiImage(entry);
}

function emojiImage(entry) {
  const label = { class: "emoji", role: "img", "aria-label": entry.name.replaceAll("_", " "), title: `:${entry.name}:` };
  if (!entry.drawn) return h("span", label, entry.character);
  const svg = document.createElementNS(namespace, "svg");
  svg.setAttribute("viewBox", "0 0 32 32");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(namespace, "use");
  use.setAttribute("href", `/page/static/emoji.svg#${spriteId(entry.name)}`);
  svg.append(use);
  return h("span", { ...label, class: "emoji drawn" }, svg);
}

function spriteId(name) {
  return { "+1": "thumbsup", "-1": "thumbsdown" }[name] ?? name;
}

// Text with the emoji characters that have a drawing replaced by it.
export function withEmoji(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(anyCharacter)) {
    const entry = byCharacter.get(match[0]) ?? byCharacter.get(match[0].replace(/\uFE0F/g, ""));
    if (!entry?.drawn) continue;
    if (match.index > from) nodes.push(text.slice(from, match.index));
    nodes.push(emojiImage(entry));
    from = match.index + match[0].length;
  }
  if (from < text.length) nodes.push(text.slice(from));
  return nodes;
}
