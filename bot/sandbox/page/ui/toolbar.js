// The toolbar that appears beside a message under the pointer or with the keyboard focus.

import { h } from "../lib/dom.js";
import { emoji } from "../lib/emoji.js";
import { quickReactions } from "../lib/emoji_table.js";
import { icon } from "../lib/icons.js";
import { openMenu } from "../lib/popover.js";
import { go } from "../lib/routes.js";
import { isMe, session } from "../state/session.js";
import { pickEmoji } from "./emoji_picker.js";
import { askToDelete, copyLink, editInPlace, runShortcut } from "./message_actions.js";
import { toggleReaction } from "./reactions.js";

export function toolbar(channel, message, { inThread }) {
  const react = (name) => toggleReaction(channel, message.ts, name);
  const tool = (label, content, onclick, extra = {}) =>
    h("button", { type: "button", class: "tool", "aria-label": label, title: label, onclick, ...extra }, content);
  return h(
    "div", { class: "toolbar", role: "group", "aria-label": "Message actions" },
    quickReactions.slice(0, 3).map((name) => tool(`React with ${name}`, emoji(name), () => react(name))),
    tool("Add reaction", icon("smile"), (event) => pickEmoji(event.currentTarget, react)),
    !inThread && tool("Reply in thread", icon("reply"), () => go({ channel, thread: message.thread_ts ?? message.ts, focus: true })),
    tool("More actions", icon("more"), (event) => openMenu(event.currentTarget, menuItems(event.currentTarget.closest(".message"), channel, message)), { "aria-haspopup": "menu" }),
  );
}

function menuItems(article, channel, message) {
  const own = isMe(message.user);
  const shortcuts = session.shortcuts.map((shortcut) => ({
    label: shortcut.name, icon: icon("compass"), run: () => runShortcut(shortcut, channel, message),
  }));
  return [
    { label: "Copy link", run: () => copyLink(channel, message) },
    ...(own && !message.bot_id ? [{ label: "Edit message", run: () => editInPlace(article, channel, message) }] : []),
    ...(shortcuts.length ? [null, ...shortcuts] : []),
    ...(own || session.me.is_admin ? [null, { label: "Delete message…", danger: true, run: () => askToDelete(channel, message) }] : []),
  ];
}
