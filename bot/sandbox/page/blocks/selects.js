// Drop-down menus, filled from the element's options or from the workspace.

import { h } from "../lib/dom.js";
import { allVisible, conversationName, isDirect } from "../state/conversations.js";
import { mentionable } from "../state/session.js";

const labelOf = (option) => option.text.text;

function optionNodes(element) {
  if (!element.option_groups) return element.options.map((option) => h("option", { value: option.value }, labelOf(option)));
  return element.option_groups.map((group) =>
    h("optgroup", { label: group.label.text }, group.options.map((option) => h("option", { value: option.value }, labelOf(option)))));
}

const allOptions = (element) => element.options ?? element.option_groups.flatMap((group) => group.options);

function selectNode(element, field, { options, multiple, initial, toValue }) {
  const blank = multiple ? null : h("option", { value: "" }, element.placeholder?.text ?? "Choose…");
  const read = (node) => toValue([...node.selectedOptions].map((option) => option.value).filter(Boolean));
  const node = h(
    "select",
    {
      class: "select", multiple, "aria-label": element.placeholder?.text ?? "Choose", dataset: { focus: `action-${element.action_id}` },
      onchange: () => field.change(read(node)),
    },
    blank, options,
  );
  for (const option of node.options) option.selected = option.value !== "" && initial.includes(option.value);
  if (blank && !initial.length) blank.selected = true;
  field.remember(read(node));
  return node;
}

function staticSelect(element, field) {
  const find = (value) => allOptions(element).find((option) => option.value === value) ?? null;
  return selectNode(element, field, {
    options: optionNodes(element), initial: element.initial_option ? [element.initial_option.value] : [],
    toValue: ([value]) => ({ selected_option: find(value) }),
  });
}

function multiStaticSelect(element, field) {
  return selectNode(element, field, {
    options: optionNodes(element), multiple: true, initial: (element.initial_options ?? []).map((option) => option.value),
    toValue: (values) => ({ selected_options: allOptions(element).filter((option) => values.includes(option.value)) }),
  });
}

const people = () => mentionable().map(({ id, name }) => h("option", { value: id }, name));
const listOf = (conversations) => conversations.map((one) => h("option", { value: one.id }, (isDirect(one) ? "" : "#") + conversationName(one)));
const channelsOnly = () => listOf(allVisible().filter((one) => !isDirect(one) && !one.is_archived));
const everyConversation = () => listOf(allVisible().filter((one) => !one.is_archived));

function workspaceSelect(noun, options) {
  return {
    [`${noun}s_select`]: (element, field) => selectNode(element, field, {
      options: options(), initial: [element[`initial_${noun}`]].filter(Boolean),
      toValue: ([value]) => ({ [`selected_${noun}`]: value ?? null }),
    }),
    [`multi_${noun}s_select`]: (element, field) => selectNode(element, field, {
      options: options(), multiple: true, initial: element[`initial_${noun}s`] ?? [],
      toValue: (values) => ({ [`selected_${noun}s`]: values }),
    }),
  };
}

export const selectElements = {
  static_select: staticSelect,
  multi_static_select: multiStaticSelect,
  ...workspaceSelect("user", people),
  ...workspaceSelect("channel", channelsOnly),
  ...workspaceSelect("conversation", everyConversation),
};
