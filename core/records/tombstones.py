"""Tombstones: what is to be forgotten, by its id alone, and how far forgetting has come."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.records.base import Base, utc_now

AT_ONCE = 500
"""Ids that one query asks for: databases limit how many it may name."""


class Forgotten(StrEnum):
    """What a tombstone stands for, and what its `subject` is.

    MESSAGE, EDIT: a message, or its former wording, "C1:1700000000.000100". FILE: a file's id. DOCUMENT: a document's
    id. CHANNEL: all that was said in it. AUDIENCE: a channel's id, after other people than before may read it.
    PERSON: all that a person said. WORKSPACE: everything, with no subject. EXAMPLE: a training example's id.
    ROW: the row of a frozen set that a training example has, by the example's id, though the example itself stands.
    """

    MESSAGE = "message"
    EDIT = "edit"
    FILE = "file"
    DOCUMENT = "document"
    CHANNEL = "channel"
    AUDIENCE = "audience"
    PERSON = "person"
    WORKSPACE = "workspace"
    EXAMPLE = "example"
    ROW = "row"


class Tombstone(Base):
    """Something that is to be forgotten, or is. It is written in the transaction that hears of it, and holds no words.

    `emptied_at`: since then record and folders hold nothing of it. `done_at`: since then, nor do the store's files.
    """

    __tablename__ = "tombstones"
    __table_args__ = (Index(None, "done_at", "emptied_at"),)

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[Forgotten] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    emptied_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


def of_message(channel_id: str, ts: str) -> str:
    """The subject of a message's tombstones."""
    return f"{channel_id}:{ts}"


class Tombstones:
    """Questions asked of tombstones."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, workspace_id: str, kind: Forgotten, subject: str) -> Tombstone | None:
        """The tombstone, if there is one."""
        return self._session.get(Tombstone, (workspace_id, kind, subject))

    def put(self, workspace_id: str, kind: Forgotten, subject: str) -> None:
        """Forget this; what was forgotten before is forgotten anew, with all that came of it since."""
        known = self.get(workspace_id, kind, subject)
        if known is None:
            self._session.add(Tombstone(workspace_id=workspace_id, kind=kind, subject=subject))
        else:
            known.made_at, known.emptied_at, known.done_at = utc_now(), None, None
        self._session.flush()

    def to_empty(self, limit: int, kinds: Collection[Forgotten]) -> list[Tombstone]:
        """What record and folders may still hold, oldest first."""
        return list(
            self._session.scalars(
                select(Tombstone)
                .where(Tombstone.done_at.is_(None), Tombstone.emptied_at.is_(None), Tombstone.kind.in_(kinds))
                .order_by(Tombstone.made_at)
                .limit(limit)
            )
        )

    def emptied(self, tombstone: Tombstone) -> None:
        """Record and folders hold nothing of it any more, unless it was forgotten anew meanwhile."""
        self._session.execute(
            update(Tombstone)
            .where(
                Tombstone.workspace_id == tombstone.workspace_id,
                Tombstone.kind == tombstone.kind,
                Tombstone.subject == tombstone.subject,
                Tombstone.made_at == tombstone.made_at,
            )
            .values(emptied_at=utc_now())
        )

    def any_to_erase(self) -> bool:
        """Whether the files of the store may hold what record and folders do not."""
        query = select(Tombstone.subject).where(Tombstone.done_at.is_(None), Tombstone.emptied_at.is_not(None)).limit(1)
        return self._session.scalar(query) is not None

    def workspaces_to_erase(self) -> list[str]:
        """Workspaces of which record and folders hold nothing any more, and the store perhaps something."""
        query = select(Tombstone.workspace_id).where(
            Tombstone.kind == Forgotten.WORKSPACE, Tombstone.done_at.is_(None), Tombstone.emptied_at.is_not(None)
        )
        return list(self._session.scalars(query))

    def any_undone(self) -> bool:
        """Whether anything is still to be forgotten."""
        return self._session.scalar(select(Tombstone.subject).where(Tombstone.done_at.is_(None)).limit(1)) is not None

    def erased(self, emptied_before: datetime) -> None:
        """The store's files hold nothing either of what was emptied before this moment."""
        self._session.execute(
            update(Tombstone)
            .where(Tombstone.done_at.is_(None), Tombstone.emptied_at < emptied_before)
            .values(done_at=utc_now())
        )

    def among(self, kind: Forgotten, subjects: Collection[str]) -> set[str]:
        """Those of these subjects that are forgotten, in any workspace."""
        wanted = sorted(subjects)
        return {
            subject
            for start in range(0, len(wanted), AT_ONCE)
            for subject in self._session.scalars(
                select(Tombstone.subject).where(
                    Tombstone.kind == kind, Tombstone.subject.in_(wanted[start : start + AT_ONCE])
                )
            )
        }

    def any_since(
        self, workspace_id: str, kinds: Collection[Forgotten], subjects: Collection[str], since: datetime
    ) -> bool:
        """Whether any of these was forgotten at or after this moment."""
        query = (
            select(Tombstone.subject)
            .where(
                Tombstone.workspace_id == workspace_id,
                Tombstone.kind.in_(kinds),
                Tombstone.subject.in_(subjects),
                Tombstone.made_at >= since,
            )
            .limit(1)
        )
        return self._session.scalar(query) is not None
