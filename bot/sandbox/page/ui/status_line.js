// "Journeyman is thinking…", with three breathing dots.

import { h } from "../lib/dom.js";
import { botTitle } from "../state/session.js";

export function statusLine(status) {
  const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
  return h("p", { class: "status-line", role: "status" }, dots, `${botTitle()} ${status}`);
}
