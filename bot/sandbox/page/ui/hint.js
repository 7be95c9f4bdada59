// The first-time hint: four things to try, ticked off as they are done.

import { h } from "../lib/dom.js";
import { emoji } from "../lib/emoji.js";
import { emit, on } from "../lib/events.js";
import { icon } from "../lib/icons.js";
import { botTitle, session } from "../state/session.js";

const key = (name) => `hint:${session.team.id}:${name}`;
const done = (step) => localStorage.getItem(key(step)) !== null;

on("did", (step) => {
  if (done(step)) return;
  localStorage.setItem(key(step), "done");
  emit("conversations");
});

function steps() {
  const bot = botTitle();
  return [
    { id: "fact", text: "Post a fact", example: "The staging database is rebuilt every Sunday at 03:00 UTC." },
    { id: "file", text: "Drop a PDF or any document" },
    { id: "ask", text: `Ask @${bot}`, example: `@${bot} when is the staging database rebuilt?` },
    { id: "vote", text: ["Press ", emoji("+1"), " under a good answer"] },
  ];
}

// fill(text) puts an example into the composer.
export function hintCard(fill) {
  const all = steps();
  if (done("dismissed") || all.every((step) => done(step.id))) return h("div", { hidden: true });
  const dismiss = () => {
    localStorage.setItem(key("dismissed"), "done");
    emit("conversations");
  };
  return h(
    "section", { class: "hint-card", "aria-label": "Things to try" },
    h("span", { class: "hint-title" }, icon("bulb"), "New here? Try this"),
    h("ol", {}, all.map((step) => stepNode(step, fill))),
    h("button", { type: "button", class: "icon-button", "aria-label": "Dismiss these hints", title: "Dismiss", onclick: dismiss }, icon("close")),
  );
}

function stepNode({ id, text, example }, fill) {
  const ticked = done(id);
  const label = example && !ticked
    ? h("button", { type: "button", class: "link-button", title: "Put an example into the message box", onclick: () => fill(example) }, text)
    : h("span", {}, text);
  return h("li", { class: ticked ? "done" : "" }, h("span", { class: "tick" }, ticked ? icon("check") : null), label, ticked && h("span", { class: "visually-hidden" }, " (done)"));
}
