"""Waiting for what may hang: the work runs in a thread of its own, and whoever waits can always go away."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event, Thread
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")
_LOOK_S = 0.05


@dataclass(frozen=True)
class _Done:
    error: Exception | None


class TookTooLong(Exception):
    """Nothing came for longer than the patience lasted."""


@dataclass
class Patiently(Generic[T]):
    """Yields what `work` yields. Raises what it raises, or TookTooLong after `patience_s` without anything.

    It ends at once when `stop` is set or its consumer leaves; the work is told by the event that it was given, and
    if it hangs for good, only its own thread does.
    """

    work: Callable[[Event], Iterator[T]]
    stop: Event
    patience_s: float

    def __iter__(self) -> Iterator[T]:
        leave = Event()
        done: SimpleQueue[T | _Done] = SimpleQueue()
        Thread(target=self._run, args=(leave, done), name="answer", daemon=True).start()
        try:
            yield from self._received(done)
        finally:
            leave.set()

    def _run(self, leave: Event, done: "SimpleQueue[T | _Done]") -> None:
        try:
            with closing(self.work(leave)) as pieces:  # type: ignore[type-var]  # every work is a generator
                for piece in pieces:
                    done.put(piece)
                    if leave.is_set():
                        return
        except Exception as error:  # noqa: BLE001 - it is raised again where the work is waited for
            done.put(_Done(error))
        else:
            done.put(_Done(None))

    def _received(self, done: "SimpleQueue[T | _Done]") -> Iterator[T]:
        heard = monotonic()
        while not self.stop.is_set():
            try:
                piece = done.get(timeout=_LOOK_S)
            except Empty:
                if monotonic() - heard > self.patience_s:
                    raise TookTooLong from None
                continue
            heard = monotonic()
            if not isinstance(piece, _Done):
                yield piece
            elif piece.error:
                raise piece.error
            else:
                return
