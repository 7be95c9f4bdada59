"""A Slack export, as a zip file or unpacked: its channels, people and messages take the same road as live ones."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from core.errors import DamagedFile, FileTooLarge, JourneymanError
from core.knowledge.channels import (
    ChannelFacts,
    PersonFacts,
    import_channel,
    import_people,
    learn_channel,
    learn_members,
)
from core.knowledge.export_files import ExportFiles, unreadable
from core.knowledge.hearing import HeardMessage, hear_messages
from core.knowledge.message_text import words_of
from core.knowledge.rendering import people_mentioned
from core.knowledge.slack_files import heard_file
from core.knowledge.slack_payloads import (
    Heeding,
    Payload,
    author_of,
    bot_name,
    is_id,
    is_said_by_people,
    is_ts,
    message_permalink,
    object_in,
    objects,
    revision_of,
    text_in,
    thread_of,
)
from core.knowledge.tally import tally
from core.records.unit_of_work import Record
from core.records.workspaces import ChannelKind

HEARD_AT_ONCE = 200

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\.json")
_KINDS = {"channels.json": ChannelKind.PUBLIC, "groups.json": ChannelKind.PRIVATE}
_DIRECT = ("dms.json", "mpims.json")
_WORKSPACE = re.compile(r"https://[a-z0-9.-]+\.slack\.com(?=/)")


@dataclass
class Imported:
    """What an export brought, or had brought before.

    `not_kept`: messages that the record keeps nothing of: their channel is gone or off, they are too old for it, or
    somebody had them forgotten. `left_out`: days and messages that could not be read, in a sentence each. `direct`:
    conversations of direct messages, which belong to those people alone.
    """

    channels: int = 0
    people: int = 0
    messages: int = 0
    files: int = 0
    not_kept: int = 0
    direct: int = 0
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Ears:
    """In which workspace somebody listens, and to whom."""

    workspace_id: str
    heeding: Heeding

    def heed(self, message: Payload) -> bool:
        # What Slack itself sends is of this form; a file may be of any.
        is_whole = is_ts(text_in(message, "ts")) and is_id(author_of(message))
        return is_whole and self.heeding.heeds(message)


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
    ears = _ears(record, workspace_id, listened_bots)
    names = set(export.names())
    people = [person for each in _list(export, "users.json", names) if (person := _person(each))]
    import_people(record, workspace_id, people)
    done.people = len(people)
    done.direct = sum(len(_list(export, name, names)) for name in _DIRECT)
    days_in = _days_by_folder(names)
    days: list[tuple[str, ChannelFacts]] = []
    for list_name, kind in _KINDS.items():
        for told in _list(export, list_name, names):
            channel_id, name = text_in(told, "id"), text_in(told, "name")
            if is_id(channel_id):
                facts = ChannelFacts(channel_id, kind, name, archived=bool(told.get("is_archived")))
                _learn(record, workspace_id, facts, told)
                done.channels += 1
                days += [(day, facts) for folder in sorted({name, channel_id}) for day in days_in.get(folder, ())]
    for at, (day, channel) in enumerate(days):
        tell(at, len(days))
        _hear_day(record, ears, channel, day, export, done)
    tell(len(days), len(days))
    return done


def _ears(record: Record, workspace_id: str, listened_bots: frozenset[str]) -> _Ears:
    with record() as work:
        workspace = work.workspaces.get(workspace_id)
    bot_user_id, bot_id = (workspace.bot_user_id, workspace.bot_id) if workspace else ("", "")
    return _Ears(workspace_id, Heeding(bot_user_id, bot_id, listened_bots))


def _learn(record: Record, workspace_id: str, facts: ChannelFacts, told: Payload) -> None:
    # What Slack itself says of a channel, once the bot is in it, is newer than any export.
    if import_channel(record, workspace_id, facts.id, facts.kind):
        learn_channel(record, workspace_id, facts)
        listed = told.get("members")
        members = listed if isinstance(listed, list) else []
        learn_members(
            record, workspace_id, facts.id, [each for each in members if isinstance(each, str) and is_id(each)]
        )


def _days_by_folder(names: Iterable[str]) -> dict[str, list[str]]:
    """The files with a day's messages, in order, by the folder that they are in: a channel's name or id."""
    days: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        folder, _, day = name.partition("/")
        if _DAY.fullmatch(day):
            days[folder].append(name)
    return days


def _hear_day(
    record: Record, ears: _Ears, channel: ChannelFacts, day: str, export: ExportFiles, done: Imported
) -> None:
    try:
        said = [message for message in _list(export, day) if ears.heed(message)]
    except (DamagedFile, FileTooLarge) as error:
        done.left_out.append(error.sentence)
        return
    # People of other companies are in no list; their names come with what they say.
    authors = {each.id: each for message in said if (each := _author(message))}
    import_people(record, ears.workspace_id, authors.values())
    for start in range(0, len(said), HEARD_AT_ONCE):
        heard = [_heard(ears, channel, message) for message in said[start : start + HEARD_AT_ONCE]]
        taken = _hear(record, heard)
        if len(taken) < len(heard):
            refused = len(heard) - len(taken)
            done.left_out.append(f"The record did not take {refused} of the messages in {day}. Import it again.")
        kept = tally(record, taken)
        done.messages += kept.messages
        done.files += kept.files
        done.not_kept += kept.not_kept


def _hear(record: Record, heard: Sequence[HeardMessage]) -> list[HeardMessage]:
    """Those that the record took, if only to find that it may not keep them; one that it cannot take stops no other."""
    try:
        hear_messages(record, heard)
    except JourneymanError:
        raise
    except Exception:  # noqa: BLE001 - whatever a message provokes, the others are heard; the caller tells of it
        return [taken for each in heard for taken in _hear(record, [each])] if len(heard) > 1 else []
    return list(heard)


def _list(export: ExportFiles, name: str, names: Collection[str] | None = None) -> list[Payload]:
    """The objects of a list; none where it is not among `names`. Raises DamagedFile and FileTooLarge."""
    if names is not None and name not in names:
        return []
    try:
        found = json.loads(export.read(name))
    except (ValueError, RecursionError) as error:
        raise unreadable(name) from error
    if not isinstance(found, list):
        raise DamagedFile(f"{name} in the export is not a list. Export it from Slack again.")
    return objects(found)


def _heard(ears: _Ears, channel: ChannelFacts, message: Payload) -> HeardMessage:
    ts, thread_ts, text = text_in(message, "ts"), thread_of(message), words_of(message)
    return HeardMessage(
        workspace_id=ears.workspace_id,
        channel_id=channel.id,
        channel_kind=channel.kind,
        ts=ts,
        thread_ts=thread_ts,
        person_id=author_of(message),
        text=text,
        permalink=message_permalink(_workspace_url(message), channel.id, ts, thread_ts),
        revision=revision_of(message),
        asks_journeyman=is_said_by_people(message) and ears.heeding.bot_user_id in people_mentioned(text),
        files=tuple(file for each in objects(message.get("files")) if (file := heard_file(each))),
    )


def _workspace_url(message: Payload) -> str:
    """An export does not say its workspace's address, but the links of its files do; slack.com finds it otherwise."""
    links = [text_in(file, "permalink") for file in objects(message.get("files"))]
    hosts = [found[0] for link in links if (found := _WORKSPACE.match(link))]
    return hosts[0] if hosts else "https://slack.com"


def _author(message: Payload) -> PersonFacts | None:
    """Who wrote the message, by what it says of them; who is in no list of people counts as a guest."""
    is_bot = bool(message.get("bot_id"))
    profile = object_in(message, "user_profile")
    name = bot_name(message) if is_bot else text_in(profile, "display_name", "real_name", "name")
    return PersonFacts(author_of(message), name, is_guest=not is_bot, is_bot=is_bot) if name else None


def _person(user: Payload) -> PersonFacts | None:
    if not is_id(text_in(user, "id")):
        return None
    profile = object_in(user, "profile")
    return PersonFacts(
        id=text_in(user, "id"),
        name=text_in(profile, "display_name", "real_name") or text_in(user, "real_name", "name"),
        is_admin=False,  # who may administer is Slack's to say, not a file's
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_bot=bool(user.get("is_bot")),
        left=bool(user.get("deleted")),
    )
