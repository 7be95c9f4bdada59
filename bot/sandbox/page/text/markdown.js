// Standard Markdown as DOM, as the bot streams it: also while it is half written.

import { fragment, h } from "../lib/dom.js";
import { unescapeText } from "./entities.js";
import { inline, markdownInline } from "./inline.js";

const deepest = 6;
const fence = /^\s{0,3}(```+|~~~+)\s*([\w+#.-]*)\s*$/;
const heading = /^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const rule = /^\s{0,3}([-*_])(?:\s*\1){2,}\s*$/;
const quote = /^\s{0,3}(?:>|&gt;)\s?/;
const item = /^(\s*)([-*+•]|\d{1,9}[.)])\s+/;
const tableRule = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

// A link or image that has not arrived to its end, at the end of the text.
const unfinishedLink = /!?\[[^[\]\n]{0,200}(?:\](?:\([^()\s]*)?)?$/;

// partial: the text is still being streamed, so a link that is half there stays hidden until it is whole.
export function markdown(text, { partial = false } = {}) {
  const whole = partial ? closed(text.replace(unfinishedLink, "")) : text;
  return fragment(blocks(whole.replace(/\r\n?/g, "\n").split("\n"), 0));
}

// Ends the bold or code that the last line has begun and not yet ended.
function closed(text) {
  const last = text.slice(text.lastIndexOf("\n") + 1);
  for (const mark of ["`", "**"]) {
    const open = last.split(mark).length % 2 === 0;
    if (open && !fence.test(last)) return last.endsWith(mark) ? text.slice(0, -mark.length) : `${text.trimEnd()}${mark}`;
  }
  return text;
}

function blocks(lines, depth) {
  const nodes = [];
  let at = 0;
  while (at < lines.length) {
    const [node, next] = readBlock(lines, at, depth);
    if (node) nodes.push(node);
    at = next;
  }
  return nodes;
}

function readBlock(lines, at, depth) {
  const line = lines[at];
  if (!line.trim()) return [null, at + 1];
  if (fence.test(line)) return readFence(lines, at);
  if (heading.test(line)) return [readHeading(line), at + 1];
  if (rule.test(line)) return [h("hr"), at + 1];
  if (depth < deepest && quote.test(line)) return readQuote(lines, at, depth);
  if (depth < deepest && item.test(line)) return readList(lines, at, depth);
  if (startsTable(lines, at)) return readTable(lines, at);
  return readParagraph(lines, at, depth);
}

function readFence(lines, at) {
  const [, mark, language] = fence.exec(lines[at]);
  let end = at + 1;
  while (end < lines.length && !lines[end].trim().startsWith(mark)) end += 1;
  const code = unescapeText(lines.slice(at + 1, end).join("\n"));
  return [h("pre", { dataset: language ? { language } : {} }, h("code", {}, code)), end + 1];
}

function readHeading(line) {
  const [, marks, text] = heading.exec(line);
  return h(`h${Math.min(marks.length + 2, 6)}`, { class: `level-${marks.length}` }, inline(text, markdownInline));
}

function readQuote(lines, at, depth) {
  let end = at;
  while (end < lines.length && quote.test(lines[end])) end += 1;
  const inner = lines.slice(at, end).map((line) => line.replace(quote, ""));
  return [h("blockquote", {}, blocks(inner, depth + 1)), end];
}

function readList(lines, at, depth) {
  const [, , mark] = item.exec(lines[at]);
  const ordered = /\d/.test(mark);
  const items = [];
  let end = at;
  while (end < lines.length && continuesList(lines, end, at, ordered)) {
    const head = item.exec(lines[end]);
    const body = [lines[end].slice(head[0].length)];
    const indent = head[1].length;
    for (end += 1; end < lines.length && belongsToItem(lines, end, indent); end += 1) {
      body.push(lines[end].slice(Math.min(lines[end].search(/\S|$/), head[0].length)));
    }
    items.push(listItem(body, depth));
  }
  return [h(ordered ? "ol" : "ul", { start: ordered ? Number.parseInt(mark, 10) : null }, items), end];
}

function continuesList(lines, at, start, ordered) {
  const head = item.exec(lines[at]);
  return Boolean(head) && (at === start || /\d/.test(head[2]) === ordered) && !rule.test(lines[at]);
}

function belongsToItem(lines, at, indent) {
  const line = lines[at];
  if (!line.trim()) {
    const next = lines[at + 1] ?? "";
    return next.trim() !== "" && next.search(/\S/) > indent;
  }
  const deeper = line.search(/\S/) > indent;
  return deeper || !(item.test(line) || fence.test(line) || heading.test(line) || quote.test(line) || !lines[at - 1].trim());
}

function listItem(body, depth) {
  const task = /^\[([ xX])\]\s+/.exec(body[0]);
  const rest = task ? [body[0].slice(task[0].length), ...body.slice(1)] : body;
  const inner = blocks(rest, depth + 1).map((node) => (node.tagName === "P" ? [...node.childNodes] : node));
  if (!task) return h("li", {}, inner);
  const box = h("input", { type: "checkbox", disabled: true, checked: task[1] !== " " });
  return h("li", { class: "task" }, box, inner);
}

const cells = (row) => row.trim().replace(/^\||(?<!\\)\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replace(/\\\|/g, "|"));

function startsTable(lines, at) {
  return lines[at].includes("|") && at + 1 < lines.length && lines[at + 1].includes("-") && tableRule.test(lines[at + 1]);
}

function readTable(lines, at) {
  const aligns = cells(lines[at + 1]).map((cell) => (cell.endsWith(":") ? (cell.startsWith(":") ? "center" : "right") : "left"));
  const row = (tag, line) =>
    h("tr", {}, cells(line).map((cell, column) => h(tag, { class: `align-${aligns[column] ?? "left"}` }, inline(cell, markdownInline))));
  let end = at + 2;
  const body = [];
  for (; end < lines.length && lines[end].includes("|"); end += 1) body.push(row("td", lines[end]));
  const table = h("table", {}, h("thead", {}, row("th", lines[at])), h("tbody", {}, body));
  return [h("div", { class: "table-wrap", tabindex: "0" }, table), end];
}

function readParagraph(lines, at, depth) {
  let end = at + 1;
  while (end < lines.length && lines[end].trim() && !interrupts(lines, end, depth)) end += 1;
  const text = lines.slice(at, end).map((line) => line.trim()).join("\n");
  return [h("p", {}, inline(text, markdownInline)), end];
}

function interrupts(lines, at, depth) {
  const line = lines[at];
  if (fence.test(line) || heading.test(line) || rule.test(line) || startsTable(lines, at)) return true;
  return depth < deepest && (quote.test(line) || item.test(line));
}
