"""Posting, editing, deleting and reacting: the operations on messages, with Slack's thread rules."""

import copy
import re
import time
import uuid
from dataclasses import dataclass

from bot.sandbox.changes import (
    MessageChanged,
    MessageDeleted,
    MessagePosted,
    ReactionChanged,
    StateTouched,
    ThreadGrew,
)
from bot.sandbox.ids import timestamp, unused_timestamp
from bot.sandbox.model import Channel, Payload
from bot.sandbox.workspace import SlackError, Workspace

_REACTION_NAME = re.compile(r"[a-z0-9_+'\-]{1,100}(::skin-tone-[2-6])?")
_REACTION_ALIASES = {"thumbsup": "+1", "thumbsdown": "-1"}


@dataclass
class Draft:
    """What is about to be posted."""

    text: str = ""
    blocks: list[Payload] | None = None
    attachments: list[Payload] | None = None
    files: list[Payload] | None = None
    metadata: Payload | None = None
    thread_ts: str | None = None
    reply_broadcast: bool = False
    subtype: str | None = None
    extra: Payload | None = None
    """Further fields of the stored message, such as `inviter` of a channel_join."""
    posted_at: float | None = None
    """Seconds since the epoch; None means now."""


def post(workspace: Workspace, channel: Channel, author_id: str, draft: Draft) -> Payload:
    """Adds a message and announces it. Raises SlackError ``thread_not_found``."""
    root = thread_root(channel, draft.thread_ts) if draft.thread_ts else None
    ts = unused_timestamp(channel.messages, draft.posted_at)
    message: Payload = {
        "type": "message",
        "ts": ts,
        "user": author_id,
        "team": workspace.team.id,
        "text": draft.text,
    }
    message |= author_fields(workspace, author_id)
    optional = {
        "subtype": draft.subtype,
        "blocks": draft.blocks,
        "attachments": draft.attachments,
        "files": draft.files,
        "metadata": draft.metadata,
    }
    message |= {key: value for key, value in optional.items() if value}
    message |= draft.extra or {}
    if root is not None:
        message |= {"thread_ts": root["ts"], "parent_user_id": root["user"]}
        if draft.reply_broadcast:
            message["subtype"] = "thread_broadcast"
        channel.threads.setdefault(root["ts"], []).append(ts)
        root["thread_ts"] = root["ts"]
    channel.messages[ts] = message
    workspace.announce(MessagePosted(channel, message))
    if root is not None:
        workspace.announce(ThreadGrew(channel, root))
    return message


def author_fields(workspace: Workspace, author_id: str) -> Payload:
    """What tells an app's messages from a person's."""
    if not workspace.is_bot(author_id):
        return {"client_msg_id": str(uuid.uuid4())}
    app, bot = workspace.app, workspace.bot
    profile = {
        "id": app.bot_id,
        "app_id": app.id,
        "user_id": bot.id,
        "name": bot.real_name,
        "icons": {},
        "deleted": False,
        "updated": bot.updated,
        "team_id": workspace.team.id,
    }
    return {"bot_id": app.bot_id, "app_id": app.id, "bot_profile": profile}


def find(channel: Channel, ts: str) -> Payload:
    """Raises SlackError ``message_not_found``."""
    message = channel.messages.get(ts)
    if message is None or message.get("subtype") == "tombstone":
        raise SlackError("message_not_found")
    return message


def thread_root(channel: Channel, thread_ts: str) -> Payload:
    """The first message of the thread; a reply's own timestamp stands for its thread.

    Raises SlackError ``thread_not_found``.
    """
    message = channel.messages.get(thread_ts)
    if message is None:
        raise SlackError("thread_not_found")
    root_ts = message.get("thread_ts", thread_ts)
    root = channel.messages.get(root_ts)
    if root is None:
        raise SlackError("thread_not_found")
    return root


