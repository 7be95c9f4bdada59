// What a channel is about and who is in it; inviting, removing, leaving, archiving.

import { h, replaceContent } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { go } from "../lib/routes.js";
import { attempt, toast } from "../lib/toasts.js";
import { call, callAll } from "../state/api.js";
import { conversation, isPrivate, loadConversations, mayManage } from "../state/conversations.js";
import { displayName, isBot, isMe, mentionable } from "../state/session.js";
import { avatar } from "./avatar.js";
import { showDialog } from "./dialog.js";

export function showChannelDetails(channel) {
  const body = h("div", { class: "channel-details" });
  const dialog = showDialog({ title: conversation(channel).name, body });
  const refresh = () => attempt(async () => {
    const members = await callAll("conversations.members", { channel }, "members");
    if (!conversation(channel)) return dialog.close();
    return replaceContent(body, ...detailsOf(channel, members, dialog, refresh));
  });
  refresh();
}

function detailsOf(channel, members, dialog, refresh) {
  const info = conversation(channel);
  const run = (method, args) => attempt(async () => {
    await call(method, { channel, ...args });
    await loadConversations();
    await refresh();
    return true;
  });
  return [
    h("p", { class: "muted" }, icon(isPrivate(info) ? "lock" : "hash"), isPrivate(info) ? "Private channel" : "Public channel", ` · created by ${displayName(info.creator)}`),
    info.purpose?.value && h("p", {}, info.purpose.value),
    info.is_member && !info.is_archived && [topicField(info, run), inviteField(members, run)],
    h("h3", {}, `Members (${members.length})`),
    h("ul", { class: "member-list" }, members.map((id) => memberRow(id, info, run))),
    info.is_member && !info.is_archived && h("div", { class: "details-foot" }, leaveButton(info, dialog), mayManage(info) && archiveButton(info, dialog)),
  ];
}

function topicField(info, run) {
  const field = h("input", { type: "text", class: "text-input", value: info.topic?.value ?? "", placeholder: "What is being worked on?", maxlength: "250", "aria-label": "Topic" });
  const save = () => run("conversations.setTopic", { topic: field.value.trim() });
  return h("div", { class: "field-row" }, h("span", { class: "label" }, "Topic"), field, h("button", { type: "button", class: "button", onclick: save }, "Save"));
}

function inviteField(members, run) {
  const outside = mentionable().filter(({ id }) => !members.includes(id));
  if (!outside.length) return null;
  const select = h("select", { class: "select", "aria-label": "Person to invite" }, outside.map(({ id, name }) => h("option", { value: id }, name)));
  const invite = async () => {
    const name = displayName(select.value);
    if (await run("conversations.invite", { users: select.value })) toast(`${name} is in the channel now.`);
  };
  return h("div", { class: "field-row" }, h("span", { class: "label" }, "Invite"), select, h("button", { type: "button", class: "button", onclick: invite }, "Invite"));
}

function memberRow(id, info, run) {
  const mayRemove = info.is_member && mayManage(info) && !isMe(id) && !info.is_archived;
  const remove = h("button", { type: "button", class: "link-button", onclick: () => run("conversations.kick", { user: id }) }, "Remove");
  return h("li", {}, avatar(id, "small"), h("span", {}, displayName(id), isMe(id) && h("span", { class: "muted" }, " (you)")), isBot(id) && h("span", { class: "badge" }, "App"), mayRemove && remove);
}

const leaveButton = (info, dialog) => h("button", { type: "button", class: "button", onclick: () => attempt(async () => {
  await call("conversations.leave", { channel: info.id });
  await loadConversations();
  dialog.close();
  go(conversation(info.id) ? { channel: info.id } : {});
}) }, "Leave channel");

const archiveButton = (info, dialog) => h("button", { type: "button", class: "button danger", onclick: () => {
  dialog.close();
  const question = showDialog({
    title: `Archive #${info.name}?`, submit: "Archive", danger: true, body: h("p", {}, "Nobody will be able to post in it any more. What was said stays readable."),
    onSubmit: () => attempt(async () => {
      question.close();
      await call("conversations.archive", { channel: info.id });
      await loadConversations();
      go({ channel: info.id });
    }),
  });
} }, "Archive channel");
