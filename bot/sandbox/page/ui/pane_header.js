// The bar on top of a pane: the way to the sidebar on narrow screens, a title, and actions.

import { h } from "../lib/dom.js";
import { emit } from "../lib/events.js";
import { icon } from "../lib/icons.js";

export function headerShell({ title, about, actions }) {
  return h(
    "header", { class: "pane-header" },
    h("button", { type: "button", class: "icon-button only-narrow", "aria-label": "Show channels", onclick: () => emit("drawer", true) }, icon("menu")),
    h("h1", {}, title), about && h("p", { class: "topic muted", title: about }, about),
    h("div", { class: "header-actions" }, actions ?? null),
  );
}
