// Block Kit text objects: plain_text and mrkdwn.

import { fragment } from "../lib/dom.js";
import { emoji, knowsEmoji, withEmoji } from "../lib/emoji.js";
import { mrkdwn } from "../text/mrkdwn.js";

export function textObject(object) {
  if (!object) return null;
  return object.type === "mrkdwn" ? mrkdwn(object.text ?? "") : plainText(object.text ?? "");
}

// Plain text knows emoji short names and nothing else.
export function plainText(text) {
  return fragment(text.split(/(:[a-z0-9_+'-]+:)/).map((part) => {
    const name = /^:(.+):$/.exec(part)?.[1];
    return name && knowsEmoji(name) ? emoji(name) : withEmoji(part);
  }));
}
