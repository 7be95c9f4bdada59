// Dialogs that the bot opens (views.open, push, update), as a stack with the newest on top.

import { h, replaceContent } from "../lib/dom.js";
import { on } from "../lib/events.js";
import { attempt } from "../lib/toasts.js";
import { Form } from "../blocks/form.js";
import { showProblems } from "../blocks/input_block.js";
import { renderBlocks } from "../blocks/render.js";
import { act } from "../state/api.js";
import { showDialog } from "./dialog.js";

const stack = []; // {view, form, body, dialog, told} — told: the bot need not hear that it was closed

export function showViewsOfTheBot() {
  on("view", ({ how, view }) => {
    if (how === "update") return update(view);
    if (how === "close") return close(stack.find((one) => one.view.id === view.id));
    if (how === "open") [...stack].forEach(close);
    return open(view);
  });
}

export const closeAllViews = () => [...stack].forEach(close);

function open(view) {
  if (stack.some((one) => one.view.id === view.id)) return update(view);
  const entry = { view, form: new Form(), told: false };
  entry.body = h("div", { class: "view-body" });
  entry.dialog = showDialog({
    title: view.title?.text ?? "", body: entry.body, submit: view.submit?.text, cancel: view.close?.text ?? "Cancel",
    onSubmit: () => submit(entry), onClose: () => closed(entry),
  });
  stack.push(entry);
  fill(entry);
  entry.body.querySelector("input, textarea, select")?.focus();
  return entry;
}

function fill(entry) {
  entry.form = new Form();
  replaceContent(entry.body, renderBlocks(entry.view.blocks, { view: entry.view, form: entry.form }));
}

function update(view) {
  const entry = stack.find((one) => one.view.id === view.id);
  if (!entry) return;
  const before = entry.form.values();
  entry.view = view;
  fill(entry);
  keepTyped(entry, before);
  entry.dialog.element.querySelector("h2").textContent = view.title?.text ?? "";
  const button = entry.dialog.element.querySelector("footer .primary");
  if (button) button.textContent = view.submit?.text ?? "";
  if (button) button.hidden = !view.submit;
}

// Fields that an update leaves in place keep what was typed into them.
function keepTyped(entry, before) {
  for (const block of entry.view.blocks.filter((one) => one.type === "input")) {
    const typed = before[block.block_id]?.[block.element.action_id]?.value;
    const field = entry.body.querySelector(`[data-block="${CSS.escape(block.block_id)}"] :is(input.text-input, textarea)`);
    if (!field || !typed) continue;
    field.value = typed;
    field.dispatchEvent(new Event("input"));
  }
}

async function submit(entry) {
  const problems = entry.form.problems();
  showProblems(entry.body, problems);
  if (Object.keys(problems).length) return;
  entry.dialog.busy(true);
  const answer = await attempt(() => act("view_submission", { view_id: entry.view.id, state: { values: entry.form.values() } }));
  entry.dialog.busy(false);
  if (!answer) return;
  const next = {
    errors: () => showProblems(entry.body, answer.errors ?? {}),
    update: () => update(answer.view),
    push: () => open(answer.view),
    clear: closeAllViews,
  }[answer.response_action] ?? (() => close(entry));
  next();
}

// Closed by the bot or by a submission: nothing to report.
function close(entry) {
  if (!entry) return;
  entry.told = true;
  entry.dialog.close();
}

function closed(entry) {
  stack.splice(stack.indexOf(entry), 1);
  if (!entry.told) attempt(() => act("view_closed", { view_id: entry.view.id }));
}
