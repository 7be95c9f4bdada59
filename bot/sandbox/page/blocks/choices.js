// Check boxes and radio buttons.

import { h, uniqueId } from "../lib/dom.js";
import { textObject } from "./text_object.js";

function choices(element, field, { type, chosen, toValue }) {
  const name = uniqueId("choice");
  const report = () => toValue(element.options.filter((_, index) => inputs[index].checked));
  const inputs = element.options.map((option) =>
    h("input", { type, name, value: option.value, checked: chosen.includes(option.value), onchange: () => field.change(report()) }));
  const labels = element.options.map((option, index) =>
    h(
      "label", { class: "choice" }, inputs[index],
      h("span", { class: "prose" }, textObject(option.text), option.description && h("small", { class: "muted" }, textObject(option.description))),
    ));
  field.remember(report());
  return h("div", { class: "choices", role: type === "radio" ? "radiogroup" : "group" }, labels);
}

export const choiceElements = {
  checkboxes: (element, field) => choices(element, field, {
    type: "checkbox", chosen: (element.initial_options ?? []).map((option) => option.value),
    toValue: (selected) => ({ selected_options: selected }),
  }),
  radio_buttons: (element, field) => choices(element, field, {
    type: "radio", chosen: element.initial_option ? [element.initial_option.value] : [],
    toValue: ([selected]) => ({ selected_option: selected ?? null }),
  }),
};
