"""The bounded queue of answers: so many at once, so many waiting, and everybody knows how many are ahead."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from core.errors import Busy

Moved = Callable[[int], Awaitable[None]]
"""Told how many are ahead, each time that this number changes."""


@dataclass
class _Waiter:
    moved: Moved
    turn: asyncio.Event = field(default_factory=asyncio.Event)


class Lane:
    """First come, first served."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._free = at_once
        self._most_waiting = waiting
        self._waiters: deque[_Waiter] = deque()
        self._news: set[asyncio.Task[None]] = set()

    @property
    def is_full(self) -> bool:
        """Whether the next one would be turned away."""
        return self._free == 0 and len(self._waiters) >= self._most_waiting

    @asynccontextmanager
    async def turn(self, moved: Moved, *, sure: bool = False) -> AsyncIterator[None]:
        """Wait for a turn and hold it while the block runs.

        Raises Busy when too many wait already, unless `sure`: a place was promised before.
        """
        if self.is_full and not sure:
            raise Busy("I am answering as many questions as I can right now. Please ask again in a minute.")
        if self._free:
            self._free -= 1
        else:
            await self._wait(moved)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, moved: Moved) -> None:
        waiter = _Waiter(moved)
        self._waiters.append(waiter)
        self._tell(waiter, len(self._waiters))
        try:
            await waiter.turn.wait()
        except asyncio.CancelledError:
            if waiter.turn.is_set():
                self._pass_on()  # the turn came at the very moment of leaving
            else:
                self._waiters.remove(waiter)
                self._tell_all()
            raise

    def _pass_on(self) -> None:
        if not self._waiters:
            self._free += 1
            return
        self._waiters.popleft().turn.set()
        self._tell_all()

    def _tell_all(self) -> None:
        for ahead, waiter in enumerate(self._waiters, 1):
            self._tell(waiter, ahead)

    def _tell(self, waiter: _Waiter, ahead: int) -> None:
        task = asyncio.ensure_future(_telling(waiter.moved, ahead))
        self._news.add(task)
        task.add_done_callback(self._news.discard)


async def _telling(moved: Moved, ahead: int) -> None:
    await moved(ahead)
