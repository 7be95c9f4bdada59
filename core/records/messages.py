"""Messages as heard: the newest revision of each, and a tombstone for what was deleted."""

from datetime import datetime

from sqlalchemy import ColumnElement, Index, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.records.base import Base, utc_now


class Message(Base):
    """A message in a channel, by its Slack `ts`.

    A deleted one keeps its row, without its words, so that a late event changes nothing.

    `revision` is the Slack ts of the newest thing heard about it: a newer one wins, whatever the order of arrival.
    """

    __tablename__ = "messages"
    __table_args__ = (
        Index(None, "workspace_id", "channel_id", "thread_ts"),
        Index(None, "workspace_id", "channel_id", "day"),
        Index(None, "workspace_id", "person_id"),
    )

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    channel_id: Mapped[str] = mapped_column(primary_key=True)
    ts: Mapped[str] = mapped_column(primary_key=True)
    thread_ts: Mapped[str] = mapped_column(default="")
    """The root's ts, for a reply; empty for a root or a loose message."""
    day: Mapped[str]
    """The UTC date of `ts`, as 2026-03-01."""
    person_id: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(default="")
    permalink: Mapped[str] = mapped_column(default="")
    revision: Mapped[str]
    asks_journeyman: Mapped[bool] = mapped_column(default=False)
    """Said to the bot: part of the record, but no source. A question would be the best match of itself."""
    deleted_at: Mapped[datetime | None]
    heard_at: Mapped[datetime] = mapped_column(default=utc_now)


class Messages:
    """Questions asked of messages."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, workspace_id: str, channel_id: str, ts: str) -> Message | None:
        """The message, also when it is only a tombstone."""
        return self._session.get(Message, (workspace_id, channel_id, ts))

    def add(self, message: Message) -> None:
        """Keep a new message."""
        self._session.add(message)
        self._session.flush()

    def thread(self, workspace_id: str, channel_id: str, root_ts: str) -> list[Message]:
        """The root and its replies that still exist, in order."""
        return list(
            self._session.scalars(
                select(Message)
                .where(
                    Message.workspace_id == workspace_id,
                    Message.channel_id == channel_id,
                    (Message.ts == root_ts) | (Message.thread_ts == root_ts),
                    Message.deleted_at.is_(None),
                )
                .order_by(Message.ts)
            )
        )

    def has_replies(self, workspace_id: str, channel_id: str, root_ts: str) -> bool:
        """Whether anybody's reply to this message still stands."""
        query = (
            select(Message.ts)
            .where(
                Message.workspace_id == workspace_id,
                Message.channel_id == channel_id,
                Message.thread_ts == root_ts,
                Message.deleted_at.is_(None),
            )
            .limit(1)
        )
        return self._session.scalar(query) is not None

    def loose_of_day(self, workspace_id: str, channel_id: str, day: str) -> list[Message]:
        """The day's messages that belong to no thread, in order."""
        roots = select(Message.thread_ts).where(
            Message.workspace_id == workspace_id,
            Message.channel_id == channel_id,
            Message.thread_ts != "",
            Message.deleted_at.is_(None),
        )
        return list(
            self._session.scalars(
                select(Message)
                .where(
                    Message.workspace_id == workspace_id,
                    Message.channel_id == channel_id,
                    Message.day == day,
                    Message.thread_ts == "",
                    Message.ts.not_in(roots),
                    Message.deleted_at.is_(None),
                )
                .order_by(Message.ts)
            )
        )

    def channel_with(self, workspace_id: str, person_id: str) -> str | None:
        """A channel in which something that the person said still stands."""
        query = select(Message.channel_id).where(*_said_by(workspace_id, person_id))
        return self._session.scalar(query.limit(1))

    def of_person(self, workspace_id: str, person_id: str, channel_id: str, limit: int) -> list[Message]:
        """What the person said in the channel and still stands."""
        query = select(Message).where(*_said_by(workspace_id, person_id), Message.channel_id == channel_id)
        return list(self._session.scalars(query.limit(limit)))

    def older_than(self, workspace_id: str, channel_id: str, day: str, ts: str, limit: int) -> list[Message]:
        """What was said in the channel before `ts`, on `day` or earlier, and still stands; oldest first."""
        return list(
            self._session.scalars(
                select(Message)
                .where(
                    Message.workspace_id == workspace_id,
                    Message.channel_id == channel_id,
                    Message.day <= day,
                    Message.ts < ts,
                    Message.deleted_at.is_(None),
                )
                .order_by(Message.ts)
                .limit(limit)
            )
        )

    def drop_workspace(self, workspace_id: str, heard_before: datetime) -> None:
        """Forget all that was said in the workspace until then."""
        self._session.execute(
            delete(Message).where(Message.workspace_id == workspace_id, Message.heard_at <= heard_before)
        )

    def drop_channel(self, workspace_id: str, channel_id: str) -> None:
        """Forget all that was said in the channel, tombstones too: what guards it now is the channel's own state."""
        self._session.execute(
            delete(Message).where(Message.workspace_id == workspace_id, Message.channel_id == channel_id)
        )


def _said_by(workspace_id: str, person_id: str) -> tuple[ColumnElement[bool], ...]:
    """What still stands of the person's messages."""
    return Message.workspace_id == workspace_id, Message.person_id == person_id, Message.deleted_at.is_(None)
