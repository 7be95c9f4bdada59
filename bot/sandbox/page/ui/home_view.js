// The app's own page: what it publishes for this person (Home), and the conversation with it (Messages).

import { h, replaceContent } from "../lib/dom.js";
import { on } from "../lib/events.js";
import { go } from "../lib/routes.js";
import { attempt } from "../lib/toasts.js";
import { Form } from "../blocks/form.js";
import { renderBlocks } from "../blocks/render.js";
import { act, currentHome } from "../state/api.js";
import { openDirect } from "../state/conversations.js";
import { botTitle, session } from "../state/session.js";
import { avatar } from "./avatar.js";
import { headerShell } from "./pane_header.js";

export class HomeView {
  #off;

  constructor() {
    this.body = h("div", { class: "home-body", tabindex: "0", "aria-label": `${botTitle()} home`, "aria-live": "polite" }, h("p", { class: "muted" }, "Loading…"));
    this.element = h("section", { class: "pane home-pane", "aria-label": botTitle() }, homeHeader("home"), this.body);
    this.#off = on("home", (view) => this.#show(view));
  }

  async load() {
    const known = await attempt(currentHome);
    if (known) this.#show(known);
    await attempt(() => act("home"));
    if (!known) this.empty = setTimeout(() => this.#showEmpty(), 4000);
  }

  close() {
    clearTimeout(this.empty);
    this.#off();
  }

  focus() {
    this.body.focus({ preventScroll: true });
  }

  #show(view) {
    clearTimeout(this.empty);
    replaceContent(this.body, renderBlocks(view.blocks, { view, form: new Form() }));
  }

  #showEmpty() {
    replaceContent(this.body, h("p", { class: "muted" }, `${botTitle()} has not published a home page for you yet. Is it running?`));
  }
}

// The tabs on top of the app's pages.
export function homeHeader(current) {
  const tab = (id, name, run) => h("button", { type: "button", class: "tab", "aria-current": current === id ? "page" : null, onclick: run }, name);
  const messages = () => attempt(async () => go({ channel: await openDirect(session.bot.user_id) }));
  return headerShell({
    title: [avatar(session.bot.user_id, "small"), botTitle()],
    actions: h("div", { class: "tabs" }, tab("home", "Home", () => go({ home: true })), tab("messages", "Messages", messages)),
  });
}
