"""Documents and their passages: what ought to be findable, and how far the passage store has come with it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import ForeignKey, Index, delete, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.records.base import Base, holds_place, utc_now


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
    due: Mapped[bool] = mapped_column(default=True)
    gone: Mapped[bool] = mapped_column(default=False)
    problem: Mapped[str] = mapped_column(default="")
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    claimed_by: Mapped[str] = mapped_column(default="")
    claimed_until: Mapped[datetime | None]
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)
    indexed_at: Mapped[datetime | None]


class Passage(Base):
    """A piece of a document, small enough to embed.

    Its id is made of the document, the audience and the text: the same text for the same readers is the same passage.
    """

    __tablename__ = "passages"
    __table_args__ = (Index(None, "document_id", "ordinal"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    workspace_id: Mapped[str] = mapped_column(index=True)
    audience: Mapped[str]
    ordinal: Mapped[int]
    header: Mapped[str] = mapped_column(default="")
    text: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    """Where a citation points: a message's ts, "p. 12", "slide 3", "sheet Prices"."""
    places: Mapped[tuple[str, ...]] = mapped_column(default=())
    """Every place that its text is from: of a conversation, the ts of each message in it."""
    source: Mapped[str] = mapped_column(default="")
    """The name a reader knows the source by: "#general, Ana, 1 March 2026" or "Handbook.pdf, p. 12"."""
    link: Mapped[str] = mapped_column(default="")
    said_at: Mapped[datetime | None]


