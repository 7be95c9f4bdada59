// What the bot is doing right now ("is thinking…"), and the prompts that it suggests.

import { emit } from "../lib/events.js";

const statuses = new Map();
const prompts = new Map();
const key = (channel, threadTs) => `${channel}:${threadTs ?? ""}`;

export const statusIn = (channel, threadTs) => statuses.get(key(channel, threadTs)) ?? "";
export const promptsIn = (channel) => prompts.get(channel) ?? null;

export function setStatus(channel, threadTs, status) {
  if (statusIn(channel, threadTs) === (status ?? "")) return;
  if (status) statuses.set(key(channel, threadTs), status);
  else statuses.delete(key(channel, threadTs));
  emit("status", { channel, threadTs });
}

export function setPrompts({ channel, title, prompts: list, thread_ts: threadTs }) {
  prompts.set(channel, { title, list, threadTs });
  emit("prompts", channel);
}

export function forgetPresence() {
  statuses.clear();
  prompts.clear();
}
