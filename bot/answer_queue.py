"""The bounded queue of answers: so many at once, so many waiting, fair between people; everybody knows their place."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from core.errors import Busy

Moved = Callable[[int], Awaitable[None]]
"""Told how many are ahead, each time that this number changes."""


@dataclass(eq=False)
class _Waiter:
    person: str
    moved: Moved
    turn: asyncio.Event = field(default_factory=asyncio.Event)
    told: int = 0


class AnswerQueue:
    """Everybody's first question comes before anybody's second, and so on; then who had no turn for longest."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._free = at_once
        self._most_waiting = waiting
        self._running: Counter[str] = Counter()
        self._turns = 0
        self._last_turn: dict[str, int] = {}
        self._waiters: list[_Waiter] = []
        self._news: set[asyncio.Task[None]] = set()

    @property
    def is_full(self) -> bool:
        """Whether the next one would be turned away."""
        return self._free == 0 and len(self._waiters) >= self._most_waiting

    @asynccontextmanager
    async def turn(self, person: str, moved: Moved, *, sure: bool = False) -> AsyncIterator[None]:
        """Wait for this person's turn and hold it while the block runs.

        Raises Busy when too many wait already, unless `sure`: a place was promised before.
        """
        if self.is_full and not sure:
            raise Busy("I am answering as many questions as I can right now. Please ask again in a minute.")
        if self._free:
            self._free -= 1
            self._begin(person)
        else:
            await self._wait(_Waiter(person, moved))
        try:
            yield
        finally:
            self._pass_on(person)

    async def _wait(self, waiter: _Waiter) -> None:
        self._waiters.append(waiter)
        self._tell_all()
        try:
            await waiter.turn.wait()
        except asyncio.CancelledError:
            if waiter.turn.is_set():
                self._pass_on(waiter.person)  # the turn came at the very moment of leaving
            else:
                self._waiters.remove(waiter)
                self._tell_all()
            raise

    def _pass_on(self, person: str) -> None:
        self._running -= Counter([person])
        if not self._waiters:
            self._free += 1
            self._last_turn = {running: self._last_turn[running] for running in self._running}
            return
        following = self._in_order()[0]
        self._waiters.remove(following)
        self._begin(following.person)
        following.turn.set()
        self._tell_all()

    def _begin(self, person: str) -> None:
        self._running[person] += 1
        self._turns += 1
        self._last_turn[person] = self._turns

    def _in_order(self) -> list[_Waiter]:
        """Whose turn comes when, if nobody else comes: by how many of the person's own questions come before."""
        before = self._running.copy()
        rounds: list[tuple[int, int, int]] = []
        for at, waiter in enumerate(self._waiters):
            rounds.append((before[waiter.person], self._last_turn.get(waiter.person, 0), at))
            before[waiter.person] += 1
        return [self._waiters[at] for _, _, at in sorted(rounds)]

    def _tell_all(self) -> None:
        for ahead, waiter in enumerate(self._in_order(), 1):
            if waiter.told != ahead:
                waiter.told = ahead
                task = asyncio.ensure_future(_telling(waiter.moved, ahead))
                self._news.add(task)
                task.add_done_callback(self._news.discard)


async def _telling(moved: Moved, ahead: int) -> None:
    await moved(ahead)
