"""Events exactly as they were heard, stored before Slack is told that they arrived, emptied once they are handled."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.records.base import Base, utc_now


class HeardEvent(Base):
    """One delivery from Slack. The payload goes as soon as it is handled: the rows it became are the record."""

    __tablename__ = "heard_events"

    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(default="", index=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any] | None]
    heard_at: Mapped[datetime] = mapped_column(default=utc_now)
    handled_at: Mapped[datetime | None] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    """How often handling it began: hearing it is the first time. One that kills the process is counted too."""
    problem: Mapped[str] = mapped_column(default="")


class HeardEvents:
    """The inbox's shelf."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, event_id: str) -> HeardEvent | None:
        """The event, if it was heard."""
        return self._session.get(HeardEvent, event_id)

    def add(self, event_id: str, workspace_id: str, kind: str, payload: dict[str, Any]) -> bool:
        """Store the event; False when it was heard before."""
        if self.get(event_id) is not None:
            return False
        event = HeardEvent(id=event_id, workspace_id=workspace_id, kind=kind, payload=payload, attempts=1)
        self._session.add(event)
        self._session.flush()
        return True

    def unhandled(self, heard_before: datetime, max_attempts: int) -> list[HeardEvent]:
        """Events that nobody finished, oldest first, leaving those that failed too often."""
        return list(
            self._session.scalars(
                select(HeardEvent)
                .where(
                    HeardEvent.handled_at.is_(None),
                    HeardEvent.heard_at <= heard_before,
                    HeardEvent.attempts < max_attempts,
                )
                .order_by(HeardEvent.heard_at, HeardEvent.id)
            )
        )

    def handled(self, event_id: str) -> None:
        """The event became rows: its payload is no longer needed."""
        event = self._session.get_one(HeardEvent, event_id)
        event.handled_at, event.payload, event.problem = utc_now(), None, ""

    def begun(self, event_id: str) -> None:
        """Handling begins once more."""
        self._session.get_one(HeardEvent, event_id).attempts += 1

    def failed(self, event_id: str, problem: str) -> None:
        """Handling broke off; it will be tried again."""
        self._session.get_one(HeardEvent, event_id).problem = problem

    def with_payload(self, workspace_id: str) -> list[HeardEvent]:
        """Events of which more is kept than that they were heard: nobody has finished them."""
        return list(
            self._session.scalars(
                select(HeardEvent).where(HeardEvent.workspace_id == workspace_id, HeardEvent.handled_at.is_(None))
            )
        )

    def keep_of(self, event: HeardEvent, payload: dict[str, Any]) -> None:
        """Only this much of the event stays."""
        event.payload = payload
        self._session.flush()

    def forget_handled(self, older_than: timedelta) -> None:
        """Drop what is older than any re-delivery could be."""
        cutoff = utc_now() - older_than
        for event in self._session.scalars(select(HeardEvent).where(HeardEvent.handled_at < cutoff)):
            self._session.delete(event)
