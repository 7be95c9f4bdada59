// Which feedback button this person pressed, so that it stays pressed after a reload.

import { session } from "./session.js";

const key = (channel, ts, actionId) => `vote:${session.team.id}:${session.me.id}:${channel}:${ts}:${actionId}`;

export const voteOn = (channel, ts, actionId) => localStorage.getItem(key(channel, ts, actionId));

// value: what was pressed, or null to forget it
export function rememberVote(channel, ts, actionId, value) {
  if (value === null) localStorage.removeItem(key(channel, ts, actionId));
  else localStorage.setItem(key(channel, ts, actionId), value);
}
