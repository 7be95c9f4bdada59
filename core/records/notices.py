"""Sentences that core owes to a person; the bot delivers them. Core cannot speak itself, and a worker has no Slack."""

from datetime import datetime

from sqlalchemy import UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.records.base import Base, utc_now


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

    def undelivered(self) -> list[Notice]:
        """What is still to be said, oldest first."""
        return list(self._session.scalars(select(Notice).where(Notice.delivered_at.is_(None)).order_by(Notice.id)))

    def delivered(self, notice_id: int) -> None:
        """It was said."""
        self._session.get_one(Notice, notice_id).delivered_at = utc_now()
