// A small searchable grid of emoji.

import { h, replaceContent } from "../lib/dom.js";
import { emoji, emojiNames } from "../lib/emoji.js";
import { openPopover } from "../lib/popover.js";

export function pickEmoji(anchor, onPick) {
  const grid = h("div", { class: "emoji-grid", role: "listbox", "aria-label": "Emoji" });
  const search = h("input", {
    type: "search", class: "text-input", placeholder: "Search emoji", "aria-label": "Search emoji", autofocus: true,
    oninput: () => show(search.value),
    onkeydown: (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      grid.querySelector("button")?.click();
    },
  });
  const pick = (name) => { close(); onPick(name); };
  const show = (wanted) => {
    const term = wanted.trim().toLowerCase().replaceAll(":", "");
    const names = emojiNames.filter((name) => name.includes(term) && name !== "thumbsup" && name !== "thumbsdown");
    replaceContent(grid, names.length ? names.map((name) =>
      h("button", { type: "button", role: "option", title: `:${name}:`, "aria-label": name.replaceAll("_", " "), onclick: () => pick(name) }, emoji(name)),
    ) : h("p", { class: "muted" }, "No such emoji here."));
  };
  show("");
  const close = openPopover(anchor, h("div", { class: "emoji-picker" }, search, grid), { align: "end" });
  search.focus({ preventScroll: true });
}
