"""Back-fills: who asked for which channels to be read, and how far the reading of each has come."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.records.base import Base, utc_now


class BackfillState(StrEnum):
    """How far the reading of one channel has come. FAILED: `problem` says why."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


class Backfill(Base):
    """One request to read what was said before; its progress is told in one message."""

    __tablename__ = "backfills"

    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(index=True)
    person_id: Mapped[str]
    """Who asked."""
    told_in: Mapped[str]
    """The conversation that the progress message is for: a channel, or the person who asked."""
    told_channel_id: Mapped[str] = mapped_column(default="")
    told_ts: Mapped[str] = mapped_column(default="")
    """The progress message, once it is posted."""
    began_at: Mapped[datetime] = mapped_column(default=utc_now)
    ended_at: Mapped[datetime | None]
    """When the last word about it was said."""


class ChannelBackfill(Base):
    """One channel of a request. History is read from `newest_ts` back in time to `since_ts`, or to its beginning.

    `position_ts` is the cursor: everything from there to `newest_ts` is in the record, threads included.
    """

    __tablename__ = "channel_backfills"

    backfill_id: Mapped[str] = mapped_column(ForeignKey("backfills.id", ondelete="CASCADE"), primary_key=True)
    channel_id: Mapped[str] = mapped_column(primary_key=True)
    ordinal: Mapped[int]
    state: Mapped[BackfillState] = mapped_column(default=BackfillState.WAITING)
    since_ts: Mapped[str]
    """Nothing older is read; empty for all there is."""
    oldest_ts: Mapped[str]
    """Where the history is thought to begin: what the progress is measured against."""
    newest_ts: Mapped[str]
    position_ts: Mapped[str]
    messages: Mapped[int] = mapped_column(default=0)
    files: Mapped[int] = mapped_column(default=0)
    not_kept: Mapped[int] = mapped_column(default=0, server_default="0")
    """Messages that were read, and that the record does not keep."""
    problem: Mapped[str] = mapped_column(default="")

    @property
    def is_past_its_beginning(self) -> bool:
        """Whether the history is longer than was thought, as where it was moved in from elsewhere."""
        return self.state is BackfillState.WAITING and float(self.position_ts) < float(self.oldest_ts)

    @property
    def share_done(self) -> float:
        """How much of the time that is to be read has been read, 0…1."""
        if self.state is not BackfillState.WAITING:
            return 1.0
        oldest, newest, position = map(float, (self.oldest_ts, self.newest_ts, self.position_ts))
        return min(0.99, max(0.0, (newest - position) / (newest - oldest))) if newest > oldest else 0.0


class Backfills:
    """Questions asked of back-fills."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, backfill_id: str) -> Backfill | None:
        """The request, if it is known."""
        return self._session.get(Backfill, backfill_id)

    def add(self, backfill: Backfill, channels: Iterable[ChannelBackfill]) -> None:
        """Keep a new request."""
        self._session.add(backfill)
        self._session.flush()
        self._session.add_all(channels)
        self._session.flush()

    def unfinished(self, workspace_id: str) -> list[Backfill]:
        """Requests that are still worked on, oldest first."""
        return list(
            self._session.scalars(
                select(Backfill)
                .where(Backfill.workspace_id == workspace_id, Backfill.ended_at.is_(None))
                .order_by(Backfill.began_at)
            )
        )

    def channels_of(self, backfill_id: str) -> list[ChannelBackfill]:
        """The channels of a request, in the order they were named."""
        return list(
            self._session.scalars(
                select(ChannelBackfill)
                .where(ChannelBackfill.backfill_id == backfill_id)
                .order_by(ChannelBackfill.ordinal)
            )
        )

    def channel_of(self, backfill_id: str, channel_id: str) -> ChannelBackfill | None:
        """One channel of a request."""
        return self._session.get(ChannelBackfill, (backfill_id, channel_id))

    def hold(self, backfill_id: str, channel_id: str) -> ChannelBackfill | None:
        """One channel of a request, which nobody else changes until this unit of work ends."""
        return self._session.get(ChannelBackfill, (backfill_id, channel_id), with_for_update=True)

    def hold_being_read(self, workspace_id: str) -> dict[str, ChannelBackfill]:
        """The same for all that somebody asked to be read and that are not finished, by the ids of the channels."""
        being_read = self._session.scalars(
            select(ChannelBackfill)
            .join(Backfill, Backfill.id == ChannelBackfill.backfill_id)
            .where(
                Backfill.workspace_id == workspace_id,
                Backfill.ended_at.is_(None),
                ChannelBackfill.state == BackfillState.WAITING,
            )
            .order_by(ChannelBackfill.backfill_id, ChannelBackfill.channel_id)
            .with_for_update(of=ChannelBackfill)
        )
        return {channel.channel_id: channel for channel in being_read}

    def last_of_channel(self, workspace_id: str, channel_id: str) -> ChannelBackfill | None:
        """The newest request that this channel was part of."""
        return self._session.scalar(
            select(ChannelBackfill)
            .join(Backfill, Backfill.id == ChannelBackfill.backfill_id)
            .where(Backfill.workspace_id == workspace_id, ChannelBackfill.channel_id == channel_id)
            .order_by(Backfill.began_at.desc())
            .limit(1)
        )
