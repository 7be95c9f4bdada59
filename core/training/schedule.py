"""When a night's run is due: the record of past runs is the only memory, so that no night is lost or had twice."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.triggers.cron import CronTrigger

from core.errors import Misconfigured
from core.records.unit_of_work import Record
from core.settings import Settings

LOOK_BACK = timedelta(days=8)
"""A machine that was off for longer starts with the next night."""


def night_due(record: Record, settings: Settings, now: datetime) -> str | None:
    """The latest scheduled night that is past and had no run, also when the machine was off then; None when none is.

    Raises Misconfigured when TRAINING_CRON or TRAINING_TIMEZONE make no sense.
    """
    if not settings.training_enabled:
        return None
    latest = latest_night(settings, now)
    if latest is None:
        return None
    night = f"{latest:%Y-%m-%dT%H:%M%z}"
    with record() as work:
        return None if work.runs.of_night(night) or work.runs.active() else night


def latest_night(settings: Settings, now: datetime) -> datetime | None:
    """The last moment before now at which the schedule asked for a run."""
    trigger = _trigger(settings)
    moment: datetime | None = None
    upcoming = trigger.get_next_fire_time(None, now - LOOK_BACK)
    while upcoming is not None and upcoming <= now:
        moment = upcoming
        upcoming = trigger.get_next_fire_time(moment, moment + timedelta(seconds=1))
    return moment


def _trigger(settings: Settings) -> CronTrigger:
    try:
        return CronTrigger.from_crontab(settings.training_cron, ZoneInfo(settings.training_timezone))
    except ValueError as error:
        raise Misconfigured(f"TRAINING_CRON {settings.training_cron!r} is no cron line: {error}.") from error
    except ZoneInfoNotFoundError as error:
        raise Misconfigured(f"TRAINING_TIMEZONE {settings.training_timezone!r} is no time zone.") from error
