"""A Slack export, as a zip file or unpacked: its channels, people and messages take the same road as live ones."""

import json
import re
import zipfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from core.errors import DamagedFile, FileTooLarge
from core.knowledge.channels import (
    ChannelFacts,
    PersonFacts,
    import_channel,
    import_people,
    learn_channel,
    learn_members,
)
from core.knowledge.export_files import ExportFiles
from core.knowledge.hearing import HeardFile, HeardMessage, hear_messages
from core.knowledge.message_text import everything_in, text_of
from core.knowledge.rendering import people_mentioned
from core.records.unit_of_work import Record
from core.records.workspaces import ChannelKind

Payload = dict[str, Any]

HEARD_AT_ONCE = 200

_TS = re.compile(r"\d{1,10}\.\d{1,9}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\.json")
_KINDS = {"channels.json": ChannelKind.PUBLIC, "groups.json": ChannelKind.PRIVATE}
_DIRECT = ("dms.json", "mpims.json")
_SAID_BY_PEOPLE = (None, "file_share", "thread_broadcast", "me_message")


@dataclass
class Imported:
    """What an export brought.

    `left_out`: days that could not be read, by name, with the reason; `direct`: conversations of direct messages,
    which belong to those people alone.
    """

    channels: int = 0
    people: int = 0
    messages: int = 0
    files: int = 0
    direct: int = 0
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Ears:
    """Who listens: in which workspace, as which user (empty before the bot joined it), and to which bots."""

    workspace_id: str
    bot_user_id: str
    listened_bots: frozenset[str]

    def heed(self, message: Payload) -> bool:
        if not _TS.fullmatch(_text(message, "ts")) or not _said_by(message):
            return False
        if bot_id := _text(message, "bot_id"):
            said = message.get("subtype") in (*_SAID_BY_PEOPLE, "bot_message")
            return said and not self.listened_bots.isdisjoint((bot_id, _text(message, "user")))
        return message.get("subtype") in _SAID_BY_PEOPLE


def import_export(
    record: Record,
    workspace_id: str,
    export: ExportFiles,
    tell: Callable[[int, int], None] = lambda _done, _total: None,
    listened_bots: frozenset[str] = frozenset(),
) -> Imported:
    """Hear all that the export holds. What is known already is not heard twice, so it may be repeated after a kill.

    `tell` is told how many of how many days are done. Direct messages are left out, and what bots said, but for those
    whose ids are `listened_bots`.
    Raises DamagedFile when the lists of channels or people cannot be read.
    """
    done = Imported()
    with record() as work:
        workspace = work.workspaces.get(workspace_id)
    ears = _Ears(workspace_id, workspace.bot_user_id if workspace else "", listened_bots)
    names = set(export.names())
    people = [person for each in _list(export, "users.json", names) if (person := _person(each))]
    import_people(record, workspace_id, people)
    done.people = len(people)
    done.direct = sum(len(_list(export, name, names)) for name in _DIRECT)
    days: list[tuple[str, ChannelFacts]] = []
    for list_name, kind in _KINDS.items():
        for told in _list(export, list_name, names):
            facts = ChannelFacts(_text(told, "id"), kind, _text(told, "name"), archived=bool(told.get("is_archived")))
            if facts.id:
                _learn(record, workspace_id, facts, told)
                done.channels += 1
                days += [(name, facts) for name in sorted(names) if _is_day_of(name, facts)]
    for at, (name, channel) in enumerate(days):
        tell(at, len(days))
        _hear_day(record, ears, channel, name, export, done)
    tell(len(days), len(days))
    return done


def _learn(record: Record, workspace_id: str, facts: ChannelFacts, told: Payload) -> None:
    # What Slack itself says of a channel, once the bot is in it, is newer than any export.
    if import_channel(record, workspace_id, facts.id, facts.kind):
        learn_channel(record, workspace_id, facts)
        listed = told.get("members")
        members = [str(each) for each in listed] if isinstance(listed, list) else []
        learn_members(record, workspace_id, facts.id, members)


def _is_day_of(name: str, channel: ChannelFacts) -> bool:
    path = PurePosixPath(name)
    return len(path.parts) == 2 and path.parts[0] in (channel.name, channel.id) and bool(_DAY.fullmatch(path.name))


