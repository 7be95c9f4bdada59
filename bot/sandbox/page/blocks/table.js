// table blocks: the first row is the heading.

import { h } from "../lib/dom.js";
import { plainText } from "./text_object.js";
import { richText } from "./rich_text.js";

export function tableBlock(block) {
  const [head = [], ...rows] = block.rows;
  const settings = block.column_settings ?? [];
  const row = (tag, cells) =>
    h("tr", {}, cells.map((cell, column) => h(tag, { class: `align-${settings[column]?.align ?? "left"}` }, cellContent(cell))));
  const table = h("table", {}, h("thead", {}, row("th", head)), h("tbody", {}, rows.map((cells) => row("td", cells))));
  return h("div", { class: "table-wrap prose", tabindex: "0" }, table);
}

function cellContent(cell) {
  if (cell.type === "rich_text") return richText(cell);
  if (cell.type === "raw_number") return String(cell.text ?? cell.value);
  return plainText(cell.text ?? "");
}
