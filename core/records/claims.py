"""Claims: which worker is at which document, and how its work on it ended."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from core.records.base import utc_now
from core.records.documents import Document, DocumentKind, missing_in
from core.records.passages import Passage, Passages


class Claims:
    """Questions asked by workers. Of several, one at a time holds a document, until it says what came of it."""

    def __init__(self, session: Session, passages: Passages) -> None:
        self._session = session
        self._passages = passages

    def take_due(
        self,
        worker: str,
        now: datetime,
        hold: timedelta,
        limit: int,
        kinds: Collection[DocumentKind],
        *,
        only_gone: bool = False,
    ) -> list[Document]:
        """Take documents of these kinds with work due that no other worker holds.

        Those that cannot wait go first, and of them the longest waiting.

        `only_gone`: only those that are to vanish.
        """
        may_begin = or_(Document.not_before.is_(None), Document.not_before <= now)
        wanted = (Document.due.is_(True), may_begin, *((Document.gone.is_(True),) if only_gone else ()))
        return self._take(worker, now, hold, limit, kinds, *wanted)

    def take_missing(
        self, worker: str, now: datetime, hold: timedelta, limit: int, kinds: Collection[DocumentKind], edition: int
    ) -> list[Document]:
        """The same, for documents that this edition of the index does not hold as they stand."""
        return self._take(worker, now, hold, limit, kinds, *missing_in(edition))

    def release(self, worker: str) -> None:
        """Let go of all that the worker holds: it stopped, or died."""
        self._session.execute(
            update(Document).where(Document.claimed_by == worker).values(claimed_by="", claimed_until=None)
        )

    def claimants(self) -> set[str]:
        """The workers who hold documents now."""
        return set(self._session.scalars(select(Document.claimed_by).where(Document.claimed_by != "").distinct()))

    def indexed(
        self, document_id: str, worker: str, revision: int, passages: Sequence[Passage], problem: str, edition: int
    ) -> bool:
        """Replace the document's passages by those of `revision` that stand in the live edition's index.

        `problem` says why there are none, where it is the document's own fault.
        False when another worker holds the document now, or a newer revision was indexed: then nothing is changed.
        """
        document = self._session.get(Document, document_id, with_for_update=True, populate_existing=True)
        if document is None or document.claimed_by != worker or document.indexed_revision > revision:
            return False
        if document.gone and document.revision == revision:
            self._passages.drop_of(document_id)
            self._session.delete(document)
            return True
        self._passages.put(document_id, edition, passages if revision >= document.forgotten_revision else ())
        document.indexed_revision, document.indexed_at, document.edition = revision, utc_now(), edition
        document.due = document.revision > revision
        document.claimed_by, document.claimed_until = "", None
        document.problem, document.attempts, document.not_before = problem, 0, None
        return True

    def held_beside(
        self, document_id: str, worker: str, revision: int, passages: Sequence[Passage], problem: str, edition: int
    ) -> bool:
        """An edition that is being made holds these passages of `revision`, unless there is something newer.

        False when another worker holds the document now, or it is gone for good: then nothing is changed.
        """
        document = self._session.get(Document, document_id, with_for_update=True, populate_existing=True)
        if document is None or document.claimed_by != worker:
            return False
        document.claimed_by, document.claimed_until = "", None
        if not document.gone and revision >= max(document.forgotten_revision, document.indexed_revision):
            self._passages.put(document_id, edition, passages)
            document.edition, document.problem = edition, problem
        return True

    def pass_over(self, document_id: str, worker: str, edition: int) -> None:
        """This edition cannot be made of the document."""
        document = self._session.get(Document, document_id, with_for_update=True, populate_existing=True)
        if document is not None and document.claimed_by == worker:
            document.passed_over, document.claimed_by, document.claimed_until = edition, "", None

    def let_go(self, document_ids: Collection[str], worker: str) -> None:
        """The worker does not work on these documents any more; what was to be done is still to be done."""
        self._session.execute(
            update(Document)
            .where(Document.id.in_(document_ids), Document.claimed_by == worker)
            .values(claimed_by="", claimed_until=None)
        )

    def postponed(self, document_id: str, worker: str, revision: int, problem: str, until: datetime) -> None:
        """Work on `revision` of the document broke off: try again at `until`, or at once if there is a newer one."""
        document = self._session.get(Document, document_id, with_for_update=True, populate_existing=True)
        if document is None or document.claimed_by != worker:
            return
        if document.revision == revision:
            document.problem, document.attempts, document.not_before = problem, document.attempts + 1, until
        document.claimed_by, document.claimed_until = "", None

    def _take(
        self,
        worker: str,
        now: datetime,
        hold: timedelta,
        limit: int,
        kinds: Collection[DocumentKind],
        *wanted: ColumnElement[bool],
    ) -> list[Document]:
        free = or_(Document.claimed_until.is_(None), Document.claimed_until < now)
        ids = list(
            self._session.scalars(
                select(Document.id)
                .where(Document.kind.in_(kinds), free, *wanted)
                .order_by(Document.can_wait, Document.changed_at)
                .limit(limit)
            )
        )
        if not ids:
            return []
        claimed = (
            update(Document)
            .where(Document.id.in_(ids), free)
            .values(claimed_by=worker, claimed_until=now + hold)
            .returning(Document.id)
        )
        mine = list(self._session.scalars(claimed))
        return list(
            self._session.scalars(
                select(Document)
                .where(Document.id.in_(mine))
                .order_by(Document.can_wait, Document.changed_at)
                .execution_options(populate_existing=True)
            )
        )
