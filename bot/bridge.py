"""The one crossing from asyncio into core, which blocks: a bounded number of threads for each kind of work."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)

_RECORD_THREADS = 4
_END = object()


class Bridge:
    """Short calls and long iterations have threads of their own, so that answers never hold up what is heard."""

    def __init__(self, iterations: int) -> None:
        self._short = ThreadPoolExecutor(_RECORD_THREADS, thread_name_prefix="record")
        self._long = ThreadPoolExecutor(iterations, thread_name_prefix="answer")
        self._upkeep = ThreadPoolExecutor(1, thread_name_prefix="upkeep")

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a short function of core."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._short, lambda: function(*args, **kwargs))

    async def run_long(self, function: Callable[[], T]) -> T:
        """Call a function of core that may take minutes, after those that were called before."""
        return await asyncio.get_running_loop().run_in_executor(self._upkeep, function)

    async def iterate(self, begin: Callable[[], Iterator[T]], stop: Event) -> AsyncGenerator[T]:
        """The items of a blocking iterator, each taken only when it is wanted.

        `stop` is set when the caller leaves early; the iterator must end soon after.
        """
        loop = asyncio.get_running_loop()
        taking: asyncio.Future[object] | None = None
        iterator = begin()
        try:
            while True:
                taking = loop.run_in_executor(self._long, next, iterator, _END)
                # The thread cannot be interrupted: a cancelled caller must not lose sight of it.
                item = await asyncio.shield(taking)
                if item is _END:
                    return
                yield item  # type: ignore[misc]  # it is a T: only the sentinel is not, and that is handled above
        finally:
            stop.set()
            if taking is not None and not taking.done():
                taking.add_done_callback(_look_at_error)
                await asyncio.wait([taking])
            close = getattr(iterator, "close", None)
            if close is not None:
                await loop.run_in_executor(self._long, close)

    def close(self) -> None:
        """Take no more calls; those that run are left to end by themselves."""
        self._short.shutdown(wait=False, cancel_futures=True)
        self._long.shutdown(wait=False, cancel_futures=True)
        self._upkeep.shutdown(wait=False, cancel_futures=True)


def _look_at_error(taken: asyncio.Future[object]) -> None:
    if not taken.cancelled() and (error := taken.exception()):
        log.info("Work that nobody waits for any more ended with %s.", type(error).__name__)