class Documents:
    """Questions asked of documents and passages."""

    def __init__(self, session: Session) -> None:
        self._session = session

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
    ) -> Document:
        """The document ought to be (re)indexed: made if new, otherwise one revision on."""
        wanted = self.get(document_id(workspace_id, kind, key))
        if wanted is None:
            wanted = Document(
                id=document_id(workspace_id, kind, key),
                workspace_id=workspace_id,
                kind=kind,
                key=key,
                revision=0,
            )
            self._session.add(wanted)
        wanted.channel_id, wanted.audience, wanted.title = channel_id, audience, title or wanted.title or ""
        self._ask_for_work(wanted, gone=False)
        return wanted

    def unwant(self, document: Document) -> None:
        """The document ought to vanish. Its passages are not to be quoted from now on; the store's part is work."""
        self._ask_for_work(document, gone=True)
        self._session.execute(delete(Passage).where(Passage.document_id == document.id))

    def drop_passages(self, document: Document, place: str) -> None:
        """Forget what stands at this place: at once its passages, and those that a worker makes of an earlier state."""
        self._session.execute(
            delete(Passage).where(Passage.document_id == document.id, holds_place(Passage.places, place))
        )
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

    def _ask_for_work(self, document: Document, *, gone: bool) -> None:
        document.revision += 1
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

    def claim_due(
        self, worker: str, now: datetime, hold: timedelta, limit: int, kinds: Collection[DocumentKind]
    ) -> list[Document]:
        """Take documents of these kinds with work due that no other worker holds, longest waiting first."""
        free = or_(Document.claimed_until.is_(None), Document.claimed_until < now)
        ids = list(
            self._session.scalars(
                select(Document.id)
                .where(
                    Document.due.is_(True),
                    Document.kind.in_(kinds),
                    free,
                    or_(Document.not_before.is_(None), Document.not_before <= now),
                )
                .order_by(Document.changed_at)
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
                .order_by(Document.changed_at)
                .execution_options(populate_existing=True)
            )
        )

    def release_claims(self, worker: str) -> None:
        """Let go of all that the worker holds: it stopped, or died."""
        self._session.execute(
            update(Document).where(Document.claimed_by == worker).values(claimed_by="", claimed_until=None)
        )

    def claimants(self) -> set[str]:
        """The workers who hold documents now."""
        return set(self._session.scalars(select(Document.claimed_by).where(Document.claimed_by != "").distinct()))

    def indexed(
        self, document_id: str, worker: str, revision: int, passages: Sequence[Passage], problem: str = ""
    ) -> bool:
        """Replace the document's passages by those of `revision` that stand in the store.

        `problem` says why there are none, where it is the document's own fault.
        False when another worker holds the document now, or a newer revision was indexed: then nothing is changed.
        """
        document = self._session.get(Document, document_id, with_for_update=True, populate_existing=True)
        if document is None or document.claimed_by != worker or document.indexed_revision > revision:
            return False
        if document.gone and document.revision == revision:
            self._session.execute(delete(Passage).where(Passage.document_id == document_id))
            self._session.delete(document)
            return True
        self._session.execute(delete(Passage).where(Passage.document_id == document_id))
        if revision >= document.forgotten_revision:
            self._session.add_all(passages)
        document.indexed_revision, document.indexed_at = revision, utc_now()
        document.due = document.revision > revision
        document.claimed_by, document.claimed_until = "", None
        document.problem, document.attempts, document.not_before = problem, 0, None
        return True

    def postponed(self, document_id: str, worker: str, revision: int, problem: str, until: datetime) -> None:
        """Work on `revision` of the document broke off: try again at `until`, or at once if there is a newer one."""
        document = self._session.get(Document, document_id, with_for_update=True, populate_existing=True)
        if document is None or document.claimed_by != worker:
            return
        if document.revision == revision:
            document.problem, document.attempts, document.not_before = problem, document.attempts + 1, until
        document.claimed_by, document.claimed_until = "", None

    def passages_of(self, document_id: str) -> list[Passage]:
        """The document's passages in reading order."""
        return list(
            self._session.scalars(select(Passage).where(Passage.document_id == document_id).order_by(Passage.ordinal))
        )

    def passages(self, passage_ids: Iterable[str]) -> dict[str, Passage]:
        """Passages by id: those of documents that are still wanted, made for their present audience."""
        rows = self._session.scalars(
            select(Passage)
            .join(Document, Document.id == Passage.document_id)
            .where(Passage.id.in_(list(passage_ids)), Document.gone.is_(False), Document.audience == Passage.audience)
        )
        return {passage.id: passage for passage in rows}

    def channels_of(self, document_ids: Collection[str]) -> dict[str, str]:
        """Where each of these documents was heard, by document id."""
        rows = self._session.execute(select(Document.id, Document.channel_id).where(Document.id.in_(document_ids)))
        return {document_id: channel_id for document_id, channel_id in rows}

    def neighbours(self, passage: Passage, reach: int) -> list[Passage]:
        """The passage with up to `reach` passages of its document before and after it, in reading order."""
        return list(
            self._session.scalars(
                select(Passage)
                .where(
                    Passage.document_id == passage.document_id,
                    Passage.ordinal.between(passage.ordinal - reach, passage.ordinal + reach),
                )
                .order_by(Passage.ordinal)
            )
        )

    def want_again(self, document_id: str) -> None:
        """Index the document anew, if it still exists."""
        document = self._session.get(Document, document_id, with_for_update=True, populate_existing=True)
        if document is not None:
            self._ask_for_work(document, gone=document.gone)

    def workspaces_with_passages(self) -> list[str]:
        """The workspaces of which anything is indexed."""
        return list(self._session.scalars(select(Passage.workspace_id).distinct()))

    def want_all_again(self, workspace_id: str) -> None:
        """Every document of the workspace has work due: the store lost what it held."""
        self._session.execute(
            update(Document)
            .where(Document.workspace_id == workspace_id)
            .values(revision=Document.revision + 1, due=True, not_before=None)
        )

    def passage_ids(self, workspace_id: str) -> list[str]:
        """Every passage that the record holds."""
        return list(self._session.scalars(select(Passage.id).where(Passage.workspace_id == workspace_id)))

    def count_due(self) -> int:
        """How many documents wait for work."""
        return self._session.scalar(select(func.count()).select_from(Document).where(Document.due.is_(True))) or 0

    def count_passages(self, workspace_id: str) -> int:
        """How many passages the record holds."""
        return (
            self._session.scalar(select(func.count()).select_from(Passage).where(Passage.workspace_id == workspace_id))
            or 0
        )
