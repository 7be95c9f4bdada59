// How far each person has read, kept in this browser.

import { session } from "./session.js";

const key = (channel) => `read:${session.team.id}:${session.me.id}:${channel}`;

export const readUpTo = (channel) => localStorage.getItem(key(channel));

export function markRead(channel, ts) {
  const before = readUpTo(channel);
  if (ts && (!before || before < ts)) localStorage.setItem(key(channel), ts);
}
