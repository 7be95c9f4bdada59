// Says when the live connection is lost, and when it is back.

import { h } from "../lib/dom.js";
import { on } from "../lib/events.js";

export function connectionBanner() {
  const banner = h("div", { class: "banner", role: "status", hidden: true });
  on("connection", ({ live }) => {
    banner.hidden = live;
    banner.textContent = live ? "" : "The connection to the workspace was lost. Trying again…";
  });
  return banner;
}
