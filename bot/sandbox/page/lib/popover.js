// Small floating panels (menus, the emoji picker) that close by themselves on Escape or a click elsewhere.

import { h } from "./dom.js";

// Opens `content` beside `anchor`; returns a function that closes it.
export function openPopover(anchor, content, { className = "", align = "start" } = {}) {
  const panel = h("div", { class: `popover ${className}`.trim(), popover: "auto" }, content);
  (anchor.closest("dialog") ?? document.body).append(panel);
  panel.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    panel.remove();
    if (document.activeElement === document.body) anchor.focus?.({ preventScroll: true });
  });
  panel.showPopover();
  place(panel, anchor.getBoundingClientRect(), align);
  panel.querySelector("[autofocus], button, input")?.focus({ preventScroll: true });
  return () => panel.isConnected && panel.hidePopover();
}

function place(panel, anchor, align) {
  const { width, height } = panel.getBoundingClientRect();
  const below = anchor.bottom + 6;
  const top = below + height <= innerHeight - 8 ? below : Math.max(8, anchor.top - height - 6);
  const left = align === "end" ? anchor.right - width : anchor.left;
  panel.style.top = `${top}px`;
  panel.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
}

// items: {label, icon?, danger?, run} or null for a separating line
export function openMenu(anchor, items, options = {}) {
  const list = h("div", { class: "menu", role: "menu", onkeydown: moveInMenu });
  const close = openPopover(anchor, list, { align: "end", ...options });
  list.append(
    ...items.map((item) =>
      item === null
        ? h("hr", { role: "separator" })
        : h(
            "button",
            {
              type: "button", role: "menuitem", class: item.danger ? "menu-item danger" : "menu-item",
              onclick: () => { close(); item.run(); },
            },
            item.icon ?? null, item.label,
          ),
    ),
  );
  place(list.parentElement, anchor.getBoundingClientRect(), options.align ?? "end");
  list.querySelector("button")?.focus({ preventScroll: true });
  return close;
}

function moveInMenu(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const buttons = [...event.currentTarget.querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement);
  buttons[(at + step + buttons.length) % buttons.length].focus();
}
