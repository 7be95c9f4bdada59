"""The worker's part in training: it goes on with the run that is to be worked on, and begins the night that is due."""

import logging
from collections.abc import Callable
from time import monotonic

from core.errors import Misconfigured
from core.records.base import utc_now
from core.records.unit_of_work import Record
from core.settings import Settings
from core.training.nightly import NightSchool
from core.training.schedule import night_due

LOOK_EVERY_S = 5.0
"""How often it is asked whether a night is due."""

log = logging.getLogger(__name__)


class NightWatch:
    """Looked at again and again by a lane of the worker. `require_trainable` raises Misconfigured with what is missing.

    Several workers may watch: the run's row, unique for a night and among runs that have not ended, lets one begin.
    """

    def __init__(
        self, record: Record, settings: Settings, school: NightSchool, require_trainable: Callable[[], None]
    ) -> None:
        self._record = record
        self._settings = settings
        self._school = school
        self._require_trainable = require_trainable
        self._next_look = 0.0
        self._told = ""

    def look(self) -> int:
        """Work on a run until it ends, if there is one to be worked on; how many were."""
        with self._record() as work:
            active = work.runs.active()
        if active is not None:
            free = active.held_until is None or active.held_until < utc_now()
            return int(free and self._school.resume() is not None)
        if monotonic() < self._next_look:
            return 0
        self._next_look = monotonic() + LOOK_EVERY_S
        night = night_due(self._record, self._settings, utc_now())
        if night is None or not self._is_trainable():
            return 0
        return int(self._school.run(night) is not None)

    def _is_trainable(self) -> bool:
        """Whether there is something to train; if not, the log is told why, once."""
        try:
            self._require_trainable()
        except Misconfigured as missing:
            if missing.sentence != self._told:
                log.warning("No night of training: %s", missing.sentence)
            self._told = missing.sentence
            return False
        return True
