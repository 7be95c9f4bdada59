"""The one message that tells how far a back-fill has come: posted once, edited while it goes on."""

import asyncio
import logging
from contextlib import suppress
from time import monotonic

from slack_sdk.errors import SlackApiError

from bot.bridge import Bridge
from bot.clients import Clients
from bot.failures import PASSING, TRANSIENT, describe, slack_error
from bot.identity import Identity
from bot.own_messages import OwnMessages
from bot.views import ingesting as view
from core.errors import Unavailable
from core.knowledge import backfilling
from core.knowledge.backfilling import Progress
from core.records.unit_of_work import Record

log = logging.getLogger(__name__)

TELL_EVERY_S = 2.0
"""Slack lets an app edit about once a second in a channel."""
LAST_WORD_PAUSES_S = (2.0, 5.0, 20.0, 60.0, 300.0)
"""Between one try of the last word and the next, when Slack or the network does not answer."""
_MARK = "journeyman_backfill"
"""What the message's metadata is called, by which it is found again if the process died right after posting it."""


class ProgressMessage:
    """Where it cannot be posted, or was deleted, the reading goes on without it."""

    def __init__(self, clients: Clients, record: Record, bridge: Bridge, me: Identity, progress: Progress) -> None:
        self._clients = clients
        self._record = record
        self._bridge = bridge
        self._messages = OwnMessages(clients, me, _MARK)
        self._id = progress.backfill.id
        self._pace = view.ReadingStart(monotonic(), progress.share_done, progress.messages)
        self._shown = ""

    async def keep_telling(self, over: asyncio.Event) -> None:
        """Show how far it has come, again and again, until it is over; ends when the last try has."""
        while not over.is_set():
            try:
                await self._tell()
            except (SlackApiError, Unavailable, *TRANSIENT) as error:
                log.info("The progress could not be told: %s", describe(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), TELL_EVERY_S)

    async def conclude(self) -> None:
        """Say the last word."""
        for pause_s in (0.0, *LAST_WORD_PAUSES_S):
            await asyncio.sleep(pause_s)
            if await self._said_last_word():
                break
        await self._bridge.run(backfilling.end_backfill, self._record, self._id)

    async def _said_last_word(self) -> bool:
        """False when another try may succeed."""
        try:
            await self._tell()
        except (SlackApiError, *TRANSIENT) as error:
            log.info("The end of a back-fill could not be told: %s", describe(error))
            return isinstance(error, SlackApiError) and slack_error(error) not in PASSING
        return True

    async def _tell(self) -> None:
        progress = await self._bridge.run(backfilling.progress_of, self._record, self._id)
        if progress is None:
            return
        text = view.told(progress, self._pace, monotonic())
        if not progress.backfill.told_ts:
            await self._post(progress, text)
        elif text != self._shown:
            await self._edit(progress, progress.backfill.told_channel_id, progress.backfill.told_ts, text)
        self._shown = text

    async def _edit(self, progress: Progress, channel_id: str, ts: str, text: str) -> None:
        await self._clients.safe.chat_update(channel=channel_id, ts=ts, text=text, blocks=view.blocks(progress, text))

    async def _post(self, progress: Progress, text: str) -> None:
        known, began_at = progress.backfill.told_channel_id, progress.backfill.began_at
        channel_id = known or await self._messages.conversation(progress.backfill.told_in)
        lost = await self._messages.find(channel_id, self._id, began_at) if known else None
        if lost is not None:
            # Posted by a try that was broken off before it was noted: it shows how far things were then.
            ts = str(lost["ts"])
            await self._edit(progress, channel_id, ts, text)
        else:
            # Noted first: whoever comes after a crash knows that there may be a message, and where to look for it.
            await self._bridge.run(backfilling.told, self._record, self._id, channel_id, "")
            ts = await self._messages.post(channel_id, self._id, text, view.blocks(progress, text))
        await self._bridge.run(backfilling.told, self._record, self._id, channel_id, ts)
