// One conversation: its header, its messages and its composer.

import { h } from "../lib/dom.js";
import { on } from "../lib/events.js";
import { icon } from "../lib/icons.js";
import { go } from "../lib/routes.js";
import { attempt } from "../lib/toasts.js";
import { call } from "../state/api.js";
import { conversation, conversationName, isDirect, isPrivate, loadConversations, mayWrite, noteRead } from "../state/conversations.js";
import { findMessage, hasOlder, isLoaded, isReply, loadHistory, loadOlder, mainMessages } from "../state/messages.js";
import { promptsIn, statusIn } from "../state/presence.js";
import { readUpTo } from "../state/read_marks.js";
import { botTitle, isBot, isMe } from "../state/session.js";
import { acceptDrops } from "./drop_zone.js";
import { showChannelDetails } from "./channel_details.js";
import { Composer } from "./composer.js";
import { hintCard } from "./hint.js";
import { homeHeader } from "./home_view.js";
import { MessageList } from "./message_list.js";
import { headerShell } from "./pane_header.js";
import { statusLine } from "./status_line.js";

export class ChannelView {
  #off = [];
  #frame = null;

  constructor(channel) {
    this.channel = channel;
    this.readBefore = readUpTo(channel);
    this.newFrom = undefined; // ts of the first message that was unread when the channel was opened; null: none
    this.list = new MessageList({ channel, label: `Messages in ${this.title}`, intro: () => this.#intro() });
    this.foot = h("div", { class: "pane-foot" });
    this.header = h("div", { class: "pane-header-slot" });
    this.element = h("section", { class: "pane channel-pane", "aria-label": this.title }, this.header, this.list.element, this.list.newer, this.foot);
    acceptDrops(this.element, this.title, () => this.composer);
    this.#showFrame();
    this.#off = [
      on("messages", (id) => id === channel && this.#soon()),
      on("status", (at) => at.channel === channel && this.#soon()),
      on("prompts", (id) => id === channel && this.#soon()),
      on("conversations", () => this.#showFrame()),
    ];
  }

  get info() {
    return conversation(this.channel);
  }

  get title() {
    const name = this.info ? conversationName(this.info) : this.channel;
    return this.info && isDirect(this.info) ? name : `#${name}`;
  }

  async load() {
    if (isLoaded(this.channel)) this.#show();
    else await attempt(() => loadHistory(this.channel));
  }

  close() {
    this.#off.forEach((off) => off());
    cancelAnimationFrame(this.#frame);
  }

  focus() {
    this.composer?.focus();
  }

  // The message, null where there is none, undefined where it could not be loaded.
  async reveal(ts, threadTs) {
    const found = await attempt(() => findMessage(this.channel, ts, threadTs));
    this.#show();
    if (found) this.list.reveal(isReply(found) ? found.thread_ts : ts);
    return found;
  }

  // At most one repaint per frame, however fast a reply streams.
  #soon() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#show());
  }

  #show() {
    const all = mainMessages(this.channel);
    if (this.newFrom === undefined && isLoaded(this.channel)) this.newFrom = this.#firstUnread(all);
    this.list.update(all, { newFrom: this.newFrom, statusAt: (ts) => statusIn(this.channel, ts), footer: this.#footer() });
    const last = all.findLast((one) => !one.is_ephemeral);
    if (last && document.visibilityState === "visible") noteRead(this.channel, last.ts);
  }

  #firstUnread(all) {
    if (Number(this.readBefore ?? 0) === 0) return null;
    return all.find((one) => one.ts > this.readBefore && !isMe(one.user))?.ts ?? null;
  }

  #footer() {
    const status = statusIn(this.channel, null);
    const prompts = promptsIn(this.channel);
    if (!status && !prompts) return null;
    return h("div", { class: "log-foot" }, status && statusLine(status), prompts && this.#prompts(prompts));
  }

  #prompts({ title, list, threadTs }) {
    const ask = (prompt) => attempt(() => call("chat.postMessage", { channel: this.channel, text: prompt.message, thread_ts: threadTs }));
    return h(
      "div", { class: "prompts" }, title && h("p", { class: "muted" }, title),
      list.map((prompt) => h("button", { type: "button", class: "prompt", onclick: () => ask(prompt) }, icon("bulb"), prompt.title)),
    );
  }

  #intro() {
    if (hasOlder(this.channel)) {
      return h("button", { type: "button", class: "link-button older", onclick: () => attempt(() => loadOlder(this.channel)) }, "Show older messages");
    }
    if (!isLoaded(this.channel) || !this.info) return h("p", { class: "muted" }, "Loading…");
    return h("div", { class: "intro" }, h("h2", {}, isDirect(this.info) ? this.title : [icon(isPrivate(this.info) ? "lock" : "hash"), this.info.name]), h("p", { class: "muted" }, this.#introText()));
  }

  #introText() {
    if (isBot(this.info.user)) return `Ask ${botTitle()} anything here. Only you can see this conversation.`;
    if (isDirect(this.info)) return `This is the beginning of your conversation with ${this.title}.`;
    if (isPrivate(this.info)) return "This is the beginning of this private channel. Only its members can see it, and only they get answers from it.";
    return this.info.purpose?.value || "This is the beginning of this channel. Anybody in the workspace can see it.";
  }

  #showFrame() {
    if (!this.info) return;
    this.header.replaceChildren(this.#header(), hintCard((text) => this.composer?.fill(text)));
    const kind = mayWrite(this.info) ? "write" : this.info.is_archived ? "archived" : "join";
    if (kind === this.footKind) return;
    this.footKind = kind;
    if (kind === "write") {
      this.composer = new Composer({ channel: this.channel, placeholder: `Message ${this.title}` });
      this.foot.replaceChildren(this.composer.element);
    } else {
      this.composer = null;
      this.foot.replaceChildren(kind === "join" ? this.#joinBar() : h("p", { class: "bar muted" }, "This channel is archived."));
    }
  }

  #header() {
    const info = this.info;
    if (isBot(info.user)) return homeHeader("messages");
    if (isDirect(info)) return headerShell({ title: this.title });
    const details = () => showChannelDetails(this.channel);
    return headerShell({
      title: h("button", { type: "button", class: "title-button", onclick: details }, icon(isPrivate(info) ? "lock" : "hash"), info.name),
      about: info.topic?.value,
      actions: h("button", { type: "button", class: "members-button", onclick: details, "aria-label": `${info.num_members ?? ""} members, channel details` }, icon("people"), String(info.num_members ?? "")),
    });
  }

  #joinBar() {
    const join = () => attempt(async () => {
      await call("conversations.join", { channel: this.channel });
      await loadConversations();
      go({ channel: this.channel });
    });
    return h("div", { class: "bar" }, h("span", {}, `You are looking at ${this.title}.`), h("button", { type: "button", class: "button primary", onclick: join }, "Join channel"));
  }
}
