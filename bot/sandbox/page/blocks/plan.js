// plan and task_card blocks: what the bot is working through, step by step.

import { h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { richText } from "./rich_text.js";
import { link } from "../text/links.js";

export function planBlock(block) {
  return h("div", { class: "plan" }, h("strong", {}, titleOf(block)), (block.tasks ?? []).map(taskCard));
}

export function taskCard(task) {
  const done = task.status === "complete";
  return h(
    "div", { class: `task ${task.status ?? "pending"}` },
    h("span", { class: "task-mark", "aria-label": (task.status ?? "pending").replaceAll("_", " ") }, done ? icon("check") : null),
    h(
      "div", {}, h("span", {}, titleOf(task)),
      task.details && richText(task.details), task.output && richText(task.output),
      task.sources && h("div", { class: "task-sources" }, task.sources.map((source) => link(source.url, source.text || source.url))),
    ),
  );
}

const titleOf = ({ title }) => (typeof title === "string" ? title : (title?.text ?? ""));
