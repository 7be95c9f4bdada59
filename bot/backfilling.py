"""Reads the history of channels into the record. A request is a row with a cursor for each of its channels.

So the process may be killed at any moment: the next one goes on where this one was, and what is heard twice is kept
once. Channels do not wait for each other's troubles.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

from slack_sdk.errors import SlackApiError

from bot.bridge import Bridge
from bot.clients import Clients
from bot.failures import PASSING, TRANSIENT, describe, slack_error
from bot.history import History, has_thread
from bot.identity import Identity
from bot.message_intake import Delivery, MessageIntake
from bot.progress_message import ProgressMessage
from bot.views import ingesting as view
from bot.workspace import Workspace
from core.errors import Unavailable
from core.knowledge import backfilling
from core.knowledge.backfilling import Begun, WantedChannel
from core.knowledge.slack_payloads import Payload, revision_of
from core.knowledge.tally import Tally
from core.records.backfills import BackfillState, ChannelBackfill
from core.records.unit_of_work import Record
from core.records.workspaces import Channel

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)

CHANNELS_AT_ONCE = 3
HEARD_AT_ONCE = 50
"""Messages in one transaction: live events want to write in between."""
PAUSES_S = (1.0, 5.0, 20.0, 60.0, 300.0)
"""Between one try of a channel and the next, when Slack or the network does not answer."""
TAKEN_UP_AFTER_S = 60.0
"""How soon a request is taken up again after the record did not answer."""


class Backfilling:
    """Begins, resumes and stops the reading of history."""

    def __init__(
        self,
        record: Record,
        bridge: Bridge,
        workspace: Workspace,
        intake: MessageIntake,
        clients: Clients,
        me: Identity,
    ) -> None:
        self._record = record
        self._bridge = bridge
        self._workspace = workspace
        self._intake = intake
        self._clients = clients
        self._me = me
        self._history = History(clients.safe)
        self._turns = asyncio.Semaphore(CHANNELS_AT_ONCE)
        self._requests: dict[str, asyncio.Task[None]] = {}
        self._channels: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def begin(self, person_id: str, told_in: str, channels: Sequence[WantedChannel]) -> Begun:
        """Read these channels from now on. `told_in` is where the progress is told: a channel, or a person."""
        workspace_id = self._me.workspace_id
        begun = await self._run(backfilling.begin_backfill, self._record, workspace_id, person_id, told_in, channels)
        if begun.backfill_id is not None:
            self._start(begun.backfill_id)
        return begun

    async def take_up(self) -> None:
        """Go on with every request that was not finished when the process ended."""
        for progress in await self._run(backfilling.unfinished_backfills, self._record, self._me.workspace_id):
            if progress.backfill.id not in self._requests:
                self._start(progress.backfill.id)

    async def stop(self, backfill_id: str, channel_ids: Sequence[str] | None = None) -> int:
        """Read these channels of the request (None: all) no further; how many were still being read."""
        stopped = await self._run(backfilling.stop_backfill, self._record, backfill_id, channel_ids)
        for (request_id, channel_id), task in list(self._channels.items()):
            if request_id == backfill_id and (channel_ids is None or channel_id in channel_ids):
                task.cancel()
        return stopped

    async def close(self) -> None:
        """Leave everything where it is; the next start goes on from there."""
        tasks = list(self._requests.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, backfill_id: str) -> None:
        task = asyncio.create_task(self._see_through(backfill_id))
        self._requests[backfill_id] = task
        task.add_done_callback(lambda _: self._requests.pop(backfill_id, None))

    async def _see_through(self, backfill_id: str) -> None:
        """The request, until the last word about it is said, through every trouble of the record."""
        while True:
            try:
                await self._read_and_tell(backfill_id)
                return
            except Exception as error:  # noqa: BLE001 - before the next start nobody else takes the request up
                log.error("A back-fill broke off: %s", describe(error))
            await asyncio.sleep(TAKEN_UP_AFTER_S)

    async def _read_and_tell(self, backfill_id: str) -> None:
        progress = await self._run(backfilling.progress_of, self._record, backfill_id)
        if progress is None:
            return
        message = ProgressMessage(self._clients, self._record, self._bridge, self._me, progress)
        over = asyncio.Event()
        telling = asyncio.create_task(message.keep_telling(over))
        try:
            await self._read_all([each for each in progress.channels if each.state is BackfillState.WAITING])
            # A post that is on its way cannot be taken back: cut off here, it would be made a second time.
            over.set()
            await telling
        finally:
            telling.cancel()
        await message.conclude()

    async def _read_all(self, channels: Sequence[ChannelBackfill]) -> None:
        """Read each to its end. Raises, when all have come to theirs, what kept one from being concluded."""
        ends = await asyncio.gather(*(self._start_channel(each) for each in channels), return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):  # a task that was stopped ends with a CancelledError, which is none
                raise end

    def _start_channel(self, channel: ChannelBackfill) -> asyncio.Task[None]:
        key = (channel.backfill_id, channel.channel_id)
        task = asyncio.create_task(self._read_to_the_end(channel))
        self._channels[key] = task
        task.add_done_callback(lambda _: self._channels.pop(key, None))
        return task

    async def _read_to_the_end(self, channel: ChannelBackfill) -> None:
        """Read the channel, through every trouble that may pass; conclude it with what does not pass."""
        pauses = iter(PAUSES_S)
        while True:
            before = channel.position_ts
            try:
                async with self._turns:
                    await self._read_as_far_as_wanted(channel)
                return
            except (SlackApiError, Unavailable, *TRANSIENT) as error:
                log.info("Reading a channel broke off: %s", describe(error))
                problem = error.sentence if isinstance(error, Unavailable) else view.NO_ANSWER
                if isinstance(error, SlackApiError) and slack_error(error) not in PASSING:
                    await self._give_up(channel, view.refusal(slack_error(error)))
                    return
            except Exception as error:  # noqa: BLE001 - whatever it is, the other channels must go on
                log.error("Reading a channel failed: %s", describe(error))
                await self._give_up(channel, view.BROKE_OFF)
                return
            pauses = pauses if channel.position_ts == before else iter(PAUSES_S)
            pause_s = next(pauses, None)
            if pause_s is None:
                await self._give_up(channel, problem)
                return
            await asyncio.sleep(pause_s)

    async def _read_as_far_as_wanted(self, reading: ChannelBackfill) -> None:
        """Read the channel and conclude it. While it is read, somebody may come to want more of it."""
        key = (reading.backfill_id, reading.channel_id)
        while True:
            await self._read(reading)
            further = await self._run(backfilling.conclude_read, self._record, *key, reading.since_ts)
            if further is None:
                return
            reading.since_ts = further

    async def _read(self, reading: ChannelBackfill) -> None:
        """From the cursor back in time. The cursor moves on when a message and all its replies are in the record."""
        channel = await self._workspace.know_channel(reading.channel_id)
        async for page in self._history.pages(channel.id, reading.position_ts, reading.since_ts):
            at_once: list[Payload] = []
            for message in page:
                at_once.append(message)
                if has_thread(message):
                    at_once += await self._replies(channel, reading, message["ts"])
                if len(at_once) >= HEARD_AT_ONCE or message is page[-1]:
                    if not await self._advance(reading, message["ts"], await self._hear(channel, at_once)):
                        return
                    at_once = []

    async def _replies(self, channel: Channel, reading: ChannelBackfill, root_ts: str) -> list[Payload]:
        """The last few replies of a thread; all before them are in the record when this returns."""
        left: list[Payload] = []
        async for replies in self._history.replies(channel.id, root_ts):
            if left:
                await self._advance(reading, reading.position_ts, await self._hear(channel, left))
            left = replies
        return left

    async def _hear(self, channel: Channel, messages: Sequence[Payload]) -> Tally:
        """Keep these, one by one where they cannot be kept together."""
        try:
            return await self._intake.hear_history([Delivery(channel, each, revision_of(each)) for each in messages])
        except (SlackApiError, Unavailable, *TRANSIENT):
            raise
        except Exception as error:  # noqa: BLE001 - whatever a message provokes, what is older than it must be read
            if len(messages) == 1:
                log.error("A message of the past could not be kept: %s", describe(error))
                return Tally(not_kept=1)
            return sum([await self._hear(channel, [each]) for each in messages], Tally())

    async def _advance(self, reading: ChannelBackfill, position_ts: str, read: Tally) -> bool:
        reading.position_ts = position_ts
        return await self._run(
            backfilling.advance, self._record, reading.backfill_id, reading.channel_id, position_ts, read
        )

    async def _give_up(self, channel: ChannelBackfill, problem: str) -> None:
        await self._run(backfilling.give_up, self._record, channel.backfill_id, channel.channel_id, problem)

    async def _run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._bridge.run(function, *args, **kwargs)
