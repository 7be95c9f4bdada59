"""A night of school, from freezing to the verdict: resumable at every point, one run a night, never two at once."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from time import monotonic, sleep
from uuid import uuid4

from core.curation.frozen_set import FrozenSet, Split, load, save
from core.errors import JourneymanError, TrainingFailed, TrainingStopped
from core.records.base import utc_now
from core.records.runs import RunState, TrainingRun
from core.records.unit_of_work import Record
from core.settings import Settings
from core.training.concluding import conclude, keep_house
from core.training.holding import Held, Leaving
from core.training.recipes import load_recipe
from core.training.scores import Embed
from core.training.suspicion import refuse_leaks, without_belied
from core.training.trainer import Trainer

QUIET = timedelta(minutes=1)
QUIET_POLL_S = 2.0
LONGEST_WAIT_S = 1800.0
REST_POLL_S = 0.5
REST_MARGIN_S = 30.0
"""Beside the time that an answer under way may take: a serving process that does not let go by then is not there."""

log = logging.getLogger(__name__)

Freeze = Callable[[], FrozenSet]


@dataclass(frozen=True)
class NightSchool:
    """Runs nights. Every step may be repeated after a crash: its work stands, and the run's row says what is next."""

    record: Record
    settings: Settings
    trainer: Trainer
    freeze: Freeze
    embed: Embed
    leave: Event = field(default_factory=Event)
    """Set when this process ought to stop: a run is then left as it stands, and resumed by the next worker."""

    def run(self, night: str) -> TrainingRun | None:
        """This night's run, from start to end; None when it was had already, or another run has not ended."""
        return self._begin(night, "")

    def run_now(self, asked_by: str) -> TrainingRun | None:
        """A run that somebody asked for, whatever the night and however little is new; None while another runs."""
        return self._begin(f"asked:{uuid4().hex[:8]}", asked_by)

    def resume(self) -> TrainingRun | None:
        """Go on with a run whose worker died; None when there is none, or its worker lives."""
        with self.record() as work:
            run = work.runs.active()
        return self._work_on(run.id) if run else None

    def _begin(self, night: str, asked_by: str) -> TrainingRun | None:
        with self.record() as work:
            run = work.runs.begin(night, recipe=self.settings.recipe, base=self.settings.phi3_model, asked_by=asked_by)
            work.commit()
        return self._work_on(run.id) if run else None

    def _work_on(self, run_id: str) -> TrainingRun | None:
        held = Held(self.record, run_id, self.leave)
        if not held.take():
            return None
        try:
            self._see_through(run_id, held)
        except Leaving:
            return self._get(run_id)
        keep_house(self.record, self.settings)
        return self._get(run_id)

    def _see_through(self, run_id: str, held: Held) -> None:
        with held:
            try:
                self._steps(run_id, held)
            except Leaving:
                raise
            except TrainingStopped as stopped:
                self._end(run_id, held, RunState.STOPPED, stopped.sentence)
            except JourneymanError as failure:
                self._end(run_id, held, RunState.FAILED, failure.sentence)
            except Exception as error:
                self._end(
                    run_id, held, RunState.FAILED, f"Something unforeseen broke the run off ({type(error).__name__})."
                )
                raise

    def _steps(self, run_id: str, held: Held) -> None:
        recipe = load_recipe(self._get(run_id).recipe)
        while not (run := self._get(run_id)).ended:
            if held.should_stop():
                raise TrainingStopped("The run was stopped.")
            if run.state is RunState.FREEZING:
                self._freeze(run, held)
            elif run.state is RunState.TRAINING:
                self._wait_for_the_device(run_id, held)
                self.trainer.train(run_id, held.holder, recipe, held.should_stop)
                self._reach(run_id, held, RunState.EVALUATING)
            elif run.state is RunState.EVALUATING:
                self._wait_for_the_device(run_id, held)
                self.trainer.examine(run_id, held.holder, recipe, held.should_stop)
                self._reach(run_id, held, RunState.DECIDING)
            else:
                conclude(self.record, self.settings, self.embed, run, held.holder, recipe)

    def _freeze(self, run: TrainingRun, held: Held) -> None:
        frozen_set, belied = without_belied(self.freeze())
        new = self._new_examples(frozen_set)
        if not run.asked_by and new < self.settings.min_new_examples and not self._serving_is_tainted():
            asked = self.settings.min_new_examples
            reason = f"Skipped: {new} new approved answers since the last run, and {asked} are asked for."
            self._end(run.id, held, RunState.SKIPPED, reason)
            return
        if not frozen_set.of(Split.TRAIN):
            raise TrainingFailed("There are no approved answers to learn from yet.")
        refuse_leaks(frozen_set, self.embed)
        save(frozen_set, self.settings.datasets_dir)
        with self.record() as work:
            row = work.runs.get(run.id)
            assert row is not None
            row.data_set, row.examples, row.new_examples = frozen_set.name, len(frozen_set.of(Split.TRAIN)), new
            row.held_out = len(frozen_set.of(Split.HOLDOUT))
            row.figures = {"belied": belied}
            work.commit()
        self._reach(run.id, held, RunState.TRAINING)

    def _new_examples(self, frozen_set: FrozenSet) -> int:
        """How many examples the last run that came to a verdict did not have."""
        with self.record() as work:
            last = work.runs.last_trained()
        path = self.settings.datasets_dir / f"{last.data_set}.jsonl" if last else None
        known = {example.id for example in load(path).examples} if path and path.exists() else set()
        return sum(example.id not in known for example in frozen_set.examples)

    def _serving_is_tainted(self) -> bool:
        """Whether the newest promoted adapter learned what was forgotten since: then a clean one is due."""
        with self.record() as work:
            promoted = [adapter for adapter in work.adapters.on_disk() if adapter.promoted_at]
        return bool(promoted) and promoted[0].tainted

    def _wait_for_the_device(self, run_id: str, held: Held) -> None:
        if self.settings.training_gpu == "pause":
            self._wait_until_serving_rests(run_id, held)
        elif self._get(run_id).state is RunState.TRAINING:
            self._wait_until_quiet(held)

    def _wait_until_serving_rests(self, run_id: str, held: Held) -> None:
        deadline = monotonic() + self.settings.answer_seconds + REST_MARGIN_S
        while not held.should_stop() and self._get(run_id).rested_at is None:
            if monotonic() > deadline:
                log.info("run %s: nobody who serves let go of the model, so it goes on", run_id)
                return
            sleep(REST_POLL_S)

    def _wait_until_quiet(self, held: Held) -> None:
        """People come first: start when nobody has asked for a minute, or after half an hour of asking."""
        deadline = monotonic() + LONGEST_WAIT_S
        while monotonic() < deadline and not held.should_stop():
            with self.record() as work:
                asked = work.questions.asked_since(utc_now() - QUIET)
            if not asked:
                return
            sleep(QUIET_POLL_S)

    def _reach(self, run_id: str, held: Held, state: RunState) -> None:
        with self.record() as work:
            ours = work.runs.reach(run_id, held.holder, state)
            work.commit()
        if not ours:
            raise TrainingStopped("Another worker has taken the run over.")

    def _end(self, run_id: str, held: Held, state: RunState, reason: str) -> None:
        """End the run, unless another worker has taken it over."""
        with self.record() as work:
            if work.runs.end(run_id, held.holder, state, reason):
                log.info("run %s: %s", run_id, reason)
            work.commit()

    def _get(self, run_id: str) -> TrainingRun:
        with self.record() as work:
            run = work.runs.get(run_id)
        assert run is not None
        return run
