// rich_text blocks: sections, lists, quotes and preformatted text made of styled pieces.

import { h } from "../lib/dom.js";
import { emoji, withEmoji } from "../lib/emoji.js";
import { broadcast, channelMention, link, userMention } from "../text/links.js";

const containers = {
  rich_text_section: (element) => h("p", {}, pieces(element.elements)),
  rich_text_quote: (element) => h("blockquote", {}, pieces(element.elements)),
  rich_text_preformatted: (element) => h("pre", {}, h("code", {}, element.elements.map((piece) => piece.text ?? piece.url ?? ""))),
  rich_text_list: list,
};

export function richText(block) {
  return h("div", { class: "prose" }, block.elements.map((element) => containers[element.type]?.(element)));
}

function list(element) {
  const tag = element.style === "ordered" ? "ol" : "ul";
  const items = element.elements.map((item) => h("li", {}, pieces(item.elements ?? [])));
  return h(tag, { class: `indent-${Math.min(element.indent ?? 0, 8)}`, start: element.offset ? element.offset + 1 : null }, items);
}

const kinds = {
  text: (piece) => lines(piece.text),
  link: (piece) => link(piece.url, piece.text || piece.url),
  user: (piece) => userMention(piece.user_id),
  channel: (piece) => channelMention(piece.channel_id),
  broadcast: (piece) => broadcast(piece.range),
  usergroup: (piece) => h("span", { class: "mention" }, `@${piece.usergroup_id}`),
  emoji: (piece) => emoji(piece.name),
  date: (piece) => h("time", {}, piece.fallback ?? new Date(piece.timestamp * 1000).toLocaleString()),
  color: (piece) => h("code", {}, piece.value),
};

function lines(text) {
  return text.split("\n").flatMap((line, index) => [...(index ? [h("br")] : []), ...withEmoji(line)]);
}

function pieces(elements) {
  return elements.map((piece) => styled(kinds[piece.type]?.(piece) ?? piece.text ?? "", piece.style ?? {}));
}

function styled(content, style) {
  const tags = { code: "code", strike: "s", italic: "em", bold: "strong", underline: "u" };
  return Object.entries(tags).reduce((inner, [key, tag]) => (style[key] ? h(tag, {}, inner) : inner), content);
}
