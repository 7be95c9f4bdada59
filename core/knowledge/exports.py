"""A Slack export, as a zip file or unpacked: its channels, people and messages take the same road as live ones."""

import json
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Protocol
from urllib.parse import urlsplit

from core.errors import DamagedFile, FileTooLarge
from core.knowledge.channels import (
    ChannelFacts,
    PersonFacts,
    import_channel,
    learn_channel,
    learn_members,
    learn_people,
)
from core.knowledge.hearing import HeardFile, HeardMessage, hear_messages
from core.records.unit_of_work import Record
from core.records.workspaces import ChannelKind

Payload = dict[str, Any]

MEMBER_BYTES = 256 * 2**20
"""The most that one file of an export may unpack to: a day of a channel, or the list of all people."""
TOTAL_BYTES = 64 * 2**30
HEARD_AT_ONCE = 200

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\.json")
_LISTS = {"channels.json": ChannelKind.PUBLIC, "groups.json": ChannelKind.PRIVATE}
_SAID_BY_PEOPLE = (None, "file_share", "thread_broadcast", "me_message")


class ExportFiles(Protocol):
    """The files of an export, by their names inside it."""

    def names(self) -> list[str]:
        """All of them, with / between the parts."""

    def read(self, name: str) -> bytes:
        """One of them. Raises FileTooLarge for what unpacks to more than an export could hold."""

    def close(self) -> None:
        """Let go of it."""


class _Zip:
    """Nothing is ever unpacked to the disk, so no name in it can lead anywhere."""

    def __init__(self, path: Path) -> None:
        self._archive = zipfile.ZipFile(path)
        self._left = TOTAL_BYTES
        self._name = path.name

    def names(self) -> list[str]:
        return [member.filename for member in self._archive.infolist() if not member.is_dir()]

    def read(self, name: str) -> bytes:
        # What the header says of its size may be a lie: so many bytes are read, and no more.
        with self._archive.open(name) as member:
            content = member.read(MEMBER_BYTES + 1)
        self._left -= len(content)
        if len(content) > MEMBER_BYTES or self._left < 0:
            raise FileTooLarge(f"{name} in {self._name} unpacks to more than an export of Slack would hold.")
        return content

    def close(self) -> None:
        self._archive.close()


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[str]:
        root = self._path.resolve()
        return [
            file.relative_to(self._path).as_posix()
            for file in self._path.glob("**/*.json")
            if file.is_file() and file.resolve().is_relative_to(root)  # a link may lead out of it
        ]

    def read(self, name: str) -> bytes:
        path = self._path / name
        if path.stat().st_size > MEMBER_BYTES:
            raise FileTooLarge(f"{name} is larger than anything in an export of Slack.")
        return path.read_bytes()

    def close(self) -> None:
        pass


@dataclass
class Imported:
    """What an export brought. `left_out`: days that could not be read, by name, with the reason."""

    channels: int = 0
    people: int = 0
    messages: int = 0
    files: int = 0
    left_out: list[str] = field(default_factory=list)


def find_export(path: Path) -> ExportFiles | None:
    """The export at this path, if it is one: a folder or zip file with a list of channels at its top."""
    if path.is_dir():
        return _Folder(path) if any((path / name).is_file() for name in _LISTS) else None
    if not zipfile.is_zipfile(path):
        return None
    try:
        export = _Zip(path)
    except (zipfile.BadZipFile, OSError):
        return None
    if _LISTS.keys().isdisjoint(export.names()):
        export.close()
        return None
    return export


def import_export(
    record: Record,
    workspace_id: str,
    export: ExportFiles,
    tell: Callable[[int, int], None] = lambda _done, _total: None,
) -> Imported:
    """Hear all that the export holds. What is known already is not heard twice, so it may be repeated after a kill.

    `tell` is told how many of how many days are done. Direct messages are left out: they belong to those two people.
    Raises DamagedFile when the lists of channels or people cannot be read.
    """
    done = Imported()
    names = set(export.names())
    people = _list(export, "users.json") if "users.json" in names else []
    learn_people(record, workspace_id, [_person(user) for user in people])
    done.people = len(people)
    days: list[tuple[str, ChannelFacts]] = []
    for list_name, kind in _LISTS.items():
        for told in _list(export, list_name) if list_name in names else []:
            facts = ChannelFacts(str(told["id"]), kind, str(told.get("name") or ""), archived=told.get("is_archived"))
            _learn(record, workspace_id, facts, told)
            done.channels += 1
            days += [(name, facts) for name in sorted(names) if _is_day_of(name, facts)]
    for at, (name, channel) in enumerate(days):
        tell(at, len(days))
        _hear_day(record, workspace_id, channel, name, export, done)
    tell(len(days), len(days))
    return done


