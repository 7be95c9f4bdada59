"""A channel that is being read is not read twice at a time, and is read as far back as anybody wants it."""

from threading import Thread

import pytest

from core.knowledge.backfilling import Begun, WantedChannel, begin_backfill, conclude_read, progress_of
from core.records.backfills import BackfillState
from core.records.unit_of_work import Record

LONG_AGO, LATELY = 1_700_000_000.0, 1_760_000_000.0


def wanted(record: Record, since: float | None, *channel_ids: str) -> Begun:
    channels = [WantedChannel(each, created=1_600_000_000.0, since=since) for each in channel_ids or ("C1",)]
    return begin_backfill(record, "T1", "U1", "C1", channels)


def begun(record: Record, since: float | None) -> str:
    backfill_id = wanted(record, since).backfill_id
    assert backfill_id is not None
    return backfill_id


def state(record: Record, backfill_id: str) -> BackfillState:
    progress = progress_of(record, backfill_id)
    assert progress is not None
    return progress.channels[0].state


@pytest.mark.parametrize(("since", "then"), [(LONG_AGO, f"{LONG_AGO:.6f}"), (None, "")])
def test_more_of_a_channel_that_is_being_read_is_read_in_the_same_go(
    record: Record, since: float | None, then: str
) -> None:
    reading = begun(record, LATELY)
    assert wanted(record, since) == Begun(None, further=("C1",))
    assert conclude_read(record, reading, "C1", f"{LATELY:.6f}") == then
    assert state(record, reading) is BackfillState.WAITING
    assert conclude_read(record, reading, "C1", then) is None
    assert state(record, reading) is BackfillState.DONE


@pytest.mark.parametrize(("first", "second"), [(None, None), (None, LATELY), (LONG_AGO, LATELY), (LATELY, LATELY)])
def test_no_more_than_is_being_read_changes_nothing(record: Record, first: float | None, second: float | None) -> None:
    reading = begun(record, first)
    assert wanted(record, second) == Begun(None)
    assert conclude_read(record, reading, "C1", "" if first is None else f"{first:.6f}") is None
    assert state(record, reading) is BackfillState.DONE


def test_of_several_channels_those_that_nobody_reads_are_begun(record: Record) -> None:
    begun(record, LATELY)
    both = wanted(record, None, "C1", "C2")
    assert both.further == ("C1",)
    progress = progress_of(record, both.backfill_id or "")
    assert progress is not None
    assert [channel.channel_id for channel in progress.channels] == ["C2"]


def test_more_that_is_wanted_while_the_reading_ends_is_begun_anew(record: Record) -> None:
    reading = begun(record, LATELY)
    results: list[Begun] = []
    asking = Thread(target=lambda: results.append(wanted(record, None)))
    with record() as work:
        channel = work.backfills.hold(reading, "C1")
        assert channel is not None
        asking.start()
        asking.join(1.0)
        channel.state = BackfillState.DONE
        work.commit()
    asking.join(20.0)
    assert [each.backfill_id is not None for each in results] == [True]
