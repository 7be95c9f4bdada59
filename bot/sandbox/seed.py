"""A workspace to begin with, read from a folder's `workspace.json` and posted through the ordinary path.

The file is one JSON object::

    {"team": "Lantern Bakery",
     "people":   [{"name": "ana", "real_name"?: "Ana Ruiz", "title"?: "…", "is_admin"?: true, "is_guest"?: true,
                   "id"?: "U…"}],
     "channels": [{"name": "general", "members": ["ana"], "private"?: true, "topic"?: "…", "bot"?: false}],
     "history":  [{"channel": "general", "person": "ana", "text": "…", "minutes_ago"?: 90,
                   "replies"?: [{"person": "ben", "text": "…"}], "files"?: ["handbook/leave.pdf"]}]}

Keys with a question mark may be left out. `bot` says whether the bot is in the channel (it is, unless told otherwise);
`files` are paths inside the folder; in texts, `@ana` and `#general` become Slack's own mentions.
"""

import json
import re
import shutil
import time
from pathlib import Path
from typing import Any

from bot.sandbox import channels, files, messages
from bot.sandbox.files import FileStore
from bot.sandbox.ids import stable_id
from bot.sandbox.model import Channel, Payload, Person, SharedFile, Team
from bot.sandbox.workspace import BOT_NAME, Workspace

SEED_FILE = "workspace.json"
_COLORS = ("9f69e7", "4bbe2e", "e7392d", "3c989f", "674b1b", "e96699", "5a4592", "d58247")
_REFERENCE = re.compile(r"(?<![\w<])([@#])([a-z0-9][\w.\-]*\w)")

DEFAULT_SEED: Payload = {
    "team": "Sandbox",
    "people": [
        {"name": "ana", "real_name": "Ana Ruiz", "title": "Operations", "is_admin": True},
        {"name": "ben", "real_name": "Ben Okafor", "title": "Engineering"},
        {"name": "chloe", "real_name": "Chloé Martin", "title": "Support"},
    ],
    "channels": [
        {
            "name": "general",
            "members": ["ana", "ben", "chloe"],
            "topic": "Everything that everybody should know",
        },
        {"name": "random", "members": ["ana", "ben", "chloe"], "topic": "Everything else"},
        {"name": "leads", "private": True, "members": ["ana", "ben"], "topic": "Only for leads"},
    ],
    "history": [],
}


class SeedError(ValueError):
    """The seed cannot be used; the message says where in it and why."""


def read_seed(folder: Path) -> Payload:
    """Raises SeedError when the file is missing or is not a JSON object."""
    path = folder / SEED_FILE
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SeedError(f"{path} does not exist.") from None
    except json.JSONDecodeError as error:
        raise SeedError(f"{path} is not valid JSON: {error}.") from None
    if not isinstance(document, dict):
        raise SeedError(f"{path} must hold one JSON object.")
    return document


def found_workspace(seed: Payload) -> Workspace:
    """A workspace with the seed's team and people and the bot, but no channels yet. Raises SeedError."""
    name = _text(seed, "team", "the seed")
    domain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "sandbox"
    workspace = Workspace(Team(stable_id("T", name), name, domain))
    now = int(time.time())
    for index, entry in enumerate(_entries(seed, "people")):
        where = f"people[{index}]"
        person_name = _text(entry, "name", where)
        if person_name == BOT_NAME or any(each.name == person_name for each in workspace.people.values()):
            raise SeedError(f"{where}: the name {person_name!r} is taken.")
        person = Person(
            id=str(entry.get("id") or stable_id("U", person_name)),
            name=person_name,
            real_name=str(entry.get("real_name") or person_name),
            title=str(entry.get("title") or ""),
            color=_COLORS[index % len(_COLORS)],
            is_admin=bool(entry.get("is_admin")),
            is_guest=bool(entry.get("is_guest")),
            updated=now,
        )
        workspace.people[person.id] = person
    if not workspace.people:
        raise SeedError("people: at least one person is needed.")
    bot_id = workspace.app.bot_user_id
    bot = Person(bot_id, BOT_NAME, "Journeyman", title="", color="2b6cb0", is_bot=True, updated=now)
    workspace.people[bot_id] = bot
    return workspace


