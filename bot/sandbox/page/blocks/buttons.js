// Buttons, icon buttons and the overflow menu.

import { h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { openMenu } from "../lib/popover.js";
import { safeAddress } from "../text/links.js";
import { placeOf, go } from "../lib/routes.js";
import { plainText } from "./text_object.js";

export function button(element, field) {
  const node = h(
    "button",
    {
      type: "button", class: `button ${element.style ?? ""}`.trim(), dataset: { focus: `action-${element.action_id}` },
      "aria-label": element.accessibility_label, onclick: press,
    },
    plainText(element.text.text),
  );
  async function press() {
    if (element.url) openAddress(element.url);
    node.disabled = true;
    await field.send({ value: element.value, text: element.text });
    node.disabled = false;
  }
  return node;
}

function openAddress(address) {
  const href = safeAddress(address);
  const place = href && placeOf(href);
  if (place && Object.keys(place).length) go(place);
  else if (href) window.open(href, "_blank", "noopener,noreferrer");
}

export function iconButton(element, field) {
  const drawn = element.icon === "trash" ? "trash" : "more";
  const label = element.accessibility_label ?? element.text?.text ?? element.icon;
  const send = () => field.send({ value: element.value });
  return h("button", { type: "button", class: "icon-button", title: label, "aria-label": label, onclick: send }, icon(drawn));
}

export function overflow(element, field) {
  const open = (event) =>
    openMenu(event.currentTarget, element.options.map((option) => ({
      label: option.text.text,
      run: () => {
        if (option.url) openAddress(option.url);
        field.send({ selected_option: option });
      },
    })));
  return h("button", { type: "button", class: "icon-button outlined", "aria-label": "More actions", "aria-haspopup": "menu", onclick: open }, icon("more"));
}
