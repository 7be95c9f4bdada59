// context_actions: the 👍/👎 pair under an answer, and icon buttons beside it.

import { h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { emit } from "../lib/events.js";
import { rememberVote, voteOn } from "../state/votes.js";
import { elementNode } from "./elements.js";

export function contextActions(block, place) {
  return h("div", { class: "block-feedback" }, block.elements.map((element) => elementNode(element, block, place)));
}

export function feedbackButtons(element, field) {
  const { channel, message } = field.place;
  const group = h("div", { class: "feedback", role: "group", "aria-label": "Was this answer good?" });
  const pair = [["positive_button", "thumbUp", "Good answer"], ["negative_button", "thumbDown", "Bad answer"]];

  const show = (pressed) => {
    for (const node of group.children) node.setAttribute("aria-pressed", String(node.dataset.value === pressed));
  };
  const press = async (value) => {
    const before = voteOn(channel, message?.ts, element.action_id);
    const keep = (vote) => {
      rememberVote(channel, message?.ts, element.action_id, vote);
      show(vote);
    };
    keep(value);
    if (await field.send({ value })) emit("did", "vote");
    else keep(before);
  };

  group.append(...pair.filter(([key]) => element[key]).map(([key, drawn, fallback]) => {
    const { text, value, accessibility_label: described } = element[key];
    const label = described ?? text?.text ?? fallback;
    return h(
      "button",
      {
        type: "button", class: `feedback-button ${key}`, title: label, "aria-label": label,
        dataset: { value, focus: `${element.action_id}-${key}` }, onclick: () => press(value),
      },
      icon(drawn),
    );
  }));
  show(voteOn(channel, message?.ts, element.action_id));
  return group;
}
