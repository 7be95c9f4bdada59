// An input block: a label, its field, a hint, and room for what is wrong with it.

import { h, uniqueId } from "../lib/dom.js";
import { elementNode } from "./elements.js";
import { plainText } from "./text_object.js";

export function inputBlock(block, place) {
  const control = elementNode(block.element, block, place);
  const id = uniqueId("input");
  place.form?.require(block);
  const grouped = control.matches("div");
  if (grouped) control.setAttribute("aria-labelledby", `${id}-label`);
  else control.id = id;
  control.removeAttribute("aria-label");
  control.setAttribute("aria-describedby", `${id}-problem`);
  const label = [plainText(block.label.text), block.optional && h("span", { class: "muted" }, " (optional)")];
  return h(
    "div", { class: "input-block", dataset: { block: block.block_id } },
    grouped ? h("span", { class: "label", id: `${id}-label` }, label) : h("label", { class: "label", for: id }, label),
    control,
    h("p", { class: "problem", id: `${id}-problem`, role: "alert", hidden: true }),
    block.hint && h("p", { class: "hint muted" }, plainText(block.hint.text)),
  );
}

// Shows what is wrong beside each field and puts the focus into the first of them.
export function showProblems(container, problems) {
  let first = null;
  for (const node of container.querySelectorAll(".input-block")) {
    const problem = problems[node.dataset.block];
    const line = node.querySelector(".problem");
    line.textContent = problem ?? "";
    line.hidden = !problem;
    node.classList.toggle("wrong", Boolean(problem));
    const control = node.querySelector("input, textarea, select");
    control?.setAttribute("aria-invalid", String(Boolean(problem)));
    if (problem) first ??= control;
  }
  first?.focus();
}
