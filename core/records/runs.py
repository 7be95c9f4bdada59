"""Training runs: one a night, one at a time, and how far each has come."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import CheckConstraint, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.records.base import Base, utc_now


class RunState(StrEnum):
    """How far a run has come. The last five are ends: nothing more happens to such a run."""

    FREEZING = "freezing"
    TRAINING = "training"
    EVALUATING = "evaluating"
    DECIDING = "deciding"
    PROMOTED = "promoted"
    KEPT = "kept"
    SKIPPED = "skipped"
    STOPPED = "stopped"
    FAILED = "failed"


AT_THE_DEVICE = (RunState.TRAINING, RunState.EVALUATING)
"""States in which a run keeps the GPU busy."""


class TrainingRun(Base):
    """One night of school. `night` is unique, and so is `active` among runs that have not ended: one run at a time.

    A worker holds the run until `held_until`, and its trainer writes the progress; when the worker dies another takes
    it over and goes on from `state`.
    """

    __tablename__ = "training_runs"
    __table_args__ = (CheckConstraint("active IS NULL OR active = 1", name="active"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: uuid4().hex[:12])
    night: Mapped[str] = mapped_column(unique=True)
    """The scheduled day, "2026-03-01"; for a run that somebody asked for, "asked:" and a random id."""
    active: Mapped[int | None] = mapped_column(unique=True)
    """1 until the run has ended, then NULL."""
    asked_by: Mapped[str] = mapped_column(default="")
    """Who asked for it; empty for the schedule."""
    recipe: Mapped[str]
    base: Mapped[str]
    state: Mapped[RunState] = mapped_column(default=RunState.FREEZING)
    reason: Mapped[str] = mapped_column(default="")
    """The verdict, or why it ended, as a sentence for people."""
    data_set: Mapped[str] = mapped_column(default="")
    examples: Mapped[int] = mapped_column(default=0)
    new_examples: Mapped[int] = mapped_column(default=0)
    held_out: Mapped[int] = mapped_column(default=0)
    step: Mapped[int] = mapped_column(default=0)
    of_steps: Mapped[int] = mapped_column(default=0)
    loss: Mapped[float | None]
    seconds_left: Mapped[float | None]
    adapter_id: Mapped[str] = mapped_column(default="")
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    stop_wanted: Mapped[bool] = mapped_column(default=False)
    held_by: Mapped[str] = mapped_column(default="")
    held_until: Mapped[datetime | None]
    rested_at: Mapped[datetime | None]
    """When serving let go of the device for it (TRAINING_GPU=pause); None while it has not, or serves again."""
    started_at: Mapped[datetime] = mapped_column(default=utc_now)
    ended_at: Mapped[datetime | None]
    reported_at: Mapped[datetime | None]
    """When its report was delivered to people; whoever delivers it sets this."""
    told_in: Mapped[str] = mapped_column(default="")
    """Where its progress is told, a channel or a person; empty for nowhere."""
    told_channel_id: Mapped[str] = mapped_column(default="")
    """The conversation of the one message that tells it, and that message's ts: both empty until it is to be posted."""
    told_ts: Mapped[str] = mapped_column(default="")

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.active is None


