// One message: who, when, what, and what hangs on it.

import { h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { ago, clockTime, fullTime, shortClock } from "../lib/time.js";
import { Form } from "../blocks/form.js";
import { renderBlocks } from "../blocks/render.js";
import { isReply, remove } from "../state/messages.js";
import { displayName, isBot, knownUser } from "../state/session.js";
import { go } from "../lib/routes.js";
import { markdown } from "../text/markdown.js";
import { mrkdwn } from "../text/mrkdwn.js";
import { avatar } from "./avatar.js";
import { fileCard } from "./file_card.js";
import { permalink } from "./message_actions.js";
import { reactionRow } from "./reactions.js";
import { statusLine } from "./status_line.js";
import { toolbar } from "./toolbar.js";

const quiet = new Set(["channel_join", "channel_leave", "group_join", "group_leave", "channel_topic", "channel_purpose", "channel_name", "channel_archive", "channel_unarchive"]);

export const isQuiet = (message) => quiet.has(message.subtype);
export const authorOf = (message) => message.user ?? message.bot_id ?? "";

// options: {compact, inThread, status}
export function messageNode(channel, message, { compact = false, inThread = false, status = "" } = {}) {
  const classes = ["message", compact && "compact", message.is_ephemeral && "ephemeral", isQuiet(message) && "quiet", message.streaming && "streaming"];
  return h(
    "article",
    {
      class: classes.filter(Boolean).join(" "), tabindex: "-1", dataset: { ts: message.ts },
      "aria-busy": message.streaming ? "true" : null, "aria-label": `${authorName(message)}, ${clockTime(message.ts)}`,
    },
    h("div", { class: "gutter" }, compact ? timeLink(channel, message, true) : avatar(authorOf(message))),
    h(
      "div", { class: "message-body" },
      message.is_ephemeral && onlyVisibleToYou(channel, message),
      !compact && heading(channel, message),
      h("div", { class: "content" }, content(channel, message)),
      (message.files ?? []).length > 0 && h("div", { class: "files" }, message.files.map(fileCard)),
      reactionRow(channel, message),
      !inThread && threadFooter(channel, message),
      status && statusLine(status),
    ),
    message.is_ephemeral || message.subtype === "tombstone" ? null : toolbar(channel, message, { inThread }),
  );
}

export function authorName(message) {
  const id = authorOf(message);
  return knownUser(id) ? displayName(id) : message.username || message.bot_profile?.name || displayName(id);
}

function heading(channel, message) {
  return h(
    "div", { class: "message-head" },
    h("span", { class: "author" }, authorName(message)),
    (message.bot_id || isBot(message.user)) && h("span", { class: "badge" }, "App"),
    timeLink(channel, message),
  );
}

function timeLink(channel, message, compact = false) {
  const shown = compact ? shortClock(message.ts) : clockTime(message.ts);
  return h("a", { class: "time", href: permalink(channel, message), title: fullTime(message.ts), tabindex: "-1", onclick: (event) => {
    event.preventDefault();
    go({ channel, ts: message.ts, threadTs: isReply(message) ? message.thread_ts : undefined });
  } }, h("time", {}, shown));
}

function content(channel, message) {
  if (message.subtype === "tombstone") return h("p", { class: "muted" }, "This message was deleted.");
  const blocks = message.blocks ?? [];
  const textInBlocks = blocks.some((block) => block.type !== "context_actions");
  const text = message.text ?? "";
  return [
    !textInBlocks && text && h("div", { class: "prose" }, message.streaming ? markdown(text, { partial: true }) : mrkdwn(text)),
    blocks.length > 0 && renderBlocks(blocks, { channel, message, form: new Form() }),
    message.edited && !(message.bot_id && blocks.length) && h("span", { class: "edited muted", title: fullTime(message.edited.ts) }, "(edited)"),
  ];
}

function onlyVisibleToYou(channel, message) {
  return h(
    "div", { class: "only-you" }, icon("eye"), h("span", {}, "Only visible to you"),
    h("button", { type: "button", class: "link-button", onclick: () => remove(channel, message.ts) }, "Dismiss"),
  );
}

function threadFooter(channel, message) {
  if (!message.reply_count || isReply(message)) return null;
  const people = (message.reply_users ?? []).slice(0, 4);
  const count = message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`;
  return h(
    "button", { type: "button", class: "thread-link", dataset: { focus: "thread" }, onclick: () => go({ channel, thread: message.ts }) },
    h("span", { class: "faces" }, people.map((id) => avatar(id, "small"))),
    h("span", { class: "thread-count" }, count),
    message.latest_reply && h("span", { class: "muted" }, `Last reply ${ago(message.latest_reply)}`),
  );
}
