"""Documents: what ought to be findable, and how far the passage store has come with it."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import ColumnElement, Index, false, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.records.base import Base, utc_now

if TYPE_CHECKING:
    from core.records.passages import Passages


class DocumentKind(StrEnum):
    """What a document is made of; `key` says which one.

    THREAD: a root message and its replies, key "C1:1700000000.000100".
    DAY: the loose messages of a channel on one UTC day, key "C1:2026-03-01".
    FILE: a shared file in one channel where it was posted, key "F1:C1".
    PATH: a file ingested from disk, key its absolute path.
    """

    THREAD = "thread"
    DAY = "day"
    FILE = "file"
    PATH = "path"


def document_id(workspace_id: str, kind: DocumentKind, key: str) -> str:
    """The same document has the same id, whoever computes it."""
    return str(uuid5(NAMESPACE_URL, f"journeyman:{workspace_id}:{kind}:{key}"))


class Document(Base):
    """Something that ought to be findable. Work is due while `revision` is ahead of `indexed_revision`.

    `gone` asks for its passages to be removed; the row goes with them. A worker holds a document until `claimed_until`.
    """

    __tablename__ = "documents"
    __table_args__ = (Index("ix_documents_due", "due", "not_before"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(index=True)
    kind: Mapped[DocumentKind]
    key: Mapped[str]
    channel_id: Mapped[str] = mapped_column(default="", index=True)
    audience: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    revision: Mapped[int] = mapped_column(default=1)
    indexed_revision: Mapped[int] = mapped_column(default=0)
    forgotten_revision: Mapped[int] = mapped_column(default=0)
    """What was read of it before this revision may hold words that are forgotten since: no passage comes of that."""
    edition: Mapped[int] = mapped_column(default=0, server_default="0", index=True)
    """The newest edition of the index that holds what stands in it now."""
    passed_over: Mapped[int] = mapped_column(default=0, server_default="0")
    """The newest edition that could not be made of it: that one takes over without it, and it is tried again then."""
    due: Mapped[bool] = mapped_column(default=True)
    can_wait: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether its work is of the past: what was said just now goes before it."""
    gone: Mapped[bool] = mapped_column(default=False)
    problem: Mapped[str] = mapped_column(default="")
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    claimed_by: Mapped[str] = mapped_column(default="")
    claimed_until: Mapped[datetime | None]
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)
    indexed_at: Mapped[datetime | None]


