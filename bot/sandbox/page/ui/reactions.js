// The reactions under a message; pressing one adds or takes back one's own.

import { h } from "../lib/dom.js";
import { emoji } from "../lib/emoji.js";
import { icon } from "../lib/icons.js";
import { emit } from "../lib/events.js";
import { attempt } from "../lib/toasts.js";
import { call } from "../state/api.js";
import { message as messageAt } from "../state/messages.js";
import { displayName, isMe } from "../state/session.js";
import { pickEmoji } from "./emoji_picker.js";

export const mine = (reaction) => reaction.users.some(isMe);

export function toggleReaction(channel, ts, name) {
  const present = messageAt(channel, ts)?.reactions?.find((one) => one.name === name);
  const method = present && mine(present) ? "reactions.remove" : "reactions.add";
  if (method === "reactions.add" && ["+1", "thumbsup"].includes(name)) emit("did", "vote");
  return attempt(() => call(method, { channel, timestamp: ts, name }));
}

export function reactionRow(channel, message) {
  const reactions = (message.reactions ?? []).filter((one) => one.count > 0);
  if (!reactions.length) return null;
  return h(
    "div", { class: "reactions" },
    reactions.map((one) => chip(channel, message.ts, one)),
    h(
      "button",
      {
        type: "button", class: "reaction add", "aria-label": "Add another reaction", title: "Add another reaction",
        onclick: (event) => pickEmoji(event.currentTarget, (name) => toggleReaction(channel, message.ts, name)),
      },
      icon("smile"),
    ),
  );
}

function chip(channel, ts, reaction) {
  const who = reaction.users.map(displayName).join(", ");
  return h(
    "button",
    {
      type: "button", class: "reaction", "aria-pressed": String(mine(reaction)), title: `${who} reacted with :${reaction.name}:`,
      "aria-label": `${reaction.name.replaceAll("_", " ")}, ${reaction.count}: ${who}`,
      dataset: { focus: `reaction-${reaction.name}` }, onclick: () => toggleReaction(channel, ts, reaction.name),
    },
    emoji(reaction.name), h("span", { class: "count" }, String(reaction.count)),
  );
}
