// Fields that hold something typed: text, numbers, addresses, dates.

import { h } from "../lib/dom.js";

function typed(tag, attributes, element, field, { initial, report }) {
  const node = h(tag, {
    class: "text-input", placeholder: element.placeholder?.text, maxlength: element.max_length,
    dataset: { focus: `action-${element.action_id}` }, value: initial ?? "",
    oninput: () => field.remember(report(node.value)), onchange: () => field.change(report(node.value)), ...attributes,
  });
  field.remember(report(node.value));
  return node;
}

const asValue = (text) => ({ value: text === "" ? null : text });
const simple = (attributes) => (element, field) =>
  typed("input", attributes, element, field, { initial: element.initial_value, report: asValue });

function plainTextInput(element, field) {
  const [tag, attributes] = element.multiline ? ["textarea", { rows: 5 }] : ["input", { type: "text" }];
  return typed(tag, { ...attributes, autofocus: element.focus_on_load }, element, field, { initial: element.initial_value, report: asValue });
}

const numberInput = (element, field) => typed(
  "input",
  { type: "number", min: element.min_value, max: element.max_value, step: element.is_decimal_allowed ? "any" : "1" },
  element, field, { initial: element.initial_value, report: asValue },
);

const picker = (type, key) => (element, field) =>
  typed("input", { type }, element, field, { initial: element[`initial_${key}`], report: (text) => ({ [`selected_${key}`]: text || null }) });

function dateTimePicker(element, field) {
  const seconds = element.initial_date_time;
  const local = seconds ? new Date(seconds * 1000 - new Date(seconds * 1000).getTimezoneOffset() * 60_000).toISOString().slice(0, 16) : "";
  const report = (text) => ({ selected_date_time: text ? Math.floor(new Date(text).getTime() / 1000) : null });
  return typed("input", { type: "datetime-local" }, element, field, { initial: local, report });
}

export const textInputs = {
  plain_text_input: plainTextInput,
  number_input: numberInput,
  email_text_input: simple({ type: "email" }),
  url_text_input: simple({ type: "url" }),
  datepicker: picker("date", "date"),
  timepicker: picker("time", "time"),
  datetimepicker: dateTimePicker,
};
