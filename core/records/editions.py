"""Editions of the index: the one that answers, the one that is being made to take its place, and those it replaced."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.records.base import Base, utc_now

LIVE, NEXT = "live", "next"


class Edition(Base):
    """How passages were cut and embedded; its number is the version of the store's index that holds them."""

    __tablename__ = "editions"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy reads it; numbers are never used again

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    slot: Mapped[str] = mapped_column(unique=True)
    """LIVE answers, NEXT is being made; one that was replaced or given up has a slot of its own. So no two processes
    can make two of the same."""
    embedder: Mapped[str]
    """The setting that the embedder is opened by."""
    base_url: Mapped[str] = mapped_column(default="")
    """The endpoint that embeds, if one does."""
    embedder_name: Mapped[str]
    """Model and revision."""
    dimension: Mapped[int]
    passage_tokens: Mapped[int]
    terms: Mapped[int]
    """The way of cutting text into search terms that it was made with."""
    by_words: Mapped[bool] = mapped_column(default=False)
    """Its embedder was lost while it was live: what came in since is found by words alone."""
    closing_until: Mapped[datetime | None]
    """Till then only this one is added to, so that it comes to its end while people go on writing."""
    began_at: Mapped[datetime] = mapped_column(default=utc_now)
    live_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]


class Editions:
    """Questions asked of editions."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def live(self) -> Edition | None:
        """The edition that answers questions; None before anything was indexed."""
        return self._session.scalar(select(Edition).where(Edition.slot == LIVE))

    def next(self) -> Edition | None:
        """The edition that is to take its place, if one is being made."""
        return self._session.scalar(select(Edition).where(Edition.slot == NEXT))

    def retired(self) -> list[Edition]:
        """Editions whose index is to be removed, oldest first."""
        query = select(Edition).where(Edition.retired_at.is_not(None)).order_by(Edition.id)
        return list(self._session.scalars(query))

    def get(self, edition_id: int) -> Edition | None:
        """The edition, if it is still there."""
        return self._session.get(Edition, edition_id)

    def is_closing(self, now: datetime) -> bool:
        """Whether one is about to take over: what the live one would index now has to wait a moment."""
        query = select(Edition.id).where(Edition.slot == NEXT, Edition.closing_until > now)
        return self._session.scalar(query) is not None

    def kept_in(self, slot: str, edition_id: int) -> bool:
        """Whether this edition is in the slot. If so, it stays there until the end of this unit of work."""
        query = select(Edition.id).where(Edition.id == edition_id, Edition.slot == slot).with_for_update(read=True)
        return self._session.scalar(query) is not None

    def moving(self) -> tuple[Edition | None, Edition | None]:
        """The live and the next edition, for one who is about to move them: nobody else does meanwhile."""
        query = select(Edition).where(Edition.slot.in_((LIVE, NEXT))).order_by(Edition.id).with_for_update()
        by_slot = {each.slot: each for each in self._session.scalars(query.execution_options(populate_existing=True))}
        return by_slot.get(LIVE), by_slot.get(NEXT)

    def add(self, edition: Edition) -> bool:
        """Keep a new edition; False when another process was faster."""
        try:
            with self._session.begin_nested():
                self._session.add(edition)
                self._session.flush()
        except IntegrityError:
            return False
        return True

    def retire(self, edition: Edition) -> None:
        """It is needed no more."""
        edition.slot, edition.retired_at, edition.closing_until = f"retired {edition.id}", utc_now(), None
        self._session.flush()

    def make_live(self, edition: Edition) -> None:
        """From now on this edition answers. The slot must be free."""
        edition.slot, edition.live_at, edition.closing_until = LIVE, utc_now(), None
        self._session.flush()

    def drop(self, edition: Edition) -> None:
        """Forget the edition."""
        self._session.delete(edition)
        self._session.flush()
