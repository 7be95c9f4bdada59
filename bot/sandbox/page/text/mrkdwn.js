// Slack's own text format (mrkdwn) as DOM: code fences, quotes and lists, with inline styles inside.

import { fragment, h } from "../lib/dom.js";
import { unescapeText } from "./entities.js";
import { inline, mrkdwnInline } from "./inline.js";

export function mrkdwn(text) {
  const parts = text.split(/(```[\s\S]*?```)/);
  return fragment(parts.map((part, index) => (index % 2 ? fenced(part) : lines(part))));
}

const fenced = (part) => h("pre", {}, h("code", {}, unescapeText(part.slice(3, -3).replace(/^\n|\n$/g, ""))));

const kinds = [
  ["quote", /^(?:&gt;|>) ?/],
  ["bullets", /^\s*[-•◦] +/],
  ["numbers", /^\s*\d{1,3}[.)] +/],
];

function kindOf(line) {
  return kinds.find(([, pattern]) => pattern.test(line)) ?? ["text", /^/];
}

function lines(text) {
  const blocks = [];
  for (const line of text.replace(/^\n|\n$/g, "").split("\n")) {
    const [kind, mark] = kindOf(line);
    const last = blocks.at(-1);
    const item = { mark: mark.exec(line)[0].trim(), text: line.replace(mark, "") };
    if (last?.kind === kind) last.items.push(item);
    else blocks.push({ kind, items: [item] });
  }
  return blocks.map(block);
}

function block({ kind, items }) {
  if (kind === "quote") return h("blockquote", {}, inline(joined(items), mrkdwnInline));
  if (kind === "text") return joined(items).trim() ? h("p", {}, inline(joined(items), mrkdwnInline)) : null;
  const start = kind === "numbers" ? Number.parseInt(items[0].mark, 10) : null;
  return h(
    kind === "numbers" ? "ol" : "ul", { start },
    items.map((item) => h("li", {}, inline(item.text, mrkdwnInline))),
  );
}

const joined = (items) => items.map((item) => item.text).join("\n");