def edit(workspace: Workspace, channel: Channel, message: Payload, editor_id: str, fields: Payload) -> None:
    """Replaces `fields` (a None takes the field away) and announces the edit."""
    previous = copy.deepcopy(message)
    for key, value in fields.items():
        if value is None:
            message.pop(key, None)
        else:
            message[key] = value
    message["edited"] = {"user": editor_id, "ts": timestamp(int(time.time()))}  # whole seconds, as in Slack
    workspace.announce(MessageChanged(channel, message, previous))


def delete(workspace: Workspace, channel: Channel, message: Payload) -> None:
    """Removes a message. The first message of a thread leaves a tombstone, so that the replies keep their place."""
    previous = copy.deepcopy(message)
    ts = message["ts"]
    if channel.threads.get(ts):
        kept = {"type": "message", "subtype": "tombstone", "hidden": True, "ts": ts, "thread_ts": ts}
        message.clear()
        message |= kept | {"user": "USLACKBOT", "text": "This message was deleted."}
        workspace.announce(MessageChanged(channel, message, previous))
        return
    del channel.messages[ts]
    channel.threads.pop(ts, None)
    root_ts = previous.get("thread_ts")
    workspace.announce(MessageDeleted(channel, previous))
    if root_ts and root_ts != ts and root_ts in channel.messages:
        channel.threads[root_ts].remove(ts)
        workspace.announce(ThreadGrew(channel, channel.messages[root_ts]))


def react(workspace: Workspace, channel: Channel, message: Payload, person_id: str, name: str) -> None:
    """Raises SlackError ``invalid_name`` or ``already_reacted``."""
    name = _reaction_name(name)
    reactions = message.setdefault("reactions", [])
    entry = next((each for each in reactions if each["name"] == name), None)
    if entry is None:
        entry = {"name": name, "users": [], "count": 0}
        reactions.append(entry)
    if person_id in entry["users"]:
        raise SlackError("already_reacted")
    entry["users"].append(person_id)
    entry["count"] = len(entry["users"])
    workspace.announce(ReactionChanged(channel, message, person_id, name, added=True))


def unreact(workspace: Workspace, channel: Channel, message: Payload, person_id: str, name: str) -> None:
    """Raises SlackError ``invalid_name`` or ``no_reaction``."""
    name = _reaction_name(name)
    entry = next((each for each in message.get("reactions", []) if each["name"] == name), None)
    if entry is None or person_id not in entry["users"]:
        raise SlackError("no_reaction")
    entry["users"].remove(person_id)
    entry["count"] = len(entry["users"])
    message["reactions"] = [each for each in message["reactions"] if each["users"]]
    if not message["reactions"]:
        del message["reactions"]
    workspace.announce(ReactionChanged(channel, message, person_id, name, added=False))


def shown(channel: Channel, message: Payload) -> Payload:
    """A copy of the message as history shows it: with what its thread holds."""
    presented = copy.deepcopy(message)
    replies = channel.threads.get(message["ts"])
    if replies:
        users = list(dict.fromkeys(channel.messages[ts]["user"] for ts in replies))
        presented |= {
            "thread_ts": message["ts"],
            "reply_count": len(replies),
            "reply_users": users[:5],
            "reply_users_count": len(users),
            "latest_reply": max(replies),
            "is_locked": False,
            "subscribed": False,
        }
    return presented


def mark_read(workspace: Workspace, channel: Channel, person_id: str, ts: str) -> None:
    """Remembers up to where somebody has read."""
    channel.last_read[person_id] = ts
    workspace.announce(StateTouched())


def permalink(workspace: Workspace, channel: Channel, message: Payload) -> str:
    """The address that opens the page at this message."""
    link = f"{workspace.url}/archives/{channel.id}/p{message['ts'].replace('.', '')}"
    root_ts = message.get("thread_ts")
    if root_ts and root_ts != message["ts"]:
        link += f"?thread_ts={root_ts}&cid={channel.id}"
    return link


def _reaction_name(name: str) -> str:
    name = name.strip(":")
    if not _REACTION_NAME.fullmatch(name):
        raise SlackError("invalid_name")
    return _REACTION_ALIASES.get(name, name)
