// The page's live connection: what arrives is put into the state; a lost connection is taken up again.

import { socketAddress } from "./api.js";
import { emit } from "../lib/events.js";
import { attempt } from "../lib/toasts.js";
import { loadConversations } from "./conversations.js";
import { markFileDeleted, message, patch, put, remove } from "./messages.js";
import { setPrompts, setStatus } from "./presence.js";
import { refreshRoster } from "./session.js";

let socket = null;
let attempts = 0;
let retry = null;

export function connect() {
  disconnect();
  const mine = new WebSocket(socketAddress());
  socket = mine;
  mine.addEventListener("open", () => {
    const again = attempts > 0;
    attempts = 0;
    emit("connection", { live: true, again });
  });
  mine.addEventListener("message", (event) => socket === mine && receive(JSON.parse(event.data)));
  mine.addEventListener("close", () => {
    if (socket !== mine) return;
    attempts += 1;
    emit("connection", { live: false });
    retry = setTimeout(connect, Math.min(500 * 2 ** (attempts - 1), 8000));
  });
}

export function disconnect() {
  clearTimeout(retry);
  const old = socket;
  socket = null;
  old?.close();
}

const handlers = {
  message: ({ channel, message: fresh }) => {
    const isNew = put(channel, fresh);
    if (isNew) emit("arrived", { channel, message: fresh });
  },
  message_changed: ({ channel, message: fresh }) => {
    if (message(channel, fresh.ts)) put(channel, fresh);
  },
  message_deleted: ({ channel, ts }) => remove(channel, ts),
  reaction: ({ channel, ts, reactions }) => patch(channel, ts, { reactions }),
  ephemeral: receiveEphemeral,
  status: ({ channel, thread_ts: threadTs, status }) => setStatus(channel, threadTs, status),
  suggested_prompts: setPrompts,
  channels: () => attempt(async () => { await refreshRoster(); await loadConversations(); }),
  file_deleted: ({ file_id: id }) => markFileDeleted(id),
  home: ({ view }) => emit("home", view),
  view_open: ({ view }) => emit("view", { how: "open", view }),
  view_push: ({ view }) => emit("view", { how: "push", view }),
  view_update: ({ view }) => emit("view", { how: "update", view }),
  view_close: ({ view }) => emit("view", { how: "close", view }),
};

function receive(event) {
  handlers[event.type]?.(event);
}

function receiveEphemeral({ channel, message: fresh, delete_original: deleted, replace_original: replaced }) {
  if ((deleted || replaced) && fresh?.ts) remove(channel, fresh.ts);
  if (deleted) return;
  put(channel, { ...fresh, is_ephemeral: true });
  emit("arrived", { channel, message: { ...fresh, is_ephemeral: true } });
}

