// Bold, italics, code, links and the like inside one paragraph: Slack's mrkdwn and standard Markdown.

import { h } from "../lib/dom.js";
import { emoji, knowsEmoji, withEmoji } from "../lib/emoji.js";
import { unescapeText } from "./entities.js";
import { link } from "./links.js";
import { token } from "./tokens.js";

const deepest = 8;
const longestPair = 3000; // characters between the marks of one pair, so that hostile text costs little
const isWord = (character) => character !== undefined && /[\p{L}\p{N}]/u.test(character);
const isSpace = (character) => character === undefined || /\s/.test(character);

function code(source, at) {
  const ticks = /^`+/.exec(source.slice(at, at + 8))[0];
  const end = source.indexOf(ticks, at + ticks.length);
  if (end < 0 || end === at + ticks.length) return null;
  const text = unescapeText(source.slice(at + ticks.length, end).replace(/^ (.*\S.*) $/, "$1"));
  return { length: end + ticks.length - at, node: h("code", {}, text) };
}

function angle(source, at) {
  const end = source.indexOf(">", at);
  if (end < 0 || end - at > 3000) return null;
  const node = token(source.slice(at + 1, end));
  return node && { length: end + 1 - at, node };
}

function shortName(source, at) {
  const match = /:([a-z0-9_+'-]{1,60}(?:::skin-tone-\d)?):/y;
  match.lastIndex = at;
  const found = match.exec(source);
  return found && knowsEmoji(found[1]) ? { length: found[0].length, node: emoji(found[1]) } : null;
}

function bareAddress(source, at) {
  if (isWord(source[at - 1])) return null;
  const match = /https?:\/\/[^\s<>|"`]+/iy;
  match.lastIndex = at;
  const found = match.exec(source)?.[0].replace(/(?:[.,;:!?'*_~\]]|&(?:gt|lt);.*)+$/, "");
  if (!found) return null;
  const address = found.endsWith(")") && !found.includes("(") ? found.slice(0, -1) : found;
  return { length: address.length, node: link(unescapeText(address)) };
}

// A pair of marks around text, such as *bold*: opens after a non-word, closes before one, hugs its text.
function pair(mark, tag) {
  return (source, at, depth, style) => {
    const size = mark.length;
    if (!source.startsWith(mark, at) || isSpace(source[at + size]) || isWord(source[at - 1])) return null;
    if (source[at + size] === mark[0]) return null;
    const reach = source.slice(at, at + longestPair);
    for (let end = at + size; (end = reach.indexOf(mark, end - at + 1) + at) >= at; ) {
      if (isSpace(source[end - 1]) || (isWord(source[end + size]) && mark !== "**")) continue;
      const inner = inline(source.slice(at + size, end), style, depth + 1);
      return { length: end + size - at, node: h(tag, {}, inner) };
    }
    return null;
  };
}

function markdownLink(source, at, depth) {
  const offset = source[at] === "!" ? 1 : 0;
  if (source[at + offset] !== "[") return null;
  const match = /!?\[((?:[^[\]\n]|\[[^[\]\n]{0,200}\]|\\.){0,500})\]\(\s*<?((?:[^\s<>()]|\([^\s<>()]{0,500}\)){1,2000})>?(?:\s+"[^"\n]{0,300}")?\s*\)/y;
  match.lastIndex = at;
  const found = match.exec(source);
  if (!found) return null;
  const label = inline(found[1], markdownWithoutLinks, depth + 1);
  return { length: found[0].length, node: link(unescapeText(found[2]), label.length ? label : found[2]) };
}

function escaped(source, at) {
  const next = source[at + 1];
  return next && /[!-/:-@[-`{-~]/.test(next) ? { length: 2, node: next } : null;
}

const first = (...rules) => (...args) => {
  for (const rule of rules) {
    const hit = rule(...args);
    if (hit) return hit;
  }
  return null;
};

const common = { "`": code, "<": angle, ":": shortName, h: bareAddress };

export const mrkdwnInline = { ...common, "*": pair("*", "strong"), _: pair("_", "em"), "~": pair("~", "s") };

const markdownWithoutLinks = {
  "`": code, ":": shortName, "\\": escaped,
  "*": first(pair("***", "strong"), pair("**", "strong"), pair("*", "em")),
  _: first(pair("__", "strong"), pair("_", "em")),
  "~": first(pair("~~", "s"), pair("~", "s")),
};

export const markdownInline = { ...common, ...markdownWithoutLinks, "[": markdownLink, "!": markdownLink };

// The nodes for one run of text.
export function inline(source, style, depth = 0) {
  if (depth > deepest) return [unescapeText(source)];
  const nodes = [];
  let plainFrom = 0;
  let at = 0;
  const keepPlain = () => {
    if (at > plainFrom) nodes.push(...plain(source.slice(plainFrom, at)));
  };
  while (at < source.length) {
    const hit = style[source[at]]?.(source, at, depth, style);
    if (!hit) {
      at += 1;
      continue;
    }
    keepPlain();
    nodes.push(hit.node);
    at += hit.length;
    plainFrom = at;
  }
  keepPlain();
  return nodes;
}

function plain(source) {
  const lines = unescapeText(source).split("\n");
  return lines.flatMap((line, index) => [...(index ? [h("br")] : []), ...withEmoji(line)]);
}
