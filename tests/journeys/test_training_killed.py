"""A whole night with the real trainer, whose child processes are killed while they work."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest

from core.records.runs import RunState, TrainingRun
from core.records.unit_of_work import Record
from core.training.adapters import validate
from core.training.nightly import NightSchool
from core.training.run_folder import RunFolder
from core.training.trainer import ChildTrainer
from tests.databases import migrated_record
from tests.fakes.embedder import FakeEmbedder
from tests.nights import keep_examples, night_settings, quick_recipe, valves

pytestmark = pytest.mark.timeout(480)


@pytest.fixture
def school(tmp_path: Path, tiny_base: Path) -> Iterator[NightSchool]:
    settings = night_settings(tmp_path, tiny_base, quick_recipe(tmp_path, epochs="3"))
    examples = valves(10, 20)
    with migrated_record(settings.database) as record:
        keep_examples(record, examples.examples)
        yield NightSchool(record, settings, ChildTrainer(settings), lambda: examples, FakeEmbedder(512).embed_passages)


def until(record: Record, state: RunState, step: int) -> str:
    deadline = monotonic() + 240
    while monotonic() < deadline:
        with record() as work:
            run = work.runs.active()
        if run and run.state is state and run.step >= step:
            return run.id
        sleep(0.05)
    raise AssertionError(f"{state} {step} was never reached")


def kill_child(run_id: str) -> None:
    """kill −9 for whichever process works on the run."""
    found = subprocess.run(
        ["pgrep", "-f", f"core.training.*--run {run_id}"], capture_output=True, text=True, check=True
    )
    for number in found.stdout.split():
        os.kill(int(number), signal.SIGKILL)


def test_a_night_whose_trainer_and_examiner_are_killed_still_comes_to_its_verdict(school: NightSchool) -> None:
    runs: list[TrainingRun | None] = []
    night = Thread(target=lambda: runs.append(school.run("2026-03-01")), daemon=True)
    night.start()
    run_id = until(school.record, RunState.TRAINING, 3)
    kill_child(run_id)
    until(school.record, RunState.EVALUATING, 1)
    kill_child(run_id)
    night.join(400)
    assert runs, "the night came to an end"
    run = runs[0]
    assert run is not None
    assert run.state in {RunState.PROMOTED, RunState.KEPT}
    fitted = RunFolder(school.settings.runs_dir / run_id).fitted()
    assert fitted is not None
    steps = [step for step, _ in fitted.losses]
    assert steps == list(range(1, steps[-1] + 1)), "it went on where it was, and no step is missing"
    validate(school.settings.adapters_dir / run.adapter_id, Path(run.base))
    assert "<html" in RunFolder(school.settings.runs_dir / run_id).report.read_text("utf-8")