class Runs:
    """Questions asked of training runs."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, run_id: str) -> TrainingRun | None:
        """The run, if it is known."""
        return self._session.get(TrainingRun, run_id)

    def begin(self, night: str, *, recipe: str, base: str, asked_by: str = "", told_in: str = "") -> TrainingRun | None:
        """A new run; None when that night had one already, or another run has not ended."""
        run = TrainingRun(night=night, active=1, recipe=recipe, base=base, asked_by=asked_by, told_in=told_in)
        try:
            with self._session.begin_nested():
                self._session.add(run)
        except IntegrityError:
            return None
        return run

    def of_night(self, night: str) -> TrainingRun | None:
        """The run of that night."""
        return self._session.scalar(select(TrainingRun).where(TrainingRun.night == night))

    def active(self) -> TrainingRun | None:
        """The run that has not ended."""
        return self._session.scalar(select(TrainingRun).where(TrainingRun.active == 1))

    def at_the_device(self, now: datetime) -> TrainingRun | None:
        """The run that wants the GPU now, or has it; None too when whoever worked on it has died."""
        return self._session.scalar(
            select(TrainingRun).where(
                TrainingRun.active == 1, TrainingRun.state.in_(AT_THE_DEVICE), TrainingRun.held_until > now
            )
        )

    def serving_rests(self, run_id: str, since: datetime | None) -> None:
        """Serving has let go of the device for this run; None: it serves again."""
        self._session.get_one(TrainingRun, run_id).rested_at = since

    def on_data_sets(self, names: Collection[str]) -> list[TrainingRun]:
        """Runs on these frozen sets."""
        return list(self._session.scalars(select(TrainingRun).where(TrainingRun.data_set.in_(names))))

    def latest(self, limit: int) -> list[TrainingRun]:
        """The newest runs first."""
        return list(self._session.scalars(select(TrainingRun).order_by(TrainingRun.started_at.desc()).limit(limit)))

    def last_trained(self) -> TrainingRun | None:
        """The newest run that came to a verdict on a candidate."""
        return self._session.scalar(
            select(TrainingRun)
            .where(TrainingRun.state.in_([RunState.PROMOTED, RunState.KEPT]))
            .order_by(TrainingRun.started_at.desc())
            .limit(1)
        )

    def tell_in(self, run_id: str, told_in: str) -> None:
        """From now on the run's progress is told there, in a message of its own."""
        run = self._session.get_one(TrainingRun, run_id)
        run.told_in, run.told_channel_id, run.told_ts = told_in, "", ""

    def told(self, run_id: str, channel_id: str, ts: str) -> None:
        """Its progress stands in this message; without a ts, it is about to be posted in that conversation."""
        run = self._session.get_one(TrainingRun, run_id)
        run.told_channel_id, run.told_ts = channel_id, ts

    def reported(self, run_id: str) -> None:
        """Its report was delivered."""
        self._session.get_one(TrainingRun, run_id).reported_at = utc_now()

    def unreported(self) -> list[TrainingRun]:
        """Runs that ended and whose report has not been delivered, oldest first."""
        return list(
            self._session.scalars(
                select(TrainingRun)
                .where(TrainingRun.ended_at.is_not(None), TrainingRun.reported_at.is_(None))
                .order_by(TrainingRun.ended_at)
            )
        )

    def hold(self, run_id: str, holder: str, now: datetime, span: timedelta) -> bool:
        """Take or keep hold of a run that has not ended; False while somebody else holds it."""
        held = self._session.execute(
            update(TrainingRun)
            .where(
                TrainingRun.id == run_id,
                TrainingRun.active == 1,
                (TrainingRun.held_by == holder) | TrainingRun.held_until.is_(None) | (TrainingRun.held_until < now),
            )
            .values(held_by=holder, held_until=now + span)
            .returning(TrainingRun.id)
        )
        return held.first() is not None

    def let_go(self, run_id: str, holder: str) -> None:
        """Leave the run to whoever takes it next."""
        self._session.execute(
            update(TrainingRun)
            .where(TrainingRun.id == run_id, TrainingRun.held_by == holder, TrainingRun.active == 1)
            .values(held_by="", held_until=None)
        )

    def progress(self, run_id: str, holder: str, step: int, of_steps: int, loss: float | None, left: float) -> bool:
        """Note how far training is, `left` in seconds; False when the run is no longer the holder's or should stop."""
        noted = self._session.execute(
            update(TrainingRun)
            .where(
                TrainingRun.id == run_id,
                TrainingRun.held_by == holder,
                TrainingRun.active == 1,
                TrainingRun.stop_wanted.is_(False),
            )
            .values(step=step, of_steps=of_steps, loss=loss, seconds_left=left)
            .returning(TrainingRun.id)
        )
        return noted.first() is not None

    def reach(self, run_id: str, holder: str, state: RunState) -> bool:
        """Go on to the next state; False when the run is no longer the holder's."""
        reached = self._session.execute(
            update(TrainingRun)
            .where(TrainingRun.id == run_id, TrainingRun.held_by == holder, TrainingRun.active == 1)
            .values(state=state, step=0, of_steps=0, seconds_left=None)
            .returning(TrainingRun.id)
        )
        return reached.first() is not None

    def end(
        self,
        run_id: str,
        holder: str,
        state: RunState,
        reason: str,
        *,
        adapter_id: str = "",
        figures: dict[str, Any] | None = None,
    ) -> bool:
        """The run is over; False when it is no longer the holder's, or was over already: then nothing is changed."""
        ended = self._session.execute(
            update(TrainingRun)
            .where(TrainingRun.id == run_id, TrainingRun.held_by == holder, TrainingRun.active == 1)
            .values(state=state, reason=reason, active=None, ended_at=utc_now(), held_by="", held_until=None)
            .values({} if figures is None else {"figures": figures, "adapter_id": adapter_id})
            .returning(TrainingRun.id)
        )
        return ended.first() is not None

    def want_stop(self) -> TrainingRun | None:
        """Ask the run that has not ended to stop; None when there is none."""
        run = self.active()
        if run is not None:
            run.stop_wanted = True
            self._session.flush()
        return run
