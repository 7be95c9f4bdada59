"""Holding a run while working on it: renewed in the background, so that a long step is not taken for a dead worker."""

import logging
from datetime import timedelta
from threading import Event, Thread
from types import TracebackType
from typing import Self
from uuid import uuid4

from core.records.base import utc_now
from core.records.unit_of_work import Record

SPAN = timedelta(seconds=60)

log = logging.getLogger(__name__)


class Leaving(Exception):
    """The worker is stopping: the run is left as it stands, for the next worker to go on with."""


class Held:
    """A run held by this process, to be opened with `with`; `holder` names this hold and no other."""

    def __init__(self, record: Record, run_id: str, leave: Event | None = None, span: timedelta = SPAN) -> None:
        self.holder = uuid4().hex
        self._record = record
        self._run_id = run_id
        self._span = span
        self._leave = leave or Event()
        self._done = Event()
        self._thread = Thread(target=self._renew, name="holding the run", daemon=True)
        self._stop_wanted = False

    def take(self) -> bool:
        """Take hold; False while another worker works on the run."""
        with self._record() as work:
            taken = work.runs.hold(self._run_id, self.holder, utc_now(), self._span)
            work.commit()
        return taken

    def should_stop(self) -> bool:
        """Whether somebody asked for an end, or the run is no longer ours; as fresh as the last renewal.

        Raises Leaving when this process ought to stop.
        """
        if self._leave.is_set():
            raise Leaving
        return self._stop_wanted

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
        if isinstance(error, Leaving):
            with self._record() as work:
                work.runs.let_go(self._run_id, self.holder)
                work.commit()

    def _renew(self) -> None:
        # Often enough that "stop" is heard within a second or two.
        while not self._done.wait(min(1.0, self._span.total_seconds() / 4)):
            with self._record() as work:
                ours = work.runs.hold(self._run_id, self.holder, utc_now(), self._span)
                run = work.runs.get(self._run_id)
                work.commit()
            self._stop_wanted = not ours or (run is not None and run.stop_wanted)