def _hear_day(
    record: Record, ears: _Ears, channel: ChannelFacts, name: str, export: ExportFiles, done: Imported
) -> None:
    try:
        said = [message for message in _list(export, name) if ears.heed(message)]
    except (DamagedFile, FileTooLarge) as error:
        done.left_out.append(error.sentence)
        return
    # People of other companies are in no list; their names come with what they say.
    authors = {each.id: each for message in said if (each := _author(message))}
    import_people(record, ears.workspace_id, authors.values())
    for start in range(0, len(said), HEARD_AT_ONCE):
        heard = [_heard(ears, channel, message) for message in said[start : start + HEARD_AT_ONCE]]
        hear_messages(record, heard)
        done.messages += len(heard)
        done.files += sum(len(message.files) for message in heard)


def _list(export: ExportFiles, name: str, names: Collection[str] | None = None) -> list[Payload]:
    """The objects of a list; none where it is not among `names`."""
    if names is not None and name not in names:
        return []
    try:
        found = json.loads(export.read(name))
    except (ValueError, zipfile.BadZipFile, OSError, RuntimeError) as error:  # RuntimeError: it is encrypted
        raise DamagedFile(f"{name} in the export cannot be read. Export it from Slack again.") from error
    if not isinstance(found, list):
        raise DamagedFile(f"{name} in the export is not a list. Export it from Slack again.")
    return _objects(found)


def _objects(value: object) -> list[Payload]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _object(holder: Payload, key: str) -> Payload:
    value = holder.get(key)
    return value if isinstance(value, dict) else {}


def _text(holder: Payload, *keys: str) -> str:
    """The first of these that holds text."""
    return next((value for key in keys if isinstance(value := holder.get(key), str) and value), "")


def _said_by(message: Payload) -> str:
    return _text(message, "user", "bot_id")


def _heard(ears: _Ears, channel: ChannelFacts, message: Payload) -> HeardMessage:
    ts, thread_ts = _text(message, "ts"), _text(message, "thread_ts")
    is_reply = thread_ts != ts and bool(_TS.fullmatch(thread_ts))
    link = f"{_workspace_url(message)}/archives/{channel.id}/p{ts.replace('.', '')}"
    edited_ts = _text(_object(message, "edited"), "ts")
    text = everything_in(message) if _text(message, "bot_id") else text_of(message)
    return HeardMessage(
        workspace_id=ears.workspace_id,
        channel_id=channel.id,
        channel_kind=channel.kind,
        ts=ts,
        thread_ts=thread_ts if is_reply else "",
        person_id=_said_by(message),
        text=text,
        permalink=f"{link}?thread_ts={thread_ts}&cid={channel.id}" if is_reply else link,
        revision=edited_ts if _TS.fullmatch(edited_ts) else ts,
        asks_journeyman=ears.bot_user_id in people_mentioned(text),
        files=tuple(_file(file) for file in _objects(message.get("files")) if _is_there(file)),
    )


def _is_there(file: Payload) -> bool:
    return bool(_text(file, "id")) and file.get("mode") not in ("tombstone", "hidden_by_limit")


def _file(file: Payload) -> HeardFile:
    outside = bool(file.get("is_external")) or file.get("mode") == "external"
    address = _text(file, "url_private_download", "url_private")
    size = file.get("size")
    return HeardFile(
        id=_text(file, "id"),
        name=_text(file, "name", "title", "id"),
        mimetype=_text(file, "mimetype"),
        size=size if isinstance(size, int) else 0,
        # Without the export's own key, which runs out: the bot has a token of its own.
        download_url="" if outside else address.split("?", maxsplit=1)[0],
        permalink=_text(file, "permalink", "url_private"),
        person_id=_text(file, "user"),
        is_outside=outside,
    )


def _workspace_url(message: Payload) -> str:
    """An export does not say its workspace's address, but the links of its files do; slack.com finds it otherwise."""
    for file in _objects(message.get("files")):
        host = urlsplit(_text(file, "permalink")).hostname
        if host and host.endswith(".slack.com"):
            return f"https://{host}"
    return "https://slack.com"


def _author(message: Payload) -> PersonFacts | None:
    """Who wrote the message, by what it says of them; who is in no list of people counts as a guest."""
    is_bot = bool(_text(message, "bot_id"))
    profile = _object(message, "bot_profile" if is_bot else "user_profile")
    name = _text(message, "username") if is_bot else ""
    name = name or _text(profile, "display_name", "real_name", "name")
    return PersonFacts(_said_by(message), name, is_guest=not is_bot, is_bot=is_bot) if name else None


def _person(user: Payload) -> PersonFacts | None:
    if not _text(user, "id"):
        return None
    profile = _object(user, "profile")
    return PersonFacts(
        id=_text(user, "id"),
        name=_text(profile, "display_name", "real_name") or _text(user, "real_name", "name"),
        is_admin=False,  # who may administer is Slack's to say, not a file's
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_bot=bool(user.get("is_bot")),
        left=bool(user.get("deleted")),
    )
