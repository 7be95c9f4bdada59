"""Events that wait for a socket: in order, unless a test holds them back, turns them round or doubles them."""

import asyncio
from collections import deque
from dataclasses import dataclass

from bot.sandbox.model import Payload


@dataclass
class Delivery:
    """One event on its way to the bot."""

    payload: Payload
    attempts: int = 0
    timeouts: int = 0
    retry_reason: str = ""


class EventQueue:
    """What is still to be sent."""

    def __init__(self) -> None:
        self.ready = asyncio.Event()
        """Set whenever there may be something to send."""
        self._waiting: deque[Delivery] = deque()
        self._held: list[Delivery] | None = None
        self._to_repeat = 0

    def add(self, payload: Payload) -> None:
        """Puts an event at the end of the queue."""
        copies = 1
        if self._to_repeat:
            self._to_repeat -= 1
            copies = 2
        target = self._waiting if self._held is None else self._held
        target.extend(Delivery(payload) for _ in range(copies))
        self.ready.set()

    def __len__(self) -> int:
        return len(self._waiting)

    def next(self) -> Delivery:
        """Takes the event that has waited longest. Raises IndexError when there is none."""
        return self._waiting.popleft()

    def put_back(self, delivery: Delivery) -> None:
        """Puts an event to the front again."""
        self._waiting.appendleft(delivery)
        self.ready.set()

    def payloads(self) -> list[Payload]:
        """Everything in the queue, held or not, oldest first."""
        return [each.payload for each in (*self._waiting, *(self._held or ()))]

    def hold(self) -> None:
        """Keeps back events from now on, until release."""
        if self._held is None:
            self._held = []

    def release(self, *, newest_first: bool = False) -> int:
        """Lets the held events go, in reverse if asked; returns how many there were."""
        held, self._held = self._held or [], None
        self._waiting.extend(reversed(held) if newest_first else held)
        self.ready.set()
        return len(held)

    def repeat(self, times: int) -> None:
        """The next `times` events are sent twice with one event_id."""
        self._to_repeat = times
