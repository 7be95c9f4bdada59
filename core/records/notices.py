"""Sentences that core owes to a person; the bot delivers them. Core cannot speak itself, and a worker has no Slack."""

from datetime import datetime

from sqlalchemy import ColumnElement, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.records.base import Base, utc_now
from core.records.files import SharedFile


class Notice(Base):
    """One sentence for one person in one place, said once for each `subject` (such as a file's id)."""

    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("workspace_id", "channel_id", "person_id", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    workspace_id: Mapped[str]
    channel_id: Mapped[str]
    thread_ts: Mapped[str] = mapped_column(default="")
    person_id: Mapped[str]
    subject: Mapped[str]
    sentence: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    delivered_at: Mapped[datetime | None] = mapped_column(index=True)


class Notices:
    """Questions asked of notices."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def owe(self, notice: Notice) -> None:
        """Say this, unless the same person was told of the same subject in the same place."""
        told = self._session.scalar(
            select(Notice).where(
                Notice.workspace_id == notice.workspace_id,
                Notice.channel_id == notice.channel_id,
                Notice.person_id == notice.person_id,
                Notice.subject == notice.subject,
            )
        )
        if told is None:
            self._session.add(notice)
            self._session.flush()

    def spoke_of_pictures(self, workspace_id: str, channel_id: str, person_id: str) -> bool:
        """Whether a picture was the subject of what this person is or was told there."""
        picture = select(SharedFile.id).where(
            SharedFile.workspace_id == workspace_id, SharedFile.mimetype.startswith("image/")
        )
        told = select(Notice.id).where(
            Notice.workspace_id == workspace_id,
            Notice.channel_id == channel_id,
            Notice.person_id == person_id,
            Notice.subject.in_(picture),
        )
        return self._session.scalar(told.limit(1)) is not None

    def undelivered(self) -> list[Notice]:
        """What is still to be said, oldest first."""
        return list(self._session.scalars(select(Notice).where(Notice.delivered_at.is_(None)).order_by(Notice.id)))

    def drop_about(self, workspace_id: str, subject: str) -> None:
        """Nothing is to be said, nor kept, about this."""
        self._drop(Notice.workspace_id == workspace_id, Notice.subject == subject)

    def drop_to(self, workspace_id: str, person_id: str) -> None:
        """Nothing is to be said to this person, nor kept that was."""
        self._drop(Notice.workspace_id == workspace_id, Notice.person_id == person_id)

    def drop_channel(self, workspace_id: str, channel_id: str, until: datetime) -> None:
        """Nothing of what was owed there until then is to be said, nor kept."""
        self._drop(Notice.workspace_id == workspace_id, Notice.channel_id == channel_id, Notice.made_at <= until)

    def drop_workspace(self, workspace_id: str, until: datetime) -> None:
        """The same, for the whole workspace."""
        self._drop(Notice.workspace_id == workspace_id, Notice.made_at <= until)

    def _drop(self, *conditions: ColumnElement[bool]) -> None:
        self._session.execute(delete(Notice).where(*conditions))

    def delivered(self, notice_id: int) -> None:
        """It was said."""
        self._session.get_one(Notice, notice_id).delivered_at = utc_now()