class Documents:
    """Questions asked of documents. What happens to one happens to its `passages`."""

    def __init__(self, session: Session, passages: "Passages") -> None:
        self._session = session
        self._passages = passages

    def get(self, document_id: str) -> Document | None:
        """The document, if it is known."""
        return self._session.get(Document, document_id)

    def want(
        self,
        workspace_id: str,
        kind: DocumentKind,
        key: str,
        *,
        channel_id: str,
        audience: str,
        title: str = "",
        can_wait: bool = False,
    ) -> Document:
        """The document ought to be (re)indexed: made if new, otherwise one revision on.

        `can_wait`: after all that cannot.
        """
        wanted = self._hold(document_id(workspace_id, kind, key))
        if wanted is None:
            wanted = Document(
                id=document_id(workspace_id, kind, key),
                workspace_id=workspace_id,
                kind=kind,
                key=key,
                revision=0,
                due=False,
            )
            self._session.add(wanted)
        wanted.channel_id, wanted.audience, wanted.title = channel_id, audience, title or wanted.title or ""
        self._ask_for_work(wanted, gone=False, can_wait=can_wait)
        return wanted

    def unwant(self, document: Document) -> None:
        """The document ought to vanish. Its passages are not to be quoted from now on; the store's part is work."""
        if self._hold(document.id) is not None:
            self._ask_for_work(document, gone=True)
            self._passages.drop_of(document.id)

    def drop_passages(self, document: Document, place: str) -> None:
        """Forget what stands at this place: at once its passages, and those that a worker makes of an earlier state."""
        if self._hold(document.id) is not None:
            self._passages.drop_at(document.id, place)
            self._ask_for_work(document, gone=document.gone)
            document.forgotten_revision = document.revision
            self._session.flush()

    def any_forgetting(self) -> bool:
        """Whether the store may still hold passages that are to be forgotten."""
        query = (
            select(Document.id)
            .where(
                Document.due.is_(True),
                Document.gone.is_(True) | (Document.indexed_revision < Document.forgotten_revision),
            )
            .limit(1)
        )
        return self._session.scalar(query) is not None

    def _hold(self, document_id: str) -> Document | None:
        """The document as it stands now; a worker that is done with an earlier revision waits for this unit."""
        return self._session.get(Document, document_id, with_for_update=True, populate_existing=True)

    def _ask_for_work(self, document: Document, *, gone: bool, can_wait: bool = False) -> None:
        document.revision += 1
        document.can_wait = can_wait and (document.can_wait or not document.due)
        document.gone, document.due, document.not_before, document.attempts = gone, True, None, 0
        document.changed_at = utc_now()
        self._session.flush()

    def of_channel(self, workspace_id: str, channel_id: str) -> list[Document]:
        """Documents that were heard in the channel."""
        return list(
            self._session.scalars(
                select(Document).where(Document.workspace_id == workspace_id, Document.channel_id == channel_id)
            )
        )

    def of_file(self, workspace_id: str, file_id: str) -> list[Document]:
        """The file's documents, one for each channel that it stands in."""
        return list(
            self._session.scalars(
                select(Document).where(
                    Document.workspace_id == workspace_id,
                    Document.kind == DocumentKind.FILE,
                    Document.key.startswith(f"{file_id}:", autoescape=True),
                )
            )
        )

    def of_kind(self, workspace_id: str, kind: DocumentKind) -> list[Document]:
        """All documents of one kind."""
        return list(
            self._session.scalars(select(Document).where(Document.workspace_id == workspace_id, Document.kind == kind))
        )

    def all_of(self, workspace_id: str) -> list[Document]:
        """All documents of a workspace."""
        return list(self._session.scalars(select(Document).where(Document.workspace_id == workspace_id)))

    def count_missing(self, edition: int) -> int:
        """How many documents this edition lacks that could be in it: those that another one holds."""
        return self._session.scalar(select(func.count()).select_from(Document).where(*missing_in(edition))) or 0

    def count_held(self, edition: int) -> int:
        """How many documents this edition holds as they stand."""
        query = select(func.count()).select_from(Document).where(Document.gone.is_(False), Document.edition >= edition)
        return self._session.scalar(query) or 0

    def count_passed_over(self, edition: int) -> int:
        """How many documents this edition could not be made of, and still lacks."""
        query = select(func.count()).select_from(Document)
        lacking = query.where(Document.passed_over == edition, Document.edition < edition, Document.gone.is_(False))
        return self._session.scalar(lacking) or 0

    def adopt(self, edition: int) -> None:
        """What was indexed before there were editions is of this one."""
        self._session.execute(update(Document).where(Document.indexed_revision > 0).values(edition=edition))

    def want_missing_again(self, edition: int) -> None:
        """This edition answers from now on: what it lacks has work due, at once."""
        self._session.execute(
            update(Document)
            .where(Document.gone.is_(False), Document.edition < edition)
            .values(revision=Document.revision + 1, due=True, can_wait=True, not_before=None, attempts=0)
        )

    def want_again(self, document_id: str) -> None:
        """Index the document anew, if it still exists."""
        document = self._hold(document_id)
        if document is not None:
            self._ask_for_work(document, gone=document.gone)

    def want_all_again(self, workspace_id: str) -> None:
        """Every document of the workspace has work due: the store lost what it held."""
        self._session.execute(
            update(Document)
            .where(Document.workspace_id == workspace_id)
            .values(revision=Document.revision + 1, due=True, can_wait=True, not_before=None)
        )

    def count_due(self) -> int:
        """How many documents wait for work."""
        return self._session.scalar(select(func.count()).select_from(Document).where(Document.due.is_(True))) or 0


def missing_in(edition: int) -> tuple[ColumnElement[bool], ...]:
    """Which documents an edition before this one holds as they stand, and this one does not, though it could."""
    return Document.gone.is_(False), Document.edition.between(1, edition - 1), Document.passed_over < edition
