// What a person can do with a message: copy its link, edit, delete, hand it to a shortcut.

import { h } from "../lib/dom.js";
import { emit } from "../lib/events.js";
import { attempt, toast } from "../lib/toasts.js";
import { act, call } from "../state/api.js";
import { isReply } from "../state/messages.js";
import { botTitle } from "../state/session.js";
import { decode, encode } from "../text/writing.js";
import { showDialog } from "./dialog.js";

export function permalink(channel, message) {
  const base = `/archives/${channel}/p${message.ts.replace(".", "")}`;
  return isReply(message) ? `${base}?thread_ts=${message.thread_ts}&cid=${channel}` : base;
}

export async function copyLink(channel, message) {
  const address = location.origin + permalink(channel, message);
  try {
    await navigator.clipboard.writeText(address);
    toast("Link copied.");
  } catch {
    toast(`Copy this link: ${address}`);
  }
}

export function askToDelete(channel, message) {
  const dialog = showDialog({
    title: "Delete this message?", submit: "Delete", danger: true,
    body: h("p", {}, `It will be gone for everybody, and ${botTitle()} forgets what it learned from it.`),
    onSubmit: async () => {
      dialog.busy(true);
      await attempt(() => call("chat.delete", { channel, ts: message.ts }));
      dialog.close();
    },
  });
}

export const runShortcut = (shortcut, channel, message) =>
  attempt(() => act("shortcut", { callback_id: shortcut.callback_id, channel_id: channel, message_ts: message.ts }));

// Puts an editor in place of the words of the message shown in `article`, until it is saved or given up.
export function editInPlace(article, channel, message) {
  const shown = article.querySelector(".content");
  if (article.querySelector(".edit-box")) return;
  const close = () => {
    box.remove();
    shown.hidden = false;
    article.focus();
    emit("messages", channel); // shows what changed meanwhile
  };
  const save = async () => {
    const text = encode(area.value.trim());
    if (text === message.text || (await attempt(() => call("chat.update", { channel, ts: message.ts, text })))) close();
  };
  const area = h("textarea", {
    class: "text-input", "aria-label": "Edit message", rows: Math.min(10, message.text.split("\n").length + 1), value: decode(message.text),
    onkeydown: (event) => {
      if (event.key === "Escape") { event.stopPropagation(); close(); }
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      save();
    },
  });
  const box = h(
    "div", { class: "edit-box" }, area,
    h("div", { class: "edit-buttons" }, h("button", { type: "button", class: "button", onclick: close }, "Cancel"), h("button", { type: "button", class: "button primary", onclick: save }, "Save")),
  );
  shown.hidden = true;
  shown.after(box);
  area.focus();
  area.setSelectionRange(area.value.length, area.value.length);
}
