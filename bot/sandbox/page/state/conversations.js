// The conversations that this person may see, and which of them hold something unread.

import { call, callAll } from "./api.js";
import { emit } from "../lib/events.js";
import { markRead, readUpTo } from "./read_marks.js";
import { displayName, isMe, session } from "./session.js";

const conversations = new Map();
const unread = new Map(); // channel id → number of unread messages

export const conversation = (id) => conversations.get(id) ?? null;
export const unreadCount = (id) => unread.get(id) ?? 0;
const byName = (a, b) => conversationName(a).localeCompare(conversationName(b));

export function myChannels() {
  return [...conversations.values()].filter((one) => !isDirect(one) && one.is_member && !one.is_archived).sort(byName);
}

export function joinableChannels() {
  return [...conversations.values()].filter((one) => !isDirect(one) && !one.is_private && !one.is_archived).sort(byName);
}

export const allVisible = () => [...conversations.values()];
export const groupDirects = () => allVisible().filter((one) => one.is_mpim);
export const isDirect = (one) => Boolean(one.is_im || one.is_mpim);
export const isPrivate = (one) => Boolean(one.is_private || one.is_group) && !isDirect(one);
export const directWith = (userId) => allVisible().find((one) => one.is_im && one.user === userId) ?? null;

export function conversationName(one) {
  if (one.is_im) return isMe(one.user) ? `${displayName(one.user)} (you)` : displayName(one.user);
  if (one.is_mpim && one.members) return one.members.filter((id) => !isMe(id)).map(displayName).join(", ");
  return one.name ?? one.id;
}

export async function loadConversations() {
  const types = "public_channel,private_channel,im,mpim";
  const listed = await callAll("conversations.list", { types, exclude_archived: false }, "channels");
  conversations.clear();
  for (const one of listed) conversations.set(one.id, one);
  emit("conversations");
}

// Counts what arrived while this person was away. A conversation that was never opened here counts as read.
export async function countUnread() {
  unread.clear();
  const mine = allVisible().filter((one) => one.is_member || isDirect(one));
  await Promise.all(mine.map(async (one) => {
    const since = readUpTo(one.id);
    const { messages } = await call("conversations.history", { channel: one.id, limit: since ? 30 : 1, oldest: since });
    if (!since) return markRead(one.id, messages[0]?.ts ?? "0");
    const count = messages.filter((message) => message.ts > since && !isMe(message.user)).length;
    if (count) unread.set(one.id, count);
    return undefined;
  }));
  emit("conversations");
}

export function noteArrival(channel, message) {
  if (isMe(message.user)) return;
  unread.set(channel, unreadCount(channel) + 1);
  emit("conversations");
}

export function noteRead(channel, ts) {
  markRead(channel, ts);
  if (unread.delete(channel)) emit("conversations");
}

export async function openDirect(userId) {
  const known = directWith(userId);
  if (known) return known.id;
  const { channel } = await call("conversations.open", { users: userId });
  await loadConversations();
  return channel.id;
}

export const mayWrite = (one) => !one.is_archived && (isDirect(one) || one.is_member);
export const mayManage = (one) => session.me.is_admin || one.creator === session.me.id;
