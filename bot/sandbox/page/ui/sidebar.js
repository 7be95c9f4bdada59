// The sidebar: whom one acts as, channels, direct messages and the app.

import { h, replaceContent } from "../lib/dom.js";
import { emit, on } from "../lib/events.js";
import { icon } from "../lib/icons.js";
import { go } from "../lib/routes.js";
import { attempt } from "../lib/toasts.js";
import { conversationName, directWith, groupDirects, isPrivate, myChannels, openDirect, unreadCount } from "../state/conversations.js";
import { botTitle, displayName, isMe, session } from "../state/session.js";
import { avatar } from "./avatar.js";
import { browseChannels, createChannel } from "./channel_dialogs.js";
import { switcher } from "./switcher.js";

export class Sidebar {
  #here = {}; // {channel} or {home: true}

  constructor() {
    this.body = h("div", { class: "sidebar-body" });
    this.top = h("div", { class: "sidebar-top" });
    this.element = h("nav", { class: "sidebar", "aria-label": "Workspace" }, this.top, this.body);
    on("conversations", () => this.show());
  }

  select(place) {
    this.#here = place;
    this.show();
  }

  show() {
    replaceContent(this.top, h("p", { class: "workspace-name" }, session.team.name), switcher());
    const focused = this.body.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    replaceContent(this.body, this.#channels(), this.#directs(), this.#apps());
    if (focused) this.body.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  #channels() {
    const rows = myChannels().map((one) => this.#row({
      id: one.id, face: icon(isPrivate(one) ? "lock" : "hash"), name: one.name, label: isPrivate(one) ? `${one.name}, private` : one.name, run: () => go({ channel: one.id }),
    }));
    return section("Channels", rows, [
      h("button", { type: "button", class: "row quiet-row", onclick: browseChannels }, h("span", { class: "row-face" }, icon("menu")), "Browse channels"),
      h("button", { type: "button", class: "row quiet-row", onclick: createChannel }, h("span", { class: "row-face" }, icon("plus")), "Create a channel"),
    ]);
  }

  #directs() {
    const ids = [session.bot?.user_id, ...session.people.map((one) => one.id)].filter(Boolean);
    const rows = ids.map((id) => this.#directRow(id));
    const groups = groupDirects().map((one) => this.#row({ id: one.id, face: icon("people"), name: conversationName(one), run: () => go({ channel: one.id }) }));
    return section("Direct messages", [...rows, ...groups]);
  }

  #directRow(userId) {
    const open = () => attempt(async () => go({ channel: await openDirect(userId) }));
    const name = isMe(userId) ? `${displayName(userId)} (you)` : displayName(userId);
    return this.#row({ id: directWith(userId)?.id ?? userId, face: avatar(userId, "small"), name, run: open });
  }

  #apps() {
    if (!session.bot) return null;
    const row = this.#row({ id: "home", face: avatar(session.bot.user_id, "small"), name: botTitle(), run: () => go({ home: true }) });
    return section("Apps", [row]);
  }

  #row({ id, face, name, label = name, run }) {
    const current = this.#here.home ? id === "home" : id === this.#here.channel;
    const unread = unreadCount(id);
    return h(
      "button",
      {
        type: "button", class: unread ? "row unread" : "row", "aria-current": current ? "page" : null, dataset: { focus: `row-${id}`, row: id },
        "aria-label": unread ? `${label}, ${unread} unread` : label, onclick: () => { emit("drawer", false); run(); },
      },
      h("span", { class: "row-face" }, face), h("span", { class: "row-name" }, name), unread > 0 && h("span", { class: "unread-count" }, String(unread)),
    );
  }
}

function section(title, rows, extra = []) {
  return h("section", { class: "side-section" }, h("h2", {}, title), rows, extra);
}
