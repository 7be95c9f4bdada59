// Suggestions while somebody writes: @people, #channels, :emoji: and /commands.

import { h, replaceContent, uniqueId } from "../lib/dom.js";
import { emoji, emojiNames } from "../lib/emoji.js";
import { icon } from "../lib/icons.js";
import { allVisible, isDirect, isPrivate } from "../state/conversations.js";
import { mentionable, session } from "../state/session.js";
import { avatar } from "./avatar.js";

const most = 8;

// Each finder: what it looks like before the cursor, and what to offer. `insert` replaces the typed part.
const finders = [
  { pattern: /^\/([\w-]*)$/, find: commands },
  { pattern: /(?:^|[\s(])@([\p{L}\p{N}._-]*(?: [\p{L}\p{N}._-]+)?)$/u, find: people },
  { pattern: /(?:^|[\s(])#([\p{L}\p{N}_-]*)$/u, find: channels },
  { pattern: /(?:^|[\s(]):([a-z0-9_+-]{2,})$/, find: emojiByName },
];

function commands(term) {
  return session.commands.filter(({ command }) => command.startsWith(`/${term}`)).map((one) => ({
    insert: `${one.command} `, face: h("span", { class: "option-mark" }, "/"), label: one.command, detail: one.usage_hint, note: one.description, typed: term.length + 1,
  }));
}

function people(term) {
  const low = term.toLowerCase();
  const fits = ({ name, handle }) => [name, handle, ...name.split(/\s+/)].some((word) => word?.toLowerCase().startsWith(low));
  const found = mentionable().filter(fits).sort((a, b) => Number(Boolean(b.bot)) - Number(Boolean(a.bot)));
  return found.map(({ id, name, handle, bot }) => ({
    insert: `@${name} `, face: avatar(id, "small"), label: name, detail: bot ? "App" : handle && `@${handle}`, typed: term.length + 1,
  }));
}

function channels(term) {
  const open = allVisible().filter((one) => !isDirect(one) && !one.is_archived && one.name.includes(term.toLowerCase()));
  return open.map((one) => ({
    insert: `#${one.name} `, face: icon(isPrivate(one) ? "lock" : "hash"), label: one.name, detail: one.topic?.value, typed: term.length + 1,
  }));
}

function emojiByName(term) {
  return emojiNames.filter((name) => name.includes(term)).map((name) => ({
    insert: `:${name}: `, face: emoji(name), label: `:${name}:`, typed: term.length + 1,
  }));
}

// Attaches suggestions to a text area; `list` is the node to place in the page. onKey returns true when it used the key.
export function autocomplete(area) {
  const id = uniqueId("suggestions");
  const list = h("div", { class: "suggestions", role: "listbox", id, "aria-label": "Suggestions", hidden: true });
  let options = [];
  let active = 0;
  area.setAttribute("aria-autocomplete", "list");
  area.setAttribute("aria-controls", id);

  const close = () => {
    options = [];
    list.hidden = true;
    area.removeAttribute("aria-activedescendant");
  };
  const refresh = () => {
    options = area.selectionStart === area.selectionEnd ? suggest(area.value.slice(0, area.selectionStart)) : [];
    active = 0;
    if (!options.length) return close();
    list.hidden = false;
    return show();
  };
  const show = () => {
    replaceContent(list, options.map((option, index) => optionNode(option, `${id}-${index}`, index === active, () => choose(index))));
    area.setAttribute("aria-activedescendant", `${id}-${active}`);
    list.children[active]?.scrollIntoView({ block: "nearest" });
  };
  const choose = (index) => {
    const { insert, typed } = options[index];
    const end = area.selectionStart;
    area.setRangeText(insert, end - typed, end, "end");
    close();
    area.focus();
    area.dispatchEvent(new Event("input"));
  };
  const onKey = (event) => {
    if (!options.length || event.isComposing) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) active = (active + step + options.length) % options.length;
    else if (event.key === "Enter" || event.key === "Tab") choose(active);
    else if (event.key === "Escape") close();
    else return false;
    if (step) show();
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  area.addEventListener("blur", () => setTimeout(close, 150));
  return { list, refresh, onKey, close };
}

function suggest(before) {
  for (const { pattern, find } of finders) {
    const term = pattern.exec(before)?.[1];
    if (term === undefined) continue;
    const found = find(term).slice(0, most);
    const alreadyWritten = found.length === 1 && before.endsWith(found[0].insert.trimEnd()) && found[0].insert.startsWith("@");
    if (found.length && !alreadyWritten) return found;
  }
  return [];
}

function optionNode({ face, label, detail, note }, id, selected, choose) {
  return h(
    "div",
    { class: "suggestion", role: "option", id, "aria-selected": String(selected), onmousedown: (event) => { event.preventDefault(); choose(); } },
    h("span", { class: "option-face" }, face), h("span", { class: "option-label" }, label),
    detail && h("span", { class: "option-detail muted" }, detail), note && h("span", { class: "option-note muted" }, note),
  );
}
