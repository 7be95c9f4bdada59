"""Passages: the pieces of documents that are found and quoted. The store finds them; their text is kept here."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.records.base import Base, holds_place
from core.records.documents import Document
from core.records.editions import LIVE, Edition


class Passage(Base):
    """A piece of a document, small enough to embed.

    Its id is made of the document, the audience, the text and the edition of the index: the same text for the same
    readers is the same passage. While an edition is being made, passages of two of them stand side by side.
    """

    __tablename__ = "passages"
    __table_args__ = (Index(None, "document_id", "ordinal"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    workspace_id: Mapped[str] = mapped_column(index=True)
    edition: Mapped[int] = mapped_column(default=0, server_default="0", index=True)
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


class Passages:
    """Questions asked of passages."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, document_id: str, edition: int, passages: Sequence[Passage]) -> None:
        """Make these the document's passages in this edition."""
        before = delete(Passage).where(Passage.document_id == document_id, Passage.edition == edition)
        # None of these was read in this unit; otherwise SQLAlchemy compares each with the thousands of a whole batch.
        self._session.execute(before, execution_options={"synchronize_session": False})
        self._session.add_all(passages)
        self._session.flush()

    def drop_of(self, document_id: str) -> None:
        """The document has no passages from now on."""
        self._session.execute(delete(Passage).where(Passage.document_id == document_id))

    def drop_at(self, document_id: str, place: str) -> None:
        """Nothing of the document that holds this place may be quoted from now on."""
        self._session.execute(
            delete(Passage).where(Passage.document_id == document_id, holds_place(Passage.places, place))
        )

    def drop_some_of_edition(self, edition: int, at_most: int) -> bool:
        """Forget so many passages of an edition; whether there were any."""
        some = select(Passage.id).where(Passage.edition == edition).limit(at_most)
        gone = self._session.scalars(delete(Passage).where(Passage.id.in_(some)).returning(Passage.id))
        return bool(gone.all())

    def adopt(self, edition: int) -> None:
        """What was indexed before there were editions is of this one."""
        self._session.execute(update(Passage).where(Passage.edition == 0).values(edition=edition))

    def of(self, document_id: str) -> list[Passage]:
        """The document's passages that answer questions, in reading order."""
        query = select(Passage).where(Passage.document_id == document_id, _answers()).order_by(Passage.ordinal)
        return list(self._session.scalars(query))

    def by_id(self, passage_ids: Iterable[str]) -> dict[str, Passage]:
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
                    Passage.edition == passage.edition,
                    Passage.ordinal.between(passage.ordinal - reach, passage.ordinal + reach),
                )
                .order_by(Passage.ordinal)
            )
        )

    def workspaces(self) -> list[str]:
        """The workspaces of which anything is indexed."""
        return list(self._session.scalars(select(Passage.workspace_id).where(_answers()).distinct()))

    def ids(self, workspace_id: str) -> list[str]:
        """Every passage that the record holds, of every edition."""
        return list(self._session.scalars(select(Passage.id).where(Passage.workspace_id == workspace_id)))

    def count(self, workspace_id: str) -> int:
        """How many passages answer questions."""
        query = select(func.count()).select_from(Passage).where(Passage.workspace_id == workspace_id, _answers())
        return self._session.scalar(query) or 0


def _answers() -> ColumnElement[bool]:
    """Whether a passage is of the live edition; before there is one, of none."""
    live = select(Edition.id).where(Edition.slot == LIVE).scalar_subquery()
    return Passage.edition == func.coalesce(live, 0)
