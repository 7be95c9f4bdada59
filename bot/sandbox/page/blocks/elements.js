// The interactive elements of Block Kit: buttons, menus, boxes to tick, fields to fill.

import { h } from "../lib/dom.js";
import { choiceElements } from "./choices.js";
import { button, iconButton, overflow } from "./buttons.js";
import { feedbackButtons } from "./feedback.js";
import { fieldFor } from "./field.js";
import { imageNode } from "./image.js";
import { selectElements } from "./selects.js";
import { textInputs } from "./text_inputs.js";

const kinds = {
  button,
  overflow,
  icon_button: iconButton,
  feedback_buttons: feedbackButtons,
  image: (element) => imageNode(element, "accessory-image"),
  ...selectElements,
  ...choiceElements,
  ...textInputs,
};

export function elementNode(element, block, place) {
  const kind = kinds[element.type];
  if (!kind) return h("span", { class: "muted" }, `(This page cannot show “${element.type}”.)`);
  return kind(element, fieldFor(place, block, element));
}
