"""Threads and days of a channel as prepared documents: who said what, under the channel and the date."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from core.knowledge.chunking import Chunk
from core.knowledge.content import Block, BlockKind, Content
from core.knowledge.noise import is_noise
from core.knowledge.prepared import PreparedDocument, written_date
from core.knowledge.rendering import people_mentioned, render
from core.knowledge.slack_payloads import message_permalink
from core.records.documents import Document, DocumentKind
from core.records.messages import Message
from core.records.unit_of_work import UnitOfWork
from core.records.workspaces import Channel, ChannelKind

AUTHORS_NAMED = 3
"""People whom a passage's source names; a longer list helps no reader."""

TITLE_CHARACTERS = 80
"""Of a thread's first message, in the header of its passages."""

_NAMELESS = "Somebody"
"""Who wrote a message of whose author nobody knows the name."""

_LEADING_MENTION = re.compile(r"^\s*<@[A-Z0-9]+(?:\|[^<>]*)?>[,:]?\s*")


@dataclass(frozen=True)
class Conversation:
    """What the record knows of a thread or a day: messages in order, and the names of those in it.

    `root` is what a thread began with, also where that is no source itself: a question to the bot.
    """

    messages: Sequence[Message]
    channel: str
    people: Mapping[str, str]
    channels: Mapping[str, str]
    pause_s: float
    root: Message | None = None


def find_conversation(work: UnitOfWork, document: Document, window_pause_s: float) -> Conversation:
    """The messages of a THREAD or DAY document, without questions to the bot and what the bot said itself."""
    workspace_id, channel_id = document.workspace_id, document.channel_id
    _, _, key = document.key.partition(":")
    if document.kind is DocumentKind.THREAD:
        # A thread of one is not a thread any more: its root stands among the loose messages of its day.
        threaded = work.messages.has_replies(workspace_id, channel_id, key)
        said = work.messages.thread(workspace_id, channel_id, key) if threaded else []
    else:
        said = work.messages.loose_of_day(workspace_id, channel_id, key)
    workspace = work.workspaces.get(workspace_id)
    ourselves = workspace.bot_user_id if workspace else ""
    sources = [each for each in said if not each.asks_journeyman and (each.person_id or None) != ourselves]
    ids = {each.person_id for each in sources}.union(*(people_mentioned(each.text) for each in said))
    channel = work.workspaces.channel(workspace_id, channel_id)
    return Conversation(
        messages=sources,
        channel=_channel_name(channel, channel_id),
        people=work.workspaces.names_of_people(workspace_id, ids),
        channels=work.workspaces.names_readable_in(workspace_id, document.audience),
        pause_s=math.inf if document.kind is DocumentKind.THREAD else window_pause_s,
        root=next((each for each in said if each.ts == key), None),
    )


def prepare(conversation: Conversation) -> PreparedDocument:
    """The conversation as people read it; what says nothing ("thanks", joins) is left out."""
    blocks = []
    title = _title(conversation)
    # Beside those who have a name: else what they said would seem to be said by whoever spoke before.
    nameless = _NAMELESS if any(each.person_id in conversation.people for each in conversation.messages) else ""
    for message in conversation.messages:
        text = render(message.text, conversation.people, conversation.channels)
        if text and not is_noise(text):
            author = conversation.people.get(message.person_id, nameless)
            said_at = float(message.ts)
            blocks.append(Block(text, BlockKind.MESSAGE, message.ts, heading=title, author=author, said_at=said_at))
    dates = {block.place: datetime.fromtimestamp(float(block.place), UTC) for block in blocks}
    date = written_date(dates[blocks[0].place]) if blocks else ""
    return PreparedDocument(
        content=Content(title=conversation.channel, blocks=tuple(blocks)),
        header=f"{conversation.channel} · {date}",
        name=lambda chunk: _source(conversation.channel, chunk, dates),
        links={message.ts: permalink(message, conversation.messages) for message in conversation.messages},
        dates=dates,
        pause_s=conversation.pause_s,
        places=(conversation.root.ts,) if conversation.root is not None and title else (),
    )


def permalink(message: Message, neighbours: Sequence[Message]) -> str:
    """The message's permalink, made from a neighbour's where its own was not heard; empty where none was."""
    known = message.permalink or next((each.permalink for each in neighbours if each.permalink), "")
    workspace_url, in_archives, _ = known.partition("/archives/")
    if message.permalink or not in_archives:
        return message.permalink
    return message_permalink(workspace_url, message.channel_id, message.ts, message.thread_ts)


def _title(conversation: Conversation) -> str:
    """A thread's title: what it began with, shortened. The first reply alone rarely says what it is about."""
    if conversation.root is None:
        return ""
    text = render(_LEADING_MENTION.sub("", conversation.root.text), conversation.people, conversation.channels)
    line = " ".join(text.split())
    if is_noise(line):
        return ""
    return line if len(line) <= TITLE_CHARACTERS else f"{line[:TITLE_CHARACTERS].rsplit(maxsplit=1)[0]}…"


def _channel_name(channel: Channel | None, channel_id: str) -> str:
    if channel is None:
        return channel_id
    if channel.kind is ChannelKind.DM:
        return "Direct message"
    if channel.kind is ChannelKind.GROUP_DM:
        return "Group message"
    return f"#{channel.name or channel.id}"


def _source(channel: str, chunk: Chunk, dates: Mapping[str, datetime]) -> str:
    named = ", ".join(chunk.authors[:AUTHORS_NAMED]) + (" and others" if len(chunk.authors) > AUTHORS_NAMED else "")
    return " · ".join(filter(None, (channel, named, written_date(dates[chunk.place]))))
