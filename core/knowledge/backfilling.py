"""Back-fills as rows: begun, advanced page by page, stopped and ended, so that a killed reader goes on where it was."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from core.knowledge.tally import Tally
from core.records.backfills import Backfill, BackfillState, ChannelBackfill
from core.records.base import utc_now
from core.records.unit_of_work import Record


@dataclass(frozen=True)
class WantedChannel:
    """A channel to be read back to `since`, or to its beginning; it was made at `created` (seconds since the epoch)."""

    id: str
    created: float = 0.0
    since: float | None = None

    @property
    def since_ts(self) -> str:
        """The same as Slack writes it; empty for all there is."""
        return "" if self.since is None else f"{self.since:.6f}"

    @property
    def oldest_ts(self) -> str:
        """Where what is wanted of the history is thought to begin."""
        return f"{max(self.created, self.since or 0.0):.6f}"


@dataclass(frozen=True)
class Begun:
    """What comes of a request: its id, None when nothing had to be begun; `further`: channels that are read already.

    Those go on further back than they would have been read.
    """

    backfill_id: str | None
    further: tuple[str, ...] = ()


@dataclass(frozen=True)
class Progress:
    """A request and its channels as they stand now."""

    backfill: Backfill
    channels: Sequence[ChannelBackfill]

    @property
    def is_over(self) -> bool:
        """Whether no channel is left to be read."""
        return all(channel.state is not BackfillState.WAITING for channel in self.channels)

    @property
    def share_done(self) -> float:
        """How much has been read, 0…1."""
        return sum(channel.share_done for channel in self.channels) / max(1, len(self.channels))

    @property
    def messages(self) -> int:
        """Messages read so far that the record keeps, replies included."""
        return sum(channel.messages for channel in self.channels)

    @property
    def files(self) -> int:
        """Files of these messages."""
        return sum(channel.files for channel in self.channels)

    @property
    def not_kept(self) -> int:
        """Messages read so far that the record does not keep."""
        return sum(channel.not_kept for channel in self.channels)


def begin_backfill(
    record: Record, workspace_id: str, person_id: str, told_in: str, channels: Sequence[WantedChannel]
) -> Begun:
    """Keep a request to read these channels, but for those that are being read already: they are read further back."""
    with record() as work:
        being_read = work.backfills.hold_being_read(workspace_id)
        further = [each.id for each in channels if each.id in being_read and _widen(being_read[each.id], each)]
        backfill = Backfill(id=uuid4().hex, workspace_id=workspace_id, person_id=person_id, told_in=told_in)
        new = [channel for channel in channels if channel.id not in being_read]
        if new:
            work.backfills.add(backfill, [_waiting(backfill, *numbered) for numbered in enumerate(new)])
        work.commit()
    return Begun(backfill.id if new else None, tuple(further))


def _waiting(backfill: Backfill, ordinal: int, channel: WantedChannel) -> ChannelBackfill:
    now = f"{time.time():.6f}"
    return ChannelBackfill(
        backfill_id=backfill.id,
        channel_id=channel.id,
        ordinal=ordinal,
        since_ts=channel.since_ts,
        oldest_ts=channel.oldest_ts,
        newest_ts=now,
        position_ts=now,
    )


def _widen(reading: ChannelBackfill, channel: WantedChannel) -> bool:
    """Have it read further back, if more is wanted than it is being read for."""
    if float(channel.since_ts or 0) >= float(reading.since_ts or 0):
        return False
    reading.since_ts, reading.oldest_ts = channel.since_ts, channel.oldest_ts
    return True


def progress_of(record: Record, backfill_id: str) -> Progress | None:
    """How far a request has come."""
    with record() as work:
        backfill = work.backfills.get(backfill_id)
        return Progress(backfill, work.backfills.channels_of(backfill_id)) if backfill else None


def unfinished_backfills(record: Record, workspace_id: str) -> list[Progress]:
    """The requests that are still worked on, oldest first."""
    with record() as work:
        return [
            Progress(backfill, work.backfills.channels_of(backfill.id))
            for backfill in work.backfills.unfinished(workspace_id)
        ]


def advance(record: Record, backfill_id: str, channel_id: str, position_ts: str, read: Tally) -> bool:
    """Everything down to `position_ts` is in the record now; False when the reading was stopped meanwhile."""
    with record() as work:
        channel = work.backfills.channel_of(backfill_id, channel_id)
        if channel is None or channel.state is not BackfillState.WAITING:
            return False
        channel.position_ts = position_ts
        channel.messages += read.messages
        channel.files += read.files
        channel.not_kept += read.not_kept
        work.commit()
    return True


def conclude_read(record: Record, backfill_id: str, channel_id: str, since_ts: str) -> str | None:
    """The channel is read back to `since_ts`: it is done with, unless more of it is wanted by now; then since when."""
    with record() as work:
        channel = work.backfills.hold(backfill_id, channel_id)
        if channel is None or channel.state is not BackfillState.WAITING:
            return None
        if channel.since_ts != since_ts:
            return channel.since_ts
        channel.state = BackfillState.DONE
        work.commit()
    return None


def give_up(record: Record, backfill_id: str, channel_id: str, problem: str) -> None:
    """The channel cannot be read any further; one that was stopped stays so."""
    with record() as work:
        channel = work.backfills.hold(backfill_id, channel_id)
        if channel is not None and channel.state is BackfillState.WAITING:
            channel.state, channel.problem = BackfillState.FAILED, problem
            work.commit()


def stop_backfill(record: Record, backfill_id: str, channel_ids: Sequence[str] | None = None) -> int:
    """Read these channels of a request no further (None: all of them); how many were still being read."""
    with record() as work:
        stopped = [
            channel
            for channel in work.backfills.channels_of(backfill_id)
            if channel.state is BackfillState.WAITING and (channel_ids is None or channel.channel_id in channel_ids)
        ]
        for channel in stopped:
            channel.state = BackfillState.STOPPED
        work.commit()
    return len(stopped)


def told(record: Record, backfill_id: str, channel_id: str, ts: str) -> None:
    """This message tells the progress of the request."""
    with record() as work:
        backfill = work.backfills.get(backfill_id)
        if backfill is not None:
            backfill.told_channel_id, backfill.told_ts = channel_id, ts
            work.commit()


def end_backfill(record: Record, backfill_id: str) -> None:
    """The last word about the request is said."""
    with record() as work:
        backfill = work.backfills.get(backfill_id)
        if backfill is not None:
            backfill.ended_at = utc_now()
            work.commit()
