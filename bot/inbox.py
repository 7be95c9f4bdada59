"""Events are stored before Slack is told that they arrived, each once, and handled until that succeeds.

What Slack delivers again was heard already and is dropped. If the record is down nothing is acknowledged, so that Slack
delivers again. What a crash or an error left unhandled is handed to its listener again from the store.
"""

import asyncio
import hashlib
import json
import logging
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.bridge import Bridge
from bot.failures import describe
from bot.identity import Identity
from core.knowledge.slack_payloads import Payload
from core.records.base import utc_now
from core.records.heard_events import HeardEvent
from core.records.unit_of_work import Record

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
FIRST_RETRY = timedelta(seconds=30)
_SOON_S = 30.0
"""Between storing an event and its listener there are milliseconds."""

_REPLAYED = "journeyman_replayed"
_ABOUT_MEMBERS = ("member_joined_channel", "member_left_channel")

Listener = Callable[[Payload, Payload], Awaitable[None]]
"""Takes the event and the body around it."""


class Inbox:
    """The way of every event into the bot."""

    def __init__(self, record: Record, bridge: Bridge, me: Identity) -> None:
        self._record = record
        self._bridge = bridge
        self._me = me
        self._in_hand: dict[str, float] = {}
        self._idle = asyncio.Event()
        self._idle.set()

    async def hear(
        self, body: Payload, context: AsyncBoltContext, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse | None:
        """Bolt middleware: store an event that is new, and acknowledge without more ado one that is not."""
        if body.get("type") != "event_callback" or context.get(_REPLAYED) or self._is_my_doing(body["event"]):
            return await next()
        event_id: str = body.setdefault("event_id", _made_up_id(body))
        if not await self._bridge.run(self._store, event_id, body):
            return await context.ack()
        self._take(event_id)
        return await next()

    def handling(self, listener: Listener) -> Callable[..., Awaitable[None]]:
        """The listener as Bolt calls it: its event counts as handled once it has ended well."""

        async def handle(event: Payload, body: Payload) -> None:
            event_id = body["event_id"]
            self._in_hand[event_id] = math.inf
            try:
                await listener(event, body)
            except Exception as error:  # noqa: BLE001 - whatever went wrong, the event is kept and tried again
                log.error("Handling %s failed: %s", event.get("type"), describe(error))
                await self._bridge.run(self._note_failure, event_id, type(error).__name__)
            else:
                await self._bridge.run(self._note_success, event_id)
            finally:
                self._let_go(event_id)

        return handle

    async def replay(self, app: AsyncApp, *, all_at_once: bool = False) -> None:
        """Hand events that nobody finished to their listeners again.

        Each waits longer from try to try, unless `all_at_once`: at start, when whatever held them up may be gone.
        """
        for event in await self._bridge.run(self._unfinished):
            if self._is_in_hand(event.id) or not (all_at_once or _is_due(event, utc_now())):
                continue
            self._take(event.id)
            await self._bridge.run(self._note_attempt, event.id)
            await app.async_dispatch(
                AsyncBoltRequest(mode="socket_mode", body=event.payload or {}, context={_REPLAYED: True})
            )

    @property
    def is_idle(self) -> bool:
        """Whether no event waits for its listener to end."""
        return self._idle.is_set()

    async def settle(self, seconds: float) -> None:
        """Wait, so long at most, until no listener is at work."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), seconds)

    def _take(self, event_id: str) -> None:
        self._in_hand[event_id] = monotonic() + _SOON_S
        self._idle.clear()

    def _is_in_hand(self, event_id: str) -> bool:
        """Whether its listener is at work, or will be in a moment; Bolt may have turned the event away after us."""
        return self._in_hand.get(event_id, 0.0) > monotonic()

    def _let_go(self, event_id: str) -> None:
        self._in_hand.pop(event_id, None)
        if not self._in_hand:
            self._idle.set()

    def _is_my_doing(self, event: Payload) -> bool:
        if event.get("type") in _ABOUT_MEMBERS:
            return False
        messages = (event, event.get("message") or {}, event.get("previous_message") or {})
        return any(isinstance(message, dict) and self._me.is_me(message) for message in messages)

    def _store(self, event_id: str, body: Payload) -> bool:
        with self._record() as work:
            is_new = work.heard_events.add(event_id, self._me.workspace_id, body["event"].get("type", ""), body)
            work.commit()
            return is_new

    def _unfinished(self) -> list[HeardEvent]:
        with self._record() as work:
            return work.heard_events.unhandled(utc_now(), MAX_ATTEMPTS)

    def _note_attempt(self, event_id: str) -> None:
        with self._record() as work:
            work.heard_events.begun(event_id)
            work.commit()

    def _note_failure(self, event_id: str, problem: str) -> None:
        with self._record() as work:
            work.heard_events.failed(event_id, problem)
            work.commit()

    def _note_success(self, event_id: str) -> None:
        with self._record() as work:
            work.heard_events.handled(event_id)
            work.commit()


def _made_up_id(body: Payload) -> str:
    """For servers that leave the id out: the same delivery gets the same one."""
    event = json.dumps(body["event"], sort_keys=True)
    return f"Ev-{hashlib.sha256(event.encode()).hexdigest()[:32]}"


def _is_due(event: HeardEvent, now: datetime) -> bool:
    """Tries begin 30, 90, 210 and 450 seconds after the event was heard."""
    return now - event.heard_at >= FIRST_RETRY * ((1 << event.attempts) - 1)
