// A modal dialog with a title, a body and its buttons; Escape and the cross close it.

import { h, uniqueId } from "../lib/dom.js";
import { icon } from "../lib/icons.js";

// Returns {element, body, form, close, busy}. onClose runs however the dialog was closed.
export function showDialog({ title, body, submit, cancel = "Cancel", danger = false, wide = false, onSubmit, onClose, focus }) {
  const titleId = uniqueId("dialog-title");
  const submitButton = submit && h("button", { type: "submit", class: danger ? "button danger" : "button primary" }, submit);
  const close = () => element.open && element.close();
  const form = h(
    "form", { method: "dialog", novalidate: true, onsubmit: (event) => { event.preventDefault(); onSubmit?.(); } },
    h(
      "header", {}, h("h2", { id: titleId }, title),
      h("button", { type: "button", class: "icon-button", "aria-label": "Close", onclick: close }, icon("close")),
    ),
    h("div", { class: "dialog-body" }, body),
    submitButton && h("footer", {}, h("button", { type: "button", class: "button", onclick: close }, cancel), submitButton),
  );
  const element = h("dialog", { class: wide ? "dialog wide" : "dialog", "aria-labelledby": titleId }, form);
  element.addEventListener("close", () => { element.remove(); onClose?.(); });
  element.addEventListener("pointerdown", (event) => { if (event.target === element) close(); });
  document.body.append(element);
  element.showModal();
  (focus ?? form.querySelector(".dialog-body :is(input, textarea, select):not([type=hidden])") ?? submitButton)?.focus?.();
  return { element, form, close, busy: (on) => submitButton && (submitButton.disabled = on) };
}
