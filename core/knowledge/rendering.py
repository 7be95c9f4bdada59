"""A message as Slack sends it → the same message as people read it: names for ids, emoji for short names."""

import re
from collections.abc import Mapping

import emoji

_MARKUP = re.compile(r"<([^<>\n]+)>")
_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^<>]*)?>")
_SKIN_TONE = re.compile(r":skin-tone-[2-6]:")
_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)  # where ":100:" is no emoji
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))  # the three that Slack escapes, the ampersand last


def people_mentioned(text: str) -> set[str]:
    """Ids of the people whom the message mentions."""
    return set(_MENTION.findall(text))


def render(text: str, people: Mapping[str, str], channels: Mapping[str, str]) -> str:
    """The message's text as people read it; `people` and `channels` are names by id."""
    shown = _MARKUP.sub(lambda found: _shown(found[1], people, channels), text)
    for entity, character in _ENTITIES:
        shown = shown.replace(entity, character)
    pieces = _CODE.split(shown)
    return "".join(piece if at % 2 else _with_emoji(piece) for at, piece in enumerate(pieces)).strip()


def _with_emoji(text: str) -> str:
    return emoji.emojize(_SKIN_TONE.sub("", text), language="alias")


def _shown(markup: str, people: Mapping[str, str], channels: Mapping[str, str]) -> str:
    """What stands for `<markup>` on the reader's screen."""
    target, _, label = markup.partition("|")
    match target[0]:
        case "@":
            return "@" + people.get(target[1:], label.lstrip("@") or target[1:])
        case "#":
            return "#" + channels.get(target[1:], label.lstrip("#") or target[1:])
        case "!":
            return label or "@" + target[1:].partition("^")[0]
    address = target.removeprefix("mailto:").removeprefix("tel:")
    bare = re.sub(r"^https?://", "", address).rstrip("/")
    if not label or label.rstrip("/") in (address.rstrip("/"), bare):
        return address
    return f"{label} ({address})"
