"""The index made anew beside the live one, which answers until the new one takes its place.

It is how a team changes embedding model or the size of passages. Every document that the new edition does not hold as
it stands is read, cut and embedded for it; what is indexed live meanwhile is done again, and what is to be forgotten
goes from both. When nothing is missing, one transaction makes the new one live. Every step may be cut off anywhere and
repeated, also by several processes at once.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.errors import JourneymanError, Unavailable
from core.knowledge.indexing import HOLD, Indexer, Ready
from core.knowledge.open_editions import OpenEdition, OpenEditions
from core.records.base import utc_now
from core.records.documents import Document, DocumentKind
from core.records.editions import NEXT, Edition
from core.records.unit_of_work import Record, UnitOfWork

KEPT = timedelta(seconds=15)
"""How long a replaced edition stays: no search takes that long."""

FEW = 64
"""When no more documents than this are missing, live indexing pauses, so that the new edition can catch up."""

CLOSING = timedelta(seconds=10)
"""How long live indexing pauses at most, and how long it goes on before it pauses again."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RebuildProgress:
    """How many documents the new edition holds, of how many that it could."""

    held: int
    total: int


class Builder(Indexer):
    """Fills an edition that is being made."""

    slot = NEXT

    def _claim(self, work: UnitOfWork, worker: str, limit: int, kinds: Collection[DocumentKind]) -> list[Document]:
        if not work.editions.kept_in(NEXT, self._edition):
            return []
        return work.claims.take_missing(worker, utc_now(), HOLD, limit, kinds, self._edition)

    def _index(self, batch: Sequence[Document], worker: str) -> None:
        try:
            super()._index(batch, worker)
        except JourneymanError:
            with self._record() as work:
                work.claims.let_go([document.id for document in batch], worker)
                work.commit()
            raise

    def _marked(self, work: UnitOfWork, ready: Ready, worker: str) -> bool:
        document, facts = ready.document, (ready.passages, ready.problem, self._edition)
        return work.claims.held_beside(document.id, worker, document.revision, *facts)

    def _wait_out(self, batch: Sequence[Document], worker: str, error: Unavailable) -> None:  # noqa: ARG002 - Indexer's
        raise error  # that is no document's fault, and not to be counted against any

    def _postpone(self, batch: Sequence[Document], worker: str, error: Exception) -> None:
        with self._record() as work:
            for document in batch:
                work.claims.pass_over(document.id, worker, self._edition)
                log.warning("Document %s is not in the new index yet: %s", document.id, type(error).__name__)
            work.commit()


class Reindexing:
    """Begins, continues and ends the making of an edition."""

    def __init__(self, record: Record, editions: OpenEditions, builder_of: Callable[[OpenEdition], Builder]) -> None:
        self._record = record
        self._editions = editions
        self._builder_of = builder_of
        self._builders: dict[int, Builder] = {}

    def begin(self) -> int:
        """Make a new edition as the settings want it; one like that which is under way already is gone on with.

        Returns its number. Raises Misconfigured when the settings name an embedder that is not there, Unavailable when
        it does not answer.
        """
        self._editions.live()
        wanted = self._editions.wanted(NEXT)
        with self._record() as work:
            _live, coming = work.editions.moving()
            if coming is not None and _alike(coming, wanted):
                return coming.id
            if coming is not None:
                work.editions.retire(coming)
            begun = wanted if work.editions.add(wanted) else work.editions.next()
            work.commit()
        assert begun is not None  # that of the process that was faster
        return begun.id

    def begin_if_needed(self) -> bool:
        """Make a new edition where the live one has another embedder, other passages or other search terms than wanted.

        One that the settings do not want any more is given up. Returns whether one is under way.
        """
        live = self._editions.live()
        live.store.take_over()
        wanted = self._editions.wanted(NEXT)
        if not _alike(live.edition, wanted) or live.edition.by_words:
            log.warning("The settings want another index (%s): it is made beside the old one", wanted.embedder_name)
            self.begin()
            return True
        with self._record() as work:
            _live, coming = work.editions.moving()
            if coming is None or _alike(coming, wanted):
                return coming is not None
            work.editions.retire(coming)
            work.commit()
        return False

    def work(self, worker: str) -> int:
        """Do one step of what is to be done; 0 when there is nothing to do. Raises Unavailable, Misconfigured."""
        if removed := self._editions.drop_retired(KEPT):
            return removed
        coming = self._coming()
        if coming is None:
            return 0
        self._close_in(coming)
        return self._builder(coming).index_due(worker) or self._end(coming)

    def progress(self) -> RebuildProgress | None:
        """How far it has come; None when no edition is being made."""
        with self._record() as work:
            coming = work.editions.next()
            if coming is None:
                return None
            held, missing = work.documents.count_held(coming.id), work.documents.count_missing(coming.id)
        return RebuildProgress(held, held + missing)

    def _coming(self) -> OpenEdition | None:
        """The edition that is being made, if our settings want it: another's is left to whoever began it."""
        with self._record() as work:
            coming = work.editions.next()
        if coming is None or not _alike(coming, self._editions.wanted(NEXT)):
            return None
        return self._editions.next()

    def _close_in(self, coming: OpenEdition) -> None:
        """Let live indexing wait a moment when little is missing."""
        now = utc_now()
        with self._record() as work:
            there = work.editions.next()
            if there is None or (there.closing_until is not None and now < there.closing_until + CLOSING):
                return
            if work.documents.count_missing(coming.edition.id) <= FEW:
                there.closing_until = now + CLOSING
                work.commit()

    def _end(self, coming: OpenEdition) -> int:
        """Nothing could be taken up: when nothing is missing either, the new edition takes over."""
        with self._record() as work:
            live, there = work.editions.moving()
            if there is None or there.id != coming.edition.id:
                return 0
            if work.documents.count_missing(there.id):
                return 0  # somebody else is at it
            if live is not None:
                work.editions.retire(live)
            work.editions.make_live(there)
            work.documents.want_missing_again(there.id)
            work.commit()
        coming.store.take_over()
        log.info("The new index answers from now on")
        return 1

    def _builder(self, opened: OpenEdition) -> Builder:
        if opened.edition.id not in self._builders:
            self._builders[opened.edition.id] = self._builder_of(opened)
        return self._builders[opened.edition.id]


def _alike(one: Edition, other: Edition) -> bool:
    return (one.embedder_name, one.dimension, one.passage_tokens, one.terms) == (
        other.embedder_name,
        other.dimension,
        other.passage_tokens,
        other.terms,
    )
