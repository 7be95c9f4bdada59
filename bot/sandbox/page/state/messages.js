// The messages that this page has loaded, by conversation. Messages are replaced, never changed in place.

import { call } from "./api.js";
import { emit } from "../lib/events.js";

const channels = new Map();

function store(channel) {
  if (!channels.has(channel)) channels.set(channel, { messages: new Map(), loaded: false, older: false, threads: new Set() });
  return channels.get(channel);
}

export function forgetMessages() {
  channels.clear();
}

export const message = (channel, ts) => store(channel).messages.get(ts) ?? null;
export const isReply = (one) => Boolean(one.thread_ts && one.thread_ts !== one.ts && one.subtype !== "thread_broadcast");
export const hasOlder = (channel) => store(channel).older;
export const isLoaded = (channel) => store(channel).loaded;

const byTime = (a, b) => (a.ts < b.ts ? -1 : Number(a.ts > b.ts));

export function mainMessages(channel) {
  return [...store(channel).messages.values()].filter((one) => !isReply(one)).sort(byTime);
}

export function threadMessages(channel, rootTs) {
  return [...store(channel).messages.values()].filter((one) => one.ts === rootTs || one.thread_ts === rootTs).sort(byTime);
}

const pageSize = 100;

export async function loadHistory(channel) {
  const state = store(channel);
  const page = await call("conversations.history", { channel, limit: pageSize });
  keepPage(state, page);
  state.loaded = true;
  emit("messages", channel);
}

export async function loadOlder(channel) {
  const state = store(channel);
  const oldest = mainMessages(channel).find((one) => !one.is_ephemeral)?.ts;
  keepPage(state, await call("conversations.history", { channel, limit: pageSize, latest: oldest }));
  emit("messages", channel);
}

function keepPage(state, page) {
  for (const one of page.messages) state.messages.set(one.ts, one);
  state.older = Boolean(page.has_more);
}

export async function loadThread(channel, rootTs) {
  let cursor;
  do {
    const page = await call("conversations.replies", { channel, ts: rootTs, limit: 200, cursor });
    for (const one of page.messages) store(channel).messages.set(one.ts, one);
    cursor = page.response_metadata?.next_cursor;
  } while (cursor);
  store(channel).threads.add(rootTs);
  emit("messages", channel);
}

// Loads until the message is in view; returns it, or null where it does not exist.
export async function findMessage(channel, ts, threadTs) {
  if (!isLoaded(channel)) await loadHistory(channel);
  const root = threadTs ?? ts;
  while (!message(channel, root) && hasOlder(channel) && mainMessages(channel)[0]?.ts > root) await loadOlder(channel);
  if (threadTs || !message(channel, ts)) {
    const rootTs = await threadOf(channel, root);
    if (rootTs) await loadThread(channel, rootTs);
  }
  return message(channel, ts);
}

async function threadOf(channel, ts) {
  try {
    const { messages } = await call("conversations.replies", { channel, ts, limit: 1 });
    return messages[0]?.thread_ts ?? ts;
  } catch (error) {
    if (["thread_not_found", "message_not_found"].includes(error.code)) return null;
    throw error;
  }
}

export function put(channel, fresh) {
  const state = store(channel);
  const known = state.messages.get(fresh.ts);
  state.messages.set(fresh.ts, fresh);
  if (!known && isReply(fresh) && !fresh.is_ephemeral) countReply(state, fresh);
  emit("messages", channel);
  return !known;
}

function countReply(state, reply) {
  const root = state.messages.get(reply.thread_ts);
  if (!root || root.latest_reply >= reply.ts) return;
  const users = new Set([...(root.reply_users ?? []), reply.user]);
  state.messages.set(root.ts, {
    ...root, thread_ts: root.ts, reply_count: (root.reply_count ?? 0) + 1, reply_users: [...users], latest_reply: reply.ts,
  });
}

export function patch(channel, ts, changes) {
  const known = message(channel, ts);
  if (!known) return;
  store(channel).messages.set(ts, { ...known, ...changes });
  emit("messages", channel);
}

export function remove(channel, ts) {
  const state = store(channel);
  const gone = state.messages.get(ts);
  if (!gone) return;
  state.messages.delete(ts);
  const root = isReply(gone) && state.messages.get(gone.thread_ts);
  if (root && !gone.is_ephemeral) state.messages.set(root.ts, { ...root, reply_count: Math.max(0, (root.reply_count ?? 1) - 1) });
  emit("messages", channel);
}

export function markFileDeleted(fileId) {
  for (const [channel, state] of channels) {
    for (const one of [...state.messages.values()]) {
      if (!one.files?.some((file) => file.id === fileId)) continue;
      const files = one.files.map((file) => (file.id === fileId ? { id: file.id, mode: "tombstone" } : file));
      patch(channel, one.ts, { files });
    }
  }
}