def plant(workspace: Workspace, store: FileStore, seed: Payload, folder: Path | None) -> None:
    """Makes the seed's channels and posts its history, so that the bot hears it all. Raises SeedError."""
    planter = _Planter(workspace, store, folder)
    for index, entry in enumerate(_entries(seed, "channels")):
        planter.make_channel(entry, f"channels[{index}]", is_general=index == 0)
    for person in list(workspace.people.values()):
        if not person.is_bot:
            channels.open_direct(workspace, [person.id, workspace.app.bot_user_id])
    for index, entry in enumerate(_entries(seed, "history")):
        planter.post(entry, f"history[{index}]")


class _Planter:
    def __init__(self, workspace: Workspace, store: FileStore, folder: Path | None) -> None:
        self._workspace = workspace
        self._store = store
        self._folder = folder
        self._people = {person.name: person.id for person in workspace.people.values()}
        self._channels: dict[str, Channel] = {}

    def make_channel(self, entry: Payload, where: str, *, is_general: bool) -> None:
        name = _text(entry, "name", where)
        named = entry.get("members")
        if not isinstance(named, list) or not named:
            raise SeedError(f"{where}.members: at least one member is needed.")
        members = [self._person(member, f"{where}.members") for member in named]
        creator_id = members[0]
        if entry.get("bot", True):
            members.append(self._workspace.app.bot_user_id)
        channel = channels.create(
            self._workspace,
            name,
            creator_id,
            private=bool(entry.get("private")),
            members=members,
            channel_id=stable_id("C", name),
            announced=False,
        )
        channel.topic = str(entry.get("topic") or "")
        channel.is_general = is_general and channel.kind == "public"
        self._channels[name] = channel

    def post(self, entry: Payload, where: str) -> None:
        name = _text(entry, "channel", where)
        if name not in self._channels:
            raise SeedError(f"{where}.channel: there is no channel called {name!r}.")
        channel = self._channels[name]
        author_id = self._member(entry, channel, where)
        posted_at = time.time() - 60 * float(entry.get("minutes_ago") or 0)
        # A channel is as old as what is said in it.
        channel.created = min(channel.created, int(posted_at))
        draft = messages.Draft(self._text_of(entry, where, may_be_empty=bool(entry.get("files"))), posted_at=posted_at)
        uploads = [self._upload(path, author_id, f"{where}.files") for path in entry.get("files") or ()]
        if uploads:
            root = files.share(self._workspace, channel, author_id, uploads, draft)
        else:
            root = messages.post(self._workspace, channel, author_id, draft)
        for index, reply in enumerate(entry.get("replies") or ()):
            place = f"{where}.replies[{index}]"
            replier_id = self._member(reply, channel, place)
            replied_at = min(posted_at + 60 * (index + 1), time.time())
            text = self._text_of(reply, place)
            answer = messages.Draft(text, thread_ts=root["ts"], posted_at=replied_at)
            messages.post(self._workspace, channel, replier_id, answer)

    def _upload(self, relative: object, owner_id: str, where: str) -> SharedFile:
        if self._folder is None:
            raise SeedError(f"{where}: there is no folder to take files from.")
        path = (self._folder / str(relative)).resolve()
        if not path.is_relative_to(self._folder.resolve()) or not path.is_file():
            raise SeedError(f"{where}: there is no file {str(relative)!r} in {self._folder}.")
        file = files.begin(self._workspace, owner_id, path.name, path.stat().st_size)
        shutil.copyfile(path, self._store.path(file.id))
        file.is_complete = True
        return file

    def _text_of(self, entry: Payload, where: str, *, may_be_empty: bool = False) -> str:
        text = str(entry.get("text") or "") if may_be_empty else _text(entry, "text", where)
        return _REFERENCE.sub(self._reference, text)

    def _reference(self, found: re.Match[str]) -> str:
        sign, name = found.groups()
        if sign == "@" and name in self._people:
            return f"<@{self._people[name]}>"
        if sign == "#" and name in self._channels:
            return f"<#{self._channels[name].id}|{name}>"
        return found.group()

    def _member(self, entry: Payload, channel: Channel, where: str) -> str:
        name = _text(entry, "person", where)
        person_id = self._person(name, f"{where}.person")
        if person_id not in channel.members:
            raise SeedError(f"{where}.person: {name!r} is not in #{channel.name}.")
        return person_id

    def _person(self, name: object, where: str) -> str:
        if name not in self._people:
            raise SeedError(f"{where}: there is no person called {name!r}.")
        return self._people[str(name)]


def _entries(seed: Payload, key: str) -> list[dict[str, Any]]:
    entries = seed.get(key, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise SeedError(f"{key}: a list of objects is needed.")
    return entries


def _text(entry: Payload, key: str, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise SeedError(f"{where}.{key}: a text is needed.")
    return value