def _learn(record: Record, workspace_id: str, facts: ChannelFacts, told: Payload) -> None:
    # What Slack itself says of a channel, once the bot is in it, is newer than any export.
    if import_channel(record, workspace_id, facts.id, facts.kind):
        learn_channel(record, workspace_id, facts)
        learn_members(record, workspace_id, facts.id, [str(member) for member in told.get("members") or ()])


def _is_day_of(name: str, channel: ChannelFacts) -> bool:
    path = PurePosixPath(name)
    return len(path.parts) == 2 and path.parts[0] in (channel.name, channel.id) and bool(_DAY.fullmatch(path.name))


def _hear_day(
    record: Record, workspace_id: str, channel: ChannelFacts, name: str, export: ExportFiles, done: Imported
) -> None:
    try:
        said = [message for message in _list(export, name) if _is_said(message)]
    except (DamagedFile, FileTooLarge) as error:
        done.left_out.append(error.sentence)
        return
    for start in range(0, len(said), HEARD_AT_ONCE):
        heard = [_heard(workspace_id, channel, message) for message in said[start : start + HEARD_AT_ONCE]]
        hear_messages(record, heard)
        done.messages += len(heard)
        done.files += sum(len(message.files) for message in heard)


def _list(export: ExportFiles, name: str) -> list[Payload]:
    try:
        found = json.loads(export.read(name))
    except (ValueError, zipfile.BadZipFile, OSError, RuntimeError) as error:  # RuntimeError: it is encrypted
        raise DamagedFile(f"{name} in the export cannot be read. Export it from Slack again.") from error
    if not isinstance(found, list):
        raise DamagedFile(f"{name} in the export is not a list. Export it from Slack again.")
    return [each for each in found if isinstance(each, dict)]


def _is_said(message: Payload) -> bool:
    is_person = message.get("subtype") in _SAID_BY_PEOPLE and not message.get("bot_id") and message.get("user")
    return bool(is_person and re.fullmatch(r"\d+\.\d+", str(message.get("ts"))))


def _heard(workspace_id: str, channel: ChannelFacts, message: Payload) -> HeardMessage:
    ts, thread_ts = str(message["ts"]), str(message.get("thread_ts") or "")
    is_reply = thread_ts not in ("", ts)
    link = f"{_workspace_url(message)}/archives/{channel.id}/p{ts.replace('.', '')}"
    return HeardMessage(
        workspace_id=workspace_id,
        channel_id=channel.id,
        channel_kind=channel.kind,
        ts=ts,
        thread_ts=thread_ts if is_reply else "",
        person_id=str(message["user"]),
        text=str(message.get("text") or ""),
        permalink=f"{link}?thread_ts={thread_ts}&cid={channel.id}" if is_reply else link,
        revision=str((message.get("edited") or {}).get("ts") or ts),
        files=tuple(_file(file) for file in message.get("files") or () if _is_there(file)),
    )


def _is_there(file: Any) -> bool:
    return isinstance(file, dict) and bool(file.get("id")) and file.get("mode") not in ("tombstone", "hidden_by_limit")


def _file(file: Mapping[str, Any]) -> HeardFile:
    outside = bool(file.get("is_external")) or file.get("mode") == "external"
    address = str(file.get("url_private_download") or file.get("url_private") or "")
    return HeardFile(
        id=str(file["id"]),
        name=str(file.get("name") or file.get("title") or file["id"]),
        mimetype=str(file.get("mimetype") or ""),
        size=int(file.get("size") or 0),
        # Without the export's own key, which runs out: the bot has a token of its own.
        download_url="" if outside else address.split("?", maxsplit=1)[0],
        permalink=str(file.get("permalink") or file.get("url_private") or ""),
        person_id=str(file.get("user") or ""),
        is_outside=outside,
    )


def _workspace_url(message: Payload) -> str:
    """An export does not say its workspace's address, but the links of its files do; slack.com finds it otherwise."""
    for file in message.get("files") or ():
        host = urlsplit(str(file.get("permalink") or "")).hostname if isinstance(file, dict) else None
        if host and host.endswith(".slack.com"):
            return f"https://{host}"
    return "https://slack.com"


def _person(user: Payload) -> PersonFacts:
    profile = user.get("profile") or {}
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name"))
    return PersonFacts(
        id=str(user.get("id") or ""),
        name=str(next((name for name in names if name), "")),
        is_admin=False,  # who may administer is Slack's to say, not a file's
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_bot=bool(user.get("is_bot")),
        left=bool(user.get("deleted")),
    )
