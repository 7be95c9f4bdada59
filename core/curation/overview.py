"""Journeyman at a glance: what it knows, how it is doing, and what it has to learn from."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.records.base import utc_now
from core.records.examples import ExampleState
from core.records.unit_of_work import Record, UnitOfWork
from core.records.workspaces import PUBLIC

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Week:
    """Seven days: answers given, and the votes that came in."""

    answers: int
    helpful: int
    not_helpful: int

    @property
    def helpfulness(self) -> float | None:
        """The share of votes that found an answer helpful; None without votes."""
        votes = self.helpful + self.not_helpful
        return self.helpful / votes if votes else None


@dataclass(frozen=True)
class Glance:
    """What everybody may know."""

    public_channels: tuple[str, ...]
    files: int
    passages: int
    waiting: int
    last_heard: datetime | None
    this_week: Week
    last_week: Week
    complaints: dict[str, int]
    approved: int
    approved_this_week: int
    proposed: int
    held: int
    adapter: str
    adapter_since: datetime | None
    any_run: bool
    last_verdict: str
    """Of the newest run that ended with one, as a sentence; empty before there was one."""


def glance(record: Record, workspace_id: str, now: datetime | None = None) -> Glance:
    """The figures of this moment."""
    now = now or utc_now()
    with record() as work:
        listened = [each for each in work.workspaces.channels(workspace_id) if each.is_listened_to and not each.ejected]
        public = tuple(channel.id for channel in listened if channel.audience == PUBLIC)
        last = work.runs.last_trained()
        live, pointer = work.adapters.live(), work.adapters.pointer()
        return Glance(
            public_channels=public,
            files=work.overviews.files_findable(workspace_id),
            passages=work.passages.count(workspace_id),
            waiting=work.documents.count_due(),
            last_heard=work.overviews.last_heard(workspace_id),
            this_week=_week(work, workspace_id, now - WEEK, now),
            last_week=_week(work, workspace_id, now - 2 * WEEK, now - WEEK),
            complaints=work.overviews.complaints(workspace_id, now - WEEK),
            approved=work.examples.count(workspace_id, ExampleState.APPROVED),
            approved_this_week=work.examples.count(workspace_id, ExampleState.APPROVED, now - WEEK),
            proposed=work.examples.count(workspace_id, ExampleState.CANDIDATE),
            held=work.overviews.held(workspace_id),
            adapter=live.id if live else "",
            adapter_since=pointer.changed_at if live and pointer else None,
            any_run=bool(work.runs.latest(1)),
            last_verdict=last.reason if last else "",
        )


def _week(work: UnitOfWork, workspace_id: str, since: datetime, until: datetime) -> Week:
    return Week(work.overviews.answers(workspace_id, since, until), *work.overviews.votes(workspace_id, since, until))
