// The pane beside a channel that shows one thread.

import { h } from "../lib/dom.js";
import { on } from "../lib/events.js";
import { icon } from "../lib/icons.js";
import { attempt } from "../lib/toasts.js";
import { conversation, conversationName, isDirect, mayWrite } from "../state/conversations.js";
import { loadThread, threadMessages } from "../state/messages.js";
import { statusIn } from "../state/presence.js";
import { acceptDrops } from "./drop_zone.js";
import { Composer } from "./composer.js";
import { MessageList } from "./message_list.js";
import { statusLine } from "./status_line.js";

export class ThreadPane {
  #off;
  #frame = null;

  constructor(channel, rootTs, onClose) {
    Object.assign(this, { channel, rootTs });
    const info = conversation(channel);
    const place = info ? (isDirect(info) ? conversationName(info) : `#${conversationName(info)}`) : "";
    this.list = new MessageList({ channel, inThread: true, label: "Thread" });
    this.composer = info && mayWrite(info) ? new Composer({ channel, threadTs: rootTs, placeholder: "Reply…" }) : null;
    this.element = h(
      "aside", { class: "pane thread-pane", "aria-label": "Thread" },
      h(
        "header", { class: "pane-header" }, h("h1", {}, "Thread"), h("p", { class: "topic muted" }, place),
        h("div", { class: "header-actions" }, h("button", { type: "button", class: "icon-button", "aria-label": "Close thread", onclick: onClose }, icon("close"))),
      ),
      this.list.element, this.list.newer, h("div", { class: "pane-foot" }, this.composer?.element ?? null),
    );
    if (this.composer) acceptDrops(this.element, "this thread", () => this.composer);
    this.element.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && onClose());
    const here = (id) => id === channel && this.#soon();
    this.#off = [on("messages", here), on("status", (at) => here(at.channel))];
  }

  async load() {
    this.#show();
    await attempt(() => loadThread(this.channel, this.rootTs));
  }

  close() {
    this.#off.forEach((off) => off());
    cancelAnimationFrame(this.#frame);
    this.element.remove();
  }

  focus() {
    this.composer?.focus();
  }

  reveal(ts) {
    this.#show();
    return this.list.reveal(ts);
  }

  #soon() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#show());
  }

  #show() {
    const status = statusIn(this.channel, this.rootTs);
    this.list.update(threadMessages(this.channel, this.rootTs), { footer: status ? h("div", { class: "log-foot" }, statusLine(status)) : null });
  }
}
