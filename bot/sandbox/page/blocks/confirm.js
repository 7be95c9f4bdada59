// The "Are you sure?" dialog that an element may ask for.

import { h } from "../lib/dom.js";
import { showDialog } from "../ui/dialog.js";
import { textObject } from "./text_object.js";

// Resolves to true when there is nothing to confirm or the person agreed.
export function confirmed(confirm) {
  if (!confirm) return Promise.resolve(true);
  return new Promise((resolve) => {
    const dialog = showDialog({
      title: confirm.title?.text ?? "Are you sure?",
      body: h("div", { class: "prose" }, textObject(confirm.text)),
      submit: confirm.confirm?.text ?? "Yes",
      cancel: confirm.deny?.text ?? "Cancel",
      danger: confirm.style === "danger",
      onSubmit: () => { resolve(true); dialog.close(); },
      onClose: () => resolve(false),
    });
  });
}
