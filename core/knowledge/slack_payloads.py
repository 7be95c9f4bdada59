"""Messages as Slack itself words them, plain JSON, whether an event, the Web API or an export brought them."""

import re
from dataclasses import dataclass
from typing import Any

Payload = dict[str, Any]

_SAID_BY_PEOPLE = (None, "file_share", "thread_broadcast", "me_message")
"""Subtypes of messages that somebody wrote; the others are Slack's own: joins, topics, pins."""

_ID = re.compile(r"[A-Z0-9]{1,64}")
_TS = re.compile(r"\d{1,10}\.\d{1,9}")


@dataclass(frozen=True)
class Heeding:
    """Whose words are kept: those of people, and of the bots that somebody chose to listen to. Never our own.

    `listened_bots` are ids of bots (B…) or of their users (U…). Our own ids are empty before we joined a workspace.
    """

    bot_user_id: str
    bot_id: str
    listened_bots: frozenset[str]

    def heeds(self, message: Payload) -> bool:
        """Whether the message is knowledge: somebody wrote it, and we listen to them."""
        if is_by(message, self.bot_user_id, self.bot_id):
            return False
        if not message.get("bot_id"):
            return is_said_by_people(message)
        said = message.get("subtype") in (*_SAID_BY_PEOPLE, "bot_message")
        return said and not self.listened_bots.isdisjoint((text_in(message, "bot_id"), text_in(message, "user")))


def is_said_by_people(message: Payload) -> bool:
    """Whether a person wrote it, not a bot and not Slack."""
    return message.get("subtype") in _SAID_BY_PEOPLE and not message.get("bot_id")


def is_by(payload: Payload, user_id: str, bot_id: str) -> bool:
    """Whether this user or this bot did it; an empty id is nobody's."""
    return bool((user_id and payload.get("user") == user_id) or (bot_id and payload.get("bot_id") == bot_id))


def author_of(message: Payload) -> str:
    """The id of who wrote the message; old kinds of bots have no user."""
    return text_in(message, "user", "bot_id")


def bot_name(message: Payload) -> str:
    """What a bot calls itself in its message."""
    return text_in(message, "username") or text_in(object_in(message, "bot_profile"), "name")


def thread_of(message: Payload) -> str:
    """The ts of the thread's first message, for a reply; empty for that one itself and for any other."""
    thread_ts = text_in(message, "thread_ts")
    return thread_ts if is_ts(thread_ts) and thread_ts != message.get("ts") else ""


def revision_of(message: Payload, told_at: str = "") -> str:
    """The Slack ts since when the message says what it says; `told_at` is that of the event which told of it, if any.

    Slack dates an edit in whole seconds, so that it may seem older than the message, and as old as the edit before.
    """
    known = (text_in(message, "ts"), text_in(object_in(message, "edited"), "ts"), told_at)
    return max(filter(is_ts, known), key=float)


def message_permalink(workspace_url: str, channel_id: str, ts: str, thread_ts: str = "") -> str:
    """The address of a message; a reply's address opens its thread."""
    link = f"{workspace_url.rstrip('/')}/archives/{channel_id}/p{ts.replace('.', '')}"
    return f"{link}?thread_ts={thread_ts}&cid={channel_id}" if thread_ts and thread_ts != ts else link


def is_ts(value: str) -> bool:
    """Whether it is a moment as Slack writes them, which also names a message: `1712345678.123456`."""
    return bool(_TS.fullmatch(value))


def is_id(value: str) -> bool:
    """Whether it is an id as Slack makes them. Others may be paths that lead elsewhere."""
    return bool(_ID.fullmatch(value))


def text_in(payload: Payload, *keys: str) -> str:
    """The first of these that holds text, fit to be stored; empty where none does."""
    told = (payload.get(key) for key in keys)
    return next((text for value in told if isinstance(value, str) and (text := storable(value))), "")


def object_in(payload: Payload, key: str) -> Payload:
    """The object under this key; an empty one where there is none."""
    value = payload.get(key)
    return value if isinstance(value, dict) else {}


def objects(value: object) -> list[Payload]:
    """The objects of a list, without what else is in it; none where it is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def storable(text: str) -> str:
    """The text without what no database takes: halves of characters, as of an emoji cut in two, and NUL."""
    return text.replace("\0", "").encode(errors="ignore").decode()
