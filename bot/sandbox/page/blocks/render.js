// Block Kit blocks as DOM. Each kind of block is one entry; an unknown kind says so instead of vanishing.

import { h } from "../lib/dom.js";
import { fileCard } from "../ui/file_card.js";
import { markdown } from "../text/markdown.js";
import { elementNode } from "./elements.js";
import { contextActions } from "./feedback.js";
import { imageNode } from "./image.js";
import { inputBlock } from "./input_block.js";
import { planBlock, taskCard } from "./plan.js";
import { richText } from "./rich_text.js";
import { tableBlock } from "./table.js";
import { plainText, textObject } from "./text_object.js";

const kinds = {
  header: (block) => h("h3", { class: "block-header" }, plainText(block.text.text)),
  section: sectionBlock,
  divider: () => h("hr", { class: "block-divider" }),
  context: (block) => h("div", { class: "block-context" }, block.elements.map(contextElement)),
  actions: (block, place) => h("div", { class: "block-actions" }, block.elements.map((one) => elementNode(one, block, place))),
  context_actions: contextActions,
  rich_text: richText,
  markdown: (block, place) => h("div", { class: "prose" }, markdown(block.text, { partial: Boolean(place.message?.streaming) })),
  image: (block) => h("figure", {}, block.title && h("figcaption", {}, plainText(block.title.text)), imageNode(block)),
  input: inputBlock,
  file: fileBlock,
  table: tableBlock,
  plan: planBlock,
  task_card: taskCard,
  alert: (block) => h("div", { class: `block-alert ${block.level ?? "info"}`, role: "note" }, textObject(block.text)),
};

// place: {channel, message, view, form}
export function renderBlocks(blocks, place) {
  return h("div", { class: "blocks" }, blocks.map((block) => {
    const kind = kinds[block.type];
    if (!kind) return h("p", { class: "muted" }, `(This page cannot show a block of type “${block.type}”.)`);
    return kind(block, place);
  }));
}

function sectionBlock(block, place) {
  return h(
    "div", { class: "block-section" },
    h(
      "div", { class: "section-text" },
      block.text && h("div", { class: "prose" }, textObject(block.text)),
      block.fields && h("div", { class: "section-fields" }, block.fields.map((field) => h("div", { class: "prose" }, textObject(field)))),
    ),
    block.accessory && h("div", { class: "section-accessory" }, elementNode(block.accessory, block, place)),
  );
}

function contextElement(element) {
  if (element.type === "image") return imageNode(element, "context-image");
  return h("div", { class: "prose" }, textObject(element));
}

function fileBlock(block, place) {
  const file = place.message?.files?.find((one) => one.id === block.file_id || one.external_id === block.external_id);
  return file ? fileCard(file) : null;
}
