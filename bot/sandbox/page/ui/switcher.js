// Chooses whom this tab acts as; another person can be opened in a tab of their own.

import { h } from "../lib/dom.js";
import { emit } from "../lib/events.js";
import { icon } from "../lib/icons.js";
import { openPopover } from "../lib/popover.js";
import { displayName, isMe, session } from "../state/session.js";
import { avatar } from "./avatar.js";

export function switcher() {
  return h(
    "button", { type: "button", class: "switcher", "aria-haspopup": "dialog", "aria-label": `Acting as ${displayName(session.me.id)}. Change`, onclick: (event) => open(event.currentTarget) },
    avatar(session.me.id), h("span", { class: "switcher-words" }, h("small", {}, "Acting as"), h("span", { class: "switcher-name" }, displayName(session.me.id))), icon("chevron"),
  );
}

function open(anchor) {
  const rows = session.people.map((one) => personRow(one, () => { close(); if (!isMe(one.id)) emit("act-as", one); }));
  const close = openPopover(anchor, h("div", { class: "people-menu" }, h("p", { class: "muted" }, "Act as somebody else"), rows));
}

function personRow(one, choose) {
  return h(
    "div", { class: "person-row" },
    h(
      "button", { type: "button", class: "menu-item", "aria-pressed": String(isMe(one.id)), onclick: choose, dataset: { person: one.id } },
      avatar(one.id, "small"), h("span", { class: "person-name" }, displayName(one.id)), one.is_admin && h("span", { class: "badge" }, "Admin"), one.is_guest && h("span", { class: "badge" }, "Guest"), isMe(one.id) && icon("check"),
    ),
    h("a", { class: "icon-button", href: `/?as=${encodeURIComponent(one.id)}`, target: "_blank", "aria-label": `Open a tab as ${displayName(one.id)}`, title: "Open in a tab of their own" }, icon("newTab")),
  );
}
