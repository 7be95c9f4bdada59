// Where a person writes: text, files, mentions and slash commands, for a channel or for a thread.

import { h } from "../lib/dom.js";
import { emit } from "../lib/events.js";
import { icon } from "../lib/icons.js";
import { attempt, toast } from "../lib/toasts.js";
import { act, call } from "../state/api.js";
import { session } from "../state/session.js";
import { directWith } from "../state/conversations.js";
import { encode } from "../text/writing.js";
import { autocomplete } from "./autocomplete.js";
import { pickEmoji } from "./emoji_picker.js";
import { UploadTray } from "./uploads.js";

const drafts = new Map();

export class Composer {
  #sending = false;

  constructor({ channel, threadTs, placeholder }) {
    Object.assign(this, { channel, threadTs });
    this.draftKey = `${session.me.id}:${channel}:${threadTs ?? ""}`;
    this.area = h("textarea", {
      class: "composer-text", rows: 1, placeholder, "aria-label": placeholder, value: drafts.get(this.draftKey) ?? "",
      oninput: () => this.#changed(), onkeydown: (event) => this.#key(event), onpaste: (event) => this.#paste(event),
      onclick: () => this.suggestions.refresh(),
    });
    this.suggestions = autocomplete(this.area);
    this.tray = new UploadTray(() => this.#showState());
    this.element = h(
      "form", { class: "composer", onsubmit: (event) => { event.preventDefault(); this.send(); } },
      this.suggestions.list, h("div", { class: "composer-box" }, this.tray.element, this.area, this.#buttons()),
    );
    this.#showState();
    requestAnimationFrame(() => this.#grow());
  }

  #buttons() {
    this.picker = h("input", { type: "file", multiple: true, class: "visually-hidden", tabindex: "-1", "aria-label": "Files to attach", onchange: () => {
      this.tray.add([...this.picker.files]);
      this.picker.value = "";
      this.area.focus();
    } });
    const tool = (label, name, onclick) => h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick }, icon(name));
    this.sendButton = h("button", { type: "submit", class: "send-button", "aria-label": "Send", title: "Send" }, icon("send"));
    return h(
      "div", { class: "composer-tools" }, this.picker,
      tool("Attach a file", "paperclip", () => this.picker.click()),
      tool("Emoji", "smile", (event) => pickEmoji(event.currentTarget, (name) => this.insert(`:${name}: `))),
      tool("Mention somebody", "at", () => this.insert(this.#needsSpace() ? " @" : "@")),
      h("span", { class: "composer-hint muted" }, h("kbd", {}, "Enter"), " sends · ", h("kbd", {}, "Shift+Enter"), " new line"),
      this.sendButton,
    );
  }

  #needsSpace() {
    const before = this.area.value.slice(0, this.area.selectionStart);
    return before !== "" && !/\s$/.test(before);
  }

  insert(text) {
    this.area.focus();
    this.area.setRangeText(text, this.area.selectionStart, this.area.selectionEnd, "end");
    this.#changed();
  }

  fill(text) {
    this.area.value = text;
    this.area.focus();
    this.#changed();
    this.suggestions.close();
  }

  addFiles(files) {
    this.tray.add(files);
    this.area.focus();
  }

  focus() {
    this.area.focus({ preventScroll: true });
  }

  #changed() {
    drafts.set(this.draftKey, this.area.value);
    this.suggestions.refresh();
    this.#grow();
    this.#showState();
  }

  #grow() {
    this.area.style.height = "auto";
    this.area.style.height = `${Math.min(this.area.scrollHeight, 240)}px`;
  }

  #showState() {
    const something = this.area.value.trim() !== "" || this.tray.count > 0;
    this.sendButton.disabled = !something || this.tray.isUploading || this.#sending;
  }

  #paste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    this.addFiles(files);
  }

  #key(event) {
    if (this.suggestions.onKey(event)) return;
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.send();
  }

  async send() {
    const typed = this.area.value.trim();
    if (this.#sending || (!typed && !this.tray.count)) return;
    if (this.tray.isUploading) {
      toast("Wait until the files are uploaded, then send.");
      return;
    }
    const command = this.tray.count ? null : /^\/([\w-]+)(?:\s+([\s\S]*))?$/.exec(typed);
    this.#sending = true;
    this.#showState();
    const sent = await attempt(() => (command ? this.#runCommand(`/${command[1]}`, command[2] ?? "") : this.#post(encode(typed))));
    this.#sending = false;
    if (sent !== undefined && this.area.value.trim() === typed) this.fill("");
    this.#showState();
  }

  async #post(text) {
    const files = this.tray.count;
    if (files) await this.tray.share(this.channel, { text, threadTs: this.threadTs });
    else await call("chat.postMessage", { channel: this.channel, text, thread_ts: this.threadTs });
    const toBot = session.bot && (text.includes(`<@${session.bot.user_id}>`) || directWith(session.bot.user_id)?.id === this.channel);
    emit("did", files ? "file" : toBot ? "ask" : "fact");
    return true;
  }

  async #runCommand(command, text) {
    if (!session.commands.some((one) => one.command === command)) {
      toast(`There is no command ${command} here. Type / to see those that there are.`, "error");
      return undefined;
    }
    if (this.threadTs) {
      toast(`${command} does not work inside a thread. Use it in the channel.`, "error");
      return undefined;
    }
    await act("command", { channel_id: this.channel, command, text: encode(text) });
    if (command === "/ask") emit("did", "ask");
    return true;
  }
}

