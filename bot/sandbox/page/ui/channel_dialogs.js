// Finding channels to join, and making new ones.

import { h, replaceContent } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { go } from "../lib/routes.js";
import { attempt } from "../lib/toasts.js";
import { call } from "../state/api.js";
import { joinableChannels, loadConversations } from "../state/conversations.js";
import { showDialog } from "./dialog.js";

export function browseChannels() {
  const list = h("ul", { class: "channel-list" });
  const search = h("input", { type: "search", class: "text-input", placeholder: "Search channels", "aria-label": "Search channels", oninput: () => show() });
  const visit = (one) => { dialog.close(); go({ channel: one.id }); };
  const join = (one) => attempt(async () => {
    await call("conversations.join", { channel: one.id });
    await loadConversations();
    visit(one);
  });
  const show = () => {
    const found = joinableChannels().filter((one) => one.name.includes(search.value.trim().toLowerCase()));
    replaceContent(list, found.length ? found.map((one) => channelRow(one, visit, join)) : h("li", { class: "muted" }, "No public channel has that name."));
  };
  const dialog = showDialog({ title: "Browse channels", body: [search, list] });
  show();
}

function channelRow(one, visit, join) {
  const members = `${one.num_members ?? 0} ${one.num_members === 1 ? "member" : "members"}`;
  return h(
    "li", {},
    h("button", { type: "button", class: "channel-entry", onclick: () => visit(one) }, icon("hash"), h("span", {}, one.name), h("small", { class: "muted" }, [members, one.purpose?.value || one.topic?.value].filter(Boolean).join(" · "))),
    one.is_member ? h("span", { class: "muted joined" }, icon("check"), "Joined") : h("button", { type: "button", class: "button", onclick: () => join(one), "aria-label": `Join ${one.name}` }, "Join"),
  );
}

export function createChannel() {
  const name = h("input", { type: "text", class: "text-input", id: "new-channel-name", placeholder: "e.g. release-planning", maxlength: "80", autocomplete: "off" });
  const isPrivate = h("input", { type: "checkbox" });
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const submit = async () => {
    dialog.busy(true);
    try {
      const { channel } = await call("conversations.create", { name: asChannelName(name.value), is_private: isPrivate.checked });
      await loadConversations();
      dialog.close();
      go({ channel: channel.id });
    } catch (error) {
      if (!error.forPeople) throw error;
      replaceContent(problem, error.message).hidden = false;
      name.focus();
    } finally {
      dialog.busy(false);
    }
  };
  const dialog = showDialog({
    title: "Create a channel", submit: "Create", onSubmit: submit,
    body: [
      h("label", { class: "label", for: "new-channel-name" }, "Name"), name, problem,
      h("label", { class: "choice" }, isPrivate, h("span", {}, "Private ", h("small", { class: "muted" }, "Only people who are invited can see it, and only they get answers from it."))),
    ],
  });
}

const asChannelName = (text) => text.trim().replace(/^#/, "").toLowerCase().replace(/\s+/g, "-");
