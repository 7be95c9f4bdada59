"""The one thread that touches the model: it writes for all who ask, and swaps adapters when nobody's answer is open."""

import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from threading import Condition, Event, Lock, Thread
from time import monotonic

from core.answering.models.language_model import WrittenWith
from core.answering.models.phi3_adapters import LoadedAdapters
from core.answering.models.phi3_batch import Batch, Writing
from core.answering.models.phi3_checkpoint import Loaded, Tokens
from core.answering.models.phi3_text import GrowingText
from core.errors import ModelUnavailable

log = logging.getLogger(__name__)

_BROKE_OFF = "The language model broke off while it was writing."


@dataclass(frozen=True)
class Ended:
    """The end of an answer, and what went wrong if it came too early."""

    error: Exception | None = None


@dataclass(eq=False)
class Job:
    """One question on its way through the model. `shared`: tokens that every prompt with the same rules begins with."""

    tokens: list[int]
    shared: int
    most: int
    stop: Event
    pieces: "SimpleQueue[str | WrittenWith | Ended]" = field(default_factory=SimpleQueue)
    has_shown: bool = False
    tried: bool = False


@dataclass(frozen=True)
class Swap:
    """An adapter that is to write from now on. `folder` is None for the base model."""

    adapter: str
    folder: Path | None
    done: "Future[None]" = field(default_factory=Future)


