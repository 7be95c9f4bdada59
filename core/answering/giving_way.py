"""On a GPU that is too small for both, the model that serves makes room for the run that trains."""

import logging
from datetime import datetime

from core.answering.models.language_model import LanguageModel
from core.records.base import utc_now
from core.records.runs import TrainingRun
from core.records.unit_of_work import Record

log = logging.getLogger(__name__)


class GivingWay:
    """Puts the model away while a run trains or is examined, and notes so on the run, which waits for that.

    `follow` is called again and again. A run whose worker died holds nothing: serving goes on until the next takes it.
    """

    def __init__(self, record: Record, model: LanguageModel, *, pauses: bool) -> None:
        self._record = record
        self._model = model
        self._pauses = pauses
        self._resting = False

    def follow(self) -> None:
        """Rest or wake, as the run asks for; returns when the model did."""
        if not self._pauses:
            return
        run = self._at_the_device()
        if run is None and self._resting:
            # Said first and looked at again: a worker that takes the run over now either reads that, or is seen.
            self._note(None)
            run = self._at_the_device()
            if run is None:
                self._model.wake()
                self._resting = False
                log.info("The model is back")
        if run is not None and not self._resting:
            self._model.rest()
            self._resting = True
            log.info("The model rests while run %s trains", run.id)
        if run is not None and run.rested_at is None:
            self._note(utc_now())

    def _at_the_device(self) -> TrainingRun | None:
        with self._record() as work:
            return work.runs.at_the_device(utc_now())

    def _note(self, since: datetime | None) -> None:
        with self._record() as work:
            active = work.runs.active()
            if active is not None:
                work.runs.serving_rests(active.id, since)
            work.commit()
