// How an interactive element reports a change: into a form's state, and to the bot when it is an action.

import { act } from "../state/api.js";
import { attempt } from "../lib/toasts.js";
import { confirmed } from "./confirm.js";

// place: {channel, message, view, form}; element: its Block Kit definition
export function fieldFor(place, block, element) {
  const dispatches = block.type !== "input" || block.dispatch_action;
  const field = {
    place,
    remember: (value) => place.form?.set(block.block_id, element.action_id, { type: element.type, ...value }),
    // Sends the action; resolves to true when it was delivered.
    async send(value) {
      if (!(await confirmed(element.confirm))) return false;
      const action = { type: element.type, action_id: element.action_id, block_id: block.block_id, ...value };
      return (await attempt(() => act("action", { ...origin(place), action }))) !== undefined;
    },
    async change(value) {
      field.remember(value);
      if (dispatches) await field.send(value);
    },
  };
  return field;
}

function origin({ channel, message, view, form }) {
  if (view) return { view_id: view.id, state: { values: form?.values() ?? {} } };
  return { channel_id: channel, message_ts: message?.ts };
}