class Owner:
    """Starts at once. What waits when it dies or hangs is taken over by the next owner: `leave_to`."""

    def __init__(
        self, load: Callable[[], Loaded], tokens: Tokens, tokenizing: Lock, waiting: "deque[Job]", first: Swap | None
    ) -> None:
        self._load = load
        self._tokens = tokens
        self._tokenizing = tokenizing
        self._news = Condition()
        self._waiting = waiting
        self._open: dict[Writing, Job] = {}
        self._swaps: deque[Swap] = deque([first] if first else [])
        self._swapping: Swap | None = None
        self._leaving = False
        self._retiring = False
        self._busy_since: float | None = None
        self.adapter = ""
        self.steps = 0
        self._thread = Thread(target=self._live, name="phi3", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether it takes jobs."""
        return self._thread.is_alive() and not self._leaving

    def has_hung(self, after_s: float) -> bool:
        """Whether one pass through the model, or one swap, has taken longer than this."""
        began = self._busy_since
        return began is not None and monotonic() - began > after_s

    def add(self, job: Job) -> bool:
        """Write this answer when there is room; False when it takes none any more."""
        with self._news:
            takes = not self._leaving and not self._retiring
            if takes:
                self._waiting.append(job)
                self._news.notify()
            return takes

    def swap(self, swap: Swap) -> bool:
        """Begin no more answers until this adapter writes; those that are open are finished with theirs.

        False when it takes no orders any more.
        """
        with self._news:
            if not self._leaving:
                self._swaps.append(swap)
                self._news.notify()
            return not self._leaving

    def retire(self, seconds: float) -> None:
        """Write to their end the answers that were begun or wait, begin no others, and end; blocks until then.

        What is not whole after so many seconds is broken off.
        """
        with self._news:
            self._retiring = True
            self._news.notify()
        self._thread.join(seconds)
        for job in self.leave():
            job.pieces.put(Ended(ModelUnavailable(_BROKE_OFF)))
        self._thread.join(seconds)

    def leave(self) -> "deque[Job]":
        """End as soon as possible, whatever is open, and hand over what waits.

        A thread that is stuck cannot be ended: it keeps its model until it comes back, but nobody waits for it.
        """
        with self._news:
            self._leaving = True
            waiting, self._waiting = self._waiting, deque()
            swaps, self._swaps = [*self._swaps], deque()
            if self._swapping:
                swaps, self._swapping = [self._swapping, *swaps], None
            self._news.notify()
        for job in list(self._open.values()):
            job.pieces.put(Ended(ModelUnavailable(_BROKE_OFF)))
        for swap in swaps:
            swap.done.set_exception(ModelUnavailable("The language model is being started again."))
        return waiting

    def join(self, seconds: float) -> None:
        """Wait, so long at most, until it has ended."""
        self._thread.join(seconds)

    def _live(self) -> None:
        loaded = self._loaded()
        if loaded is None:
            return
        batch, adapters = Batch(loaded.model), LoadedAdapters(loaded.model)
        while self._take_in(batch, loaded.room):
            self._busy_since = monotonic()
            if self._swapping:
                self._perform(self._swapping, batch, adapters)
            else:
                self._advance(batch)
            self._busy_since = None
            self.steps += 1

    def _advance(self, batch: Batch) -> None:
        try:
            batch.advance()
        except Exception as error:  # noqa: BLE001 - the next answer may well succeed
            log.warning("Writing failed: %s", type(error).__name__)
            batch.clear()
            self._give_up()
        for writing in [one for one in self._open if one.ended]:
            self._open.pop(writing).pieces.put(Ended())

    def _loaded(self) -> Loaded | None:
        try:
            return self._load()
        except Exception as error:  # noqa: BLE001 - it is raised again where the answer is waited for
            for job in self.leave():
                job.pieces.put(Ended(error))
            return None

    def _take_in(self, batch: Batch, room: int) -> bool:
        """Wait for something to do; False when there will be nothing more."""
        with self._news:
            while not self._leaving:
                if self._swaps and not self._open:
                    self._swapping = self._swaps.popleft()
                    return True
                while self._waiting and not self._swaps and self._fits(self._waiting[0], room):
                    self._begin(self._waiting.popleft(), batch)
                if self._open:
                    return True
                if self._retiring and not self._swaps:
                    return False
                self._news.wait()
        return False

    def _fits(self, job: Job, room: int) -> bool:
        """Texts are padded to the longest, so that one decides what each of them takes up."""
        longest = max([len(job.tokens) + job.most, *(writing.longest for writing in self._open)])
        return not self._open or longest * (len(self._open) + 1) <= room

    def _begin(self, job: Job, batch: Batch) -> None:
        if job.stop.is_set():
            job.pieces.put(Ended())
            return
        text = GrowingText(self._tokens, self._tokenizing)

        def show(token: int) -> None:
            piece = text.feed(token)
            if writing.ended:
                piece += text.finish()
            job.has_shown = job.has_shown or bool(piece)
            if not self._leaving:
                job.pieces.put(piece)

        stops = frozenset(self._tokens.stops)
        writing = Writing(job.tokens, job.shared, job.most, stops, show, job.stop.is_set)
        job.pieces.put(WrittenWith(self.adapter))
        self._open[writing] = job
        batch.add(writing)

    def _perform(self, swap: Swap, batch: Batch, adapters: LoadedAdapters) -> None:
        began = monotonic()
        failure: Exception | None = None
        try:
            adapters.use(swap.adapter, swap.folder)
        except Exception as error:  # noqa: BLE001 - it is raised again where the swap was asked for
            log.error("No other adapter writes: %s", getattr(error, "sentence", type(error).__name__))
            failure = error
        else:
            self.adapter = adapters.current
            log.info("%s writes from now on (%.2f s)", swap.adapter or "The base model", monotonic() - began)
        batch.forget_shared()
        with self._news:
            if self._swapping is None:
                return  # it took so long that whoever asked for it was told otherwise
            self._swapping = None
        if failure:
            swap.done.set_exception(failure)
        else:
            swap.done.set_result(None)

    def _give_up(self) -> None:
        """What has shown nothing yet is tried once more; the others have to be told."""
        opened, self._open = list(self._open.values()), {}
        again = [job for job in opened if not job.has_shown and not job.tried]
        for job in opened:
            if job not in again:
                job.pieces.put(Ended(ModelUnavailable(_BROKE_OFF)))
        for job in again:
            job.tried = True
        with self._news:
            self._waiting.extendleft(reversed(again))
