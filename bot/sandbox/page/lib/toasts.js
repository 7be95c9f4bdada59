// Short notices at the foot of the page, read out to screen readers.

import { h } from "./dom.js";
import { icon } from "./icons.js";

let host;

export function toast(text, kind = "info") {
  host ??= document.body.appendChild(h("div", { class: "toasts", popover: "manual", role: "status", "aria-live": "polite" }));
  if (host.matches(":popover-open")) host.hidePopover(); // shown again, so that it lies above any dialog
  host.showPopover();
  const item = h("div", { class: `toast ${kind}` }, h("span", {}, text));
  const remove = () => {
    item.remove();
    if (!host.children.length && host.matches(":popover-open")) host.hidePopover();
  };
  item.append(h("button", { type: "button", class: "icon-button", "aria-label": "Dismiss notice", onclick: remove }, icon("close")));
  host.append(item);
  setTimeout(remove, kind === "error" ? 9000 : 4500);
}

// Runs an action and says in words why it failed; returns its result, or undefined after a failure.
export async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    if (!error.forPeople) throw error;
    toast(error.message, "error");
    return undefined;
  }
}
