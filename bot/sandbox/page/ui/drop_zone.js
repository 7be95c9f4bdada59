// Lets files be dropped anywhere on a pane, with a sign of where they will go.

import { h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";

export function acceptDrops(pane, label, composer) {
  const sign = h("div", { class: "drop-sign", hidden: true, "aria-hidden": "true" }, icon("download"), h("span", {}, `Drop to upload to ${label}`));
  pane.append(sign);
  let depth = 0;
  const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  pane.addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    depth += 1;
    sign.hidden = false;
  });
  pane.addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    sign.hidden = depth === 0;
  });
  pane.addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
  pane.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    sign.hidden = true;
    composer().addFiles([...event.dataTransfer.files]);
  });
}
