"""The model follows the one row that says which adapter serves."""

import logging
from time import monotonic

from core.answering.models.language_model import LanguageModel
from core.errors import JourneymanError, Unavailable
from core.records.unit_of_work import Record

log = logging.getLogger(__name__)

AGAIN_S = 60.0
"""After a swap that failed for a reason that may pass."""


class LiveAdapter:
    """Brings the model to the adapter that the pointer names. `follow` is called again and again."""

    def __init__(self, record: Record, model: LanguageModel) -> None:
        self._record = record
        self._model = model
        self._handled = ""
        self._not_before = 0.0

    def follow(self) -> None:
        """Swap if the pointer was moved since the last call; returns when the other adapter writes.

        An adapter that is damaged, or that the model cannot load, is told of in the log, once: what wrote before
        goes on.
        """
        with self._record() as work:
            live = work.adapters.live()
        wanted = live.id if live else ""
        if wanted == self._handled or monotonic() < self._not_before:
            return
        try:
            self._model.use(wanted)
        except Unavailable as failure:
            log.warning("The adapter %s does not write yet: %s", wanted, failure.sentence)
            self._not_before = monotonic() + AGAIN_S
            return
        except JourneymanError as failure:
            log.error("The adapter %s is not used: %s", wanted, failure.sentence)
        self._handled = wanted
