"""When a night is due: at its time, once, and also when the machine was off then."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.errors import Misconfigured
from core.records.base import utc_now
from core.records.runs import RunState
from core.records.unit_of_work import Record
from core.settings import Settings
from core.training.schedule import latest_night, night_due

VIENNA = ZoneInfo("Europe/Vienna")


def settings(**given: object) -> Settings:
    return Settings(_env_file=None, training_enabled=True, training_timezone="Europe/Vienna", **given)  # type: ignore[arg-type]


def at(day: int, hour: int, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=VIENNA)


@pytest.mark.parametrize(
    ("now", "night"),
    [
        (at(10, 1), at(9, 2)),
        (at(10, 2), at(10, 2)),
        (at(10, 23), at(10, 2)),
        # The night when clocks go forward from 2 to 3 still has a run.
        (at(29, 12), at(29, 3)),
    ],
)
def test_the_latest_night_is_in_the_teams_own_time(now: datetime, night: datetime) -> None:
    found = latest_night(settings(), now)
    assert found is not None
    assert abs(found - night) <= timedelta(hours=1)
    assert found <= now


def test_a_night_is_due_once_even_when_it_was_missed(sqlite_record: Record) -> None:
    now = at(10, 15)
    night = night_due(sqlite_record, settings(), now)
    assert night is not None
    with sqlite_record() as work:
        run = work.runs.begin(night, recipe="tiny", base="b")
        assert run is not None
        work.commit()
    assert night_due(sqlite_record, settings(), now + timedelta(days=1)) is None, "another run has not ended"
    with sqlite_record() as work:
        work.runs.hold(run.id, "w", utc_now(), timedelta(minutes=1))
        work.runs.end(run.id, "w", RunState.KEPT, "Kept.")
        work.commit()
    assert night_due(sqlite_record, settings(), now) is None
    assert night_due(sqlite_record, settings(), now + timedelta(days=1)) is not None


def test_nothing_is_due_while_training_is_off(sqlite_record: Record) -> None:
    off = Settings(_env_file=None, training_enabled=False)
    assert night_due(sqlite_record, off, at(10, 15)) is None


@pytest.mark.parametrize("given", [{"training_cron": "at two"}, {"training_cron": "99 2 * * *"}])
def test_a_schedule_that_makes_no_sense_is_said_so(tmp_path: Path, given: dict[str, str]) -> None:
    with pytest.raises(Misconfigured, match="TRAINING_CRON"):
        latest_night(settings(**given), at(10, 15))


def test_an_unknown_time_zone_is_said_so() -> None:
    with pytest.raises(Misconfigured, match="TRAINING_TIMEZONE"):
        latest_night(Settings(_env_file=None, training_timezone="Mars/Olympus"), at(10, 15))
