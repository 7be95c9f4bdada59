"""TRAINING_GPU=pause: the model that serves rests while a run is at work, and only then."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.answering.giving_way import GivingWay
from core.records.base import utc_now
from core.records.runs import RunState, TrainingRun
from core.records.unit_of_work import Record
from tests.databases import migrated_record
from tests.fakes.language_model import ScriptedModel


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    with migrated_record(f"sqlite:///{tmp_path / 'journeyman.db'}") as record:
        yield record


def run_at(record: Record, state: RunState, held: timedelta = timedelta(minutes=1)) -> None:
    """The run is in this state, in the hands of a worker for so long."""
    with record() as work:
        run = work.runs.active() or work.runs.begin("2026-03-01", recipe="r", base="b")
        assert run is not None
        run.state, run.held_by, run.held_until = state, "worker", utc_now() + held
        work.commit()


def end(record: Record, state: RunState) -> None:
    with record() as work:
        run = work.runs.active()
        assert run is not None
        assert work.runs.end(run.id, "worker", state, "It is over.")
        work.commit()


def latest(record: Record) -> TrainingRun:
    with record() as work:
        return work.runs.latest(1)[0]


def test_it_rests_from_training_to_the_verdict_and_says_so_on_the_run(record: Record) -> None:
    model = ScriptedModel()
    way = GivingWay(record, model, pauses=True)
    way.follow()
    run_at(record, RunState.FREEZING)
    way.follow()
    assert (model.rests, latest(record).rested_at) == ([], None)
    for state in (RunState.TRAINING, RunState.EVALUATING):
        run_at(record, state)
        way.follow()
        assert model.rests == ["rest"]
        assert latest(record).rested_at is not None
    run_at(record, RunState.DECIDING)
    way.follow()
    way.follow()
    assert model.rests == ["rest", "wake"]


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.STOPPED, RunState.KEPT])
def test_it_serves_again_however_the_run_ended(record: Record, state: RunState) -> None:
    model = ScriptedModel()
    way = GivingWay(record, model, pauses=True)
    run_at(record, RunState.TRAINING)
    way.follow()
    end(record, state)
    way.follow()
    assert model.rests == ["rest", "wake"]


def test_a_dead_worker_holds_nothing_and_the_next_one_waits_anew(record: Record) -> None:
    model = ScriptedModel()
    way = GivingWay(record, model, pauses=True)
    run_at(record, RunState.TRAINING)
    way.follow()
    run_at(record, RunState.TRAINING, held=timedelta(seconds=-1))
    way.follow()
    assert (model.rests, latest(record).rested_at) == (["rest", "wake"], None)
    run_at(record, RunState.TRAINING)
    way.follow()
    assert model.rests == ["rest", "wake", "rest"]
    assert latest(record).rested_at is not None


def test_a_bot_that_was_killed_while_it_rested_rests_again(record: Record) -> None:
    run_at(record, RunState.TRAINING)
    GivingWay(record, ScriptedModel(), pauses=True).follow()
    model = ScriptedModel()
    GivingWay(record, model, pauses=True).follow()
    assert model.rests == ["rest"]


def test_where_the_gpu_is_shared_nothing_rests(record: Record) -> None:
    model = ScriptedModel()
    run_at(record, RunState.TRAINING)
    GivingWay(record, model, pauses=False).follow()
    assert (model.rests, latest(record).rested_at) == ([], None)
