"""The one message that tells how far a back-fill has come: posted once, edited while it goes on."""

import asyncio
import logging
from time import monotonic

from slack_sdk.errors import SlackApiError

from bot.bridge import Bridge
from bot.failures import describe
from bot.identity import Identity
from bot.streaming import TRANSIENT, Clients
from bot.views import ingesting as view
from core.knowledge import backfilling
from core.knowledge.backfilling import Progress
from core.records.unit_of_work import Record

log = logging.getLogger(__name__)

TELL_EVERY_S = 2.0
"""Slack lets an app edit about once a second in a channel."""
LAST_WORD_TRIES = 4
_MARK = "journeyman_backfill"
"""What the message's metadata is called, by which it is found again if the process died right after posting it."""


class ProgressMessage:
    """Where it cannot be posted, or was deleted, the reading goes on without it."""

    def __init__(self, clients: Clients, record: Record, bridge: Bridge, me: Identity, progress: Progress) -> None:
        self._clients = clients
        self._record = record
        self._bridge = bridge
        self._me = me
        self._id = progress.backfill.id
        self._pace = view.Pace(monotonic(), progress.share_done, progress.messages)
        self._shown = ""

    async def keep_telling(self) -> None:
        """Show how far it has come, again and again, until cancelled."""
        while True:
            try:
                await self._tell()
            except (SlackApiError, *TRANSIENT) as error:
                log.info("The progress could not be told: %s", describe(error))
            await asyncio.sleep(TELL_EVERY_S)

    async def conclude(self) -> None:
        """Say the last word."""
        for attempt in range(1, LAST_WORD_TRIES + 1):
            try:
                await self._tell()
                break
            except SlackApiError as error:
                log.info("The end of a back-fill could not be told: %s", describe(error))
                break
            except TRANSIENT as error:
                log.info("The end of a back-fill could not be told, try %d: %s", attempt, describe(error))
                await asyncio.sleep(TELL_EVERY_S * attempt)
        await self._bridge.run(backfilling.end_backfill, self._record, self._id)

    async def _tell(self) -> None:
        progress = await self._bridge.run(backfilling.progress_of, self._record, self._id)
        if progress is None:
            return
        text = view.told(progress, self._pace, monotonic())
        if not progress.backfill.told_ts:
            await self._post(progress, text)
        elif text != self._shown:
            await self._clients.safe.chat_update(
                channel=progress.backfill.told_channel_id,
                ts=progress.backfill.told_ts,
                text=text,
                blocks=view.blocks(progress, text),
            )
        self._shown = text

    async def _post(self, progress: Progress, text: str) -> None:
        channel_id = progress.backfill.told_channel_id or await self._conversation(progress.backfill.told_in)
        ts = await self._lost(channel_id, progress) if progress.backfill.told_channel_id else None
        if ts is None:
            # Noted first: whoever comes after a crash knows that there may be a message, and where to look for it.
            await self._bridge.run(backfilling.told, self._record, self._id, channel_id, "")
            answer = await self._clients.once.chat_postMessage(
                channel=channel_id,
                text=text,
                blocks=view.blocks(progress, text),
                metadata={"event_type": _MARK, "event_payload": {"id": self._id}},
            )
            ts = str(answer["ts"])
        await self._bridge.run(backfilling.told, self._record, self._id, channel_id, ts)

    async def _conversation(self, told_in: str) -> str:
        """A channel's own id; a person's direct messages are looked up, since only a conversation can be edited in."""
        if not told_in.startswith(("U", "W")):
            return told_in
        opened = await self._clients.safe.conversations_open(users=told_in)
        return str(opened["channel"]["id"])

    async def _lost(self, channel_id: str, progress: Progress) -> str | None:
        """The message, if it was posted but the process died, or the connection broke, before that was known."""
        answer = await self._clients.safe.conversations_history(
            channel=channel_id,
            oldest=f"{progress.backfill.began_at.timestamp():.6f}",
            limit=200,
            include_all_metadata=True,
        )
        for message in answer["messages"]:
            metadata = message.get("metadata") or {}
            if self._me.is_me(message) and (metadata.get("event_payload") or {}).get("id") == self._id:
                return str(message["ts"])
        return None
