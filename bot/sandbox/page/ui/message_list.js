// A scrolling log of messages that changes only what changed and stays where the reader is.

import { h, swap } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { dayKey, dayName } from "../lib/time.js";
import { isMe } from "../state/session.js";
import { authorOf, isQuiet, messageNode } from "./message.js";

const sameBreath = 300; // seconds within which one author's messages stand together

export class MessageList {
  #shown = new Map(); // key → {node, signature}
  #channel;
  #inThread;
  #intro;

  constructor({ channel, inThread = false, label, intro = null }) {
    this.#channel = channel;
    this.#inThread = inThread;
    this.#intro = intro;
    this.rows = h("div", { class: "rows" });
    this.element = h(
      "div", { class: "log", role: "log", "aria-live": "off", "aria-label": label, tabindex: "0", onkeydown: (event) => this.#walk(event) },
      h("div", { class: "log-top" }), this.rows,
    );
    this.newer = h("button", { type: "button", class: "newer", hidden: true, onclick: () => this.toBottom() }, "New messages", icon("chevron"));
    const sizes = new ResizeObserver(() => this.#stuck && !this.#isEditing() && this.toBottom()); // also for images that arrive late
    sizes.observe(this.element);
    sizes.observe(this.rows);
    this.element.addEventListener("scroll", () => this.#scrolled(), { passive: true });
  }

  #stuck = true; // follows the newest message
  #lastTop = 0;

  #follow() {
    this.#stuck = true;
    this.newer.hidden = true;
  }

  // Only a reader's own scrolling upwards unsticks the list; growing content does not.
  #scrolled() {
    const top = this.element.scrollTop;
    if (this.nearBottom()) this.#follow();
    else if (top < this.#lastTop) this.#stuck = false;
    this.#lastTop = top;
  }

  // newFrom: ts of the first unread message; statusAt(ts): what the bot is doing about that message; footer: a last node
  update(messages, { newFrom = null, statusAt = () => "", footer = null } = {}) {
    const last = messages.at(-1);
    const isNew = last && this.#shown.size > 0 && !this.#shown.has(last.ts);
    if (isNew && isMe(authorOf(last))) this.#stuck = true;
    if (isNew && !this.#stuck) this.newer.hidden = false;
    const stay = this.#stuck ? null : this.#anchor();
    const entries = this.#entries(messages, newFrom, statusAt);
    const wanted = new Map(entries.map((entry) => [entry.key, entry]));
    for (const [key, { node }] of this.#shown) {
      if (!wanted.has(key)) { node.remove(); this.#shown.delete(key); }
    }
    let next = this.rows.firstChild;
    for (const entry of entries) {
      const replaced = this.#shown.get(entry.key)?.node;
      const node = this.#fresh(entry);
      if (next && replaced === next) next = node;
      if (node !== next) this.rows.insertBefore(node, next);
      next = node.nextSibling;
    }
    this.#footer?.remove();
    this.#footer = footer;
    if (footer) this.element.append(footer);
    if (this.#intro) this.element.querySelector(".log-top").replaceChildren(this.#intro());
    if (messages.length) setTimeout(() => this.element.setAttribute("aria-live", "polite")); // the first load is not read out
    if (stay) this.element.scrollTop += stay.node.isConnected ? stay.node.getBoundingClientRect().top - stay.top : 0;
    else if (!this.#isEditing()) this.toBottom();
  }

  #footer = null;

  #isEditing() {
    return isEdited(this.rows);
  }

  #fresh(entry) {
    const known = this.#shown.get(entry.key);
    if (known && isEdited(known.node)) return known.node; // shown anew when the editing ends
    if (known && known.signature.every((part, index) => part === entry.signature[index])) return known.node;
    const node = entry.build();
    if (known) {
      if (known.node.classList.contains("flash")) node.classList.add("flash");
      swap(known.node, node);
    }
    this.#shown.set(entry.key, { node, signature: entry.signature });
    return node;
  }

  #entries(messages, newFrom, statusAt) {
    const entries = [];
    let before = null; // the message that the next one may lean on
    let day = this.#inThread ? dayKey(messages[0]?.ts) : null;
    for (const message of messages) {
      if (day !== dayKey(message.ts)) {
        day = dayKey(message.ts);
        entries.push(line(`day-${day}`, dayName(message.ts), "day-line"));
        before = null;
      }
      if (message.ts === newFrom) entries.push(line("new", "New", "new-line"));
      entries.push(this.#entry(message, before, statusAt(message.ts)));
      before = message;
      if (this.#inThread && message === messages[0] && messages.length > 1) {
        const replies = messages.length - 1;
        entries.push(line("replies", replies === 1 ? "1 reply" : `${replies} replies`, "reply-line"));
        before = null;
      }
    }
    return entries;
  }

  #entry(message, before, status) {
    const compact = Boolean(before) && !isQuiet(before) && !isQuiet(message) && !message.is_ephemeral && !before.is_ephemeral &&
      authorOf(before) === authorOf(message) && Number(message.ts) - Number(before.ts) < sameBreath;
    return {
      key: message.ts, signature: [message, compact, status],
      build: () => messageNode(this.#channel, message, { compact, status, inThread: this.#inThread }),
    };
  }

  nearBottom() {
    return this.element.scrollHeight - this.element.scrollTop - this.element.clientHeight < 60;
  }

  toBottom() {
    this.element.scrollTop = this.element.scrollHeight;
    this.#follow();
  }

  #anchor() {
    const top = this.element.getBoundingClientRect().top;
    const node = [...this.rows.children].find((child) => child.getBoundingClientRect().bottom > top);
    return node ? { node, top: node.getBoundingClientRect().top } : null;
  }

  // Scrolls to a message and lights it up for a moment; false where it is not in the list.
  reveal(ts) {
    const node = this.#shown.get(ts)?.node;
    if (!node) return false;
    node.scrollIntoView({ block: "center" });
    this.#stuck = this.nearBottom();
    node.classList.add("flash");
    node.addEventListener("animationend", () => node.classList.remove("flash"));
    node.focus({ preventScroll: true });
    return true;
  }

  #walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const isMessage = event.target.matches?.(".message") || event.target === this.element;
    if (!step || !isMessage) return;
    event.preventDefault();
    const all = [...this.rows.querySelectorAll(".message")];
    const at = all.indexOf(event.target);
    const next = at < 0 ? all.at(-1) : all[at + step];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }
}

const isEdited = (node) => node.querySelector(".edit-box") !== null;

function line(key, text, className) {
  return { key, signature: [text], build: () => h("div", { class: `line ${className}`, role: "separator" }, h("span", {}, text)) };
}
