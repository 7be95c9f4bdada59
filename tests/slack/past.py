"""Channels with a past that nobody heard, and `/ingest` as people type it."""

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bot.sandbox import messages
from bot.sandbox.model import Channel, Payload
from core.knowledge.backfilling import Progress, progress_of
from core.records.messages import Message
from tests.slack.sandbox_fixtures import Page, page_of, until
from tests.slack.workplace import Workplace

HOUR = 3600.0


async def made(place: Workplace, name: str = "past", by: str = "ana", *, private: bool = False) -> Channel:
    """A channel that the bot is not in."""
    answer = await place.client(by).conversations_create(name=name, is_private=private)
    return place.sandbox.workspace.channels[str(answer["channel"]["id"])]


def say(
    place: Workplace, channel: Channel, text: str, hours_ago: float = 1.0, thread_ts: str | None = None, by: str = "ana"
) -> str:
    draft = messages.Draft(text, thread_ts=thread_ts, posted_at=time.time() - hours_ago * HOUR)
    return str(messages.post(place.sandbox.workspace, channel, place.sandbox.person(by).id, draft)["ts"])


async def invite(place: Workplace, channel: Channel, by: str = "ana") -> None:
    """The bot comes in, and has heard that it did."""
    await place.client(by).conversations_invite(channel=channel.id, users=place.sandbox.workspace.app.bot_user_id)
    await until(lambda: place.sandbox.switches.state()["pending_events"] == 0)
    await until(lambda: place.parts.inbox.is_idle)


def heard(place: Workplace, channel: Channel, ts: str) -> Message | None:
    with place.services.record() as work:
        return work.messages.get(place.workspace_id, channel.id, ts)


def texts_heard(place: Workplace, channel: Channel) -> list[str]:
    with place.services.record() as work:
        days = {document.key for document in work.documents.of_channel(place.workspace_id, channel.id)}
        found = []
        for key in days:
            _, _, rest = key.partition(":")
            if re.fullmatch(r"\d{4}-\d\d-\d\d", rest):
                found += work.messages.loose_of_day(place.workspace_id, channel.id, rest)
            else:
                found += work.messages.thread(place.workspace_id, channel.id, rest)
        return sorted(message.text for message in found)


class Typing:
    """Somebody with a page open."""

    def __init__(self, place: Workplace, page: Page) -> None:
        self._place = place
        self._page = page

    async def ingest(self, words: str, channel: Channel) -> str:
        """Types `/ingest …` in the channel; what only they are told."""
        assert (await self._page.post("command", channel_id=channel.id, command="/ingest", text=words))["ok"]
        return str((await self._page.told("ephemeral", 10))["message"]["text"])

    async def press(self, message: Payload, channel_id: str, action_id: str) -> None:
        [(block, button)] = [
            (block, element)
            for block in message["blocks"]
            for element in block.get("elements", ())
            if element.get("action_id") == action_id
        ]
        action = {key: button[key] for key in ("type", "action_id", "value")} | {"block_id": block["block_id"]}
        told = await self._page.post("action", channel_id=channel_id, message_ts=message["ts"], action=action)
        assert told["ok"], told


@asynccontextmanager
async def typing(place: Workplace, name: str) -> AsyncIterator[Typing]:
    async with page_of(place.sandbox, name) as page:
        yield Typing(place, page)


def progress_messages(place: Workplace, channel_id: str) -> list[dict[str, Any]]:
    """The bot's messages about back-fills in this conversation."""
    return [each for each in place.said_by_bot(channel_id) if re.search("read|Stopped", each["text"], re.IGNORECASE)]


def backfill_of(place: Workplace, channel: Channel) -> Progress | None:
    with place.services.record() as work:
        last = work.backfills.last_of_channel(place.workspace_id, channel.id)
    return progress_of(place.services.record, last.backfill_id) if last else None


async def finished(place: Workplace, channel: Channel, seconds: float = 30.0) -> Progress:
    """The newest request for this channel, once its last word is said."""

    def ended() -> Progress | None:
        progress = backfill_of(place, channel)
        return progress if progress and progress.backfill.ended_at else None

    result: Progress = await until(ended, seconds)
    return result
