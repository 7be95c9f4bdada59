"""Several workers, each a process of its own: a night is had once, by one of them, and a missed one is caught up."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from time import monotonic, sleep

import pytest

from core.records.runs import RunState, TrainingRun
from core.records.unit_of_work import Record
from tests.databases import migrated_record
from tests.nights import keep_examples, quick_recipe, valves
from tests.slack.night_school import add_team

pytestmark = pytest.mark.timeout(400)

PATIENCE = 180.0
NIGHTS = 6

RACER = """
import json, sys, time
from pathlib import Path
from core.records.database import open_engine
from core.records.unit_of_work import Record
from core.settings import Settings
from core.training.nightly import NightSchool
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.trainer import FakeTrainer
from tests.nights import valves

settings = Settings(_env_file=None)
record = Record(open_engine(settings.database))
examples = valves(24, 20)
embed = FakeEmbedder(512).embed_passages
school = NightSchool(record, settings, FakeTrainer(record, settings), lambda: examples, embed)
print("ready", flush=True)
sys.stdin.readline()
mine = []
for night in range(int(sys.argv[1])):
    ended = False
    while not ended:
        if school.run(str(night)):
            mine.append(night)
        with record() as work:
            had = work.runs.of_night(str(night))
            ended = had is not None and had.ended
        time.sleep(0.002)
print(json.dumps(mine), flush=True)
"""
"""Goes for every night again and again until somebody has had it."""

WORKER = """
import sys
from core import bootstrap, worker
from core.records.database import open_engine
from core.records.unit_of_work import Record
from core.training import trainer
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.trainer import FakeTrainer

bootstrap.MiniLM = lambda: FakeEmbedder(1024)
trainer.ChildTrainer = lambda settings: FakeTrainer(Record(open_engine(settings.database)), settings)
sys.exit(worker.main())
"""
"""The real worker, whose trainer takes no time."""


@contextmanager
def processes(
    program: str, arguments: Sequence[str], environment: dict[str, str]
) -> Iterator[list["subprocess.Popen[str]"]]:
    command = [sys.executable, "-c", program, *arguments]
    started = [
        subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    try:
        yield started
    finally:
        for each in started:
            each.kill()
            each.wait()


def environment(folder: Path, base: Path, database_url: str) -> dict[str, str]:
    told = {
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": database_url,
        "PHI3_MODEL": str(base),
        "LANGUAGE_MODEL": "phi3",
        "TRAINING_ENABLED": "true",
        "MIN_NEW_EXAMPLES": "1",
        "RECIPE": quick_recipe(folder),
    }
    return os.environ | told


def all_runs(record: Record) -> list[TrainingRun]:
    with record() as work:
        return work.runs.latest(100)


def test_two_processes_that_go_for_the_same_nights_have_each_of_them_once(
    record: Record, database_url: str, tmp_path: Path, tiny_base: Path
) -> None:
    keep_examples(record, valves(24, 20).examples)
    with processes(RACER, [str(NIGHTS)], environment(tmp_path, tiny_base, database_url)) as racers:
        for racer in racers:
            assert racer.stdout is not None
            assert racer.stdout.readline() == "ready\n"
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write("go\n")
            racer.stdin.flush()
        had = [json.loads(racer.communicate(timeout=PATIENCE)[0]) for racer in racers]
    assert sorted(had[0] + had[1]) == list(range(NIGHTS))
    runs = all_runs(record)
    assert sorted(run.night for run in runs) == [str(night) for night in range(NIGHTS)]
    # The first finds something new; the others had all of it, so they are skipped.
    assert {run.state for run in runs} == {RunState.PROMOTED, RunState.SKIPPED}
    spans = sorted((run.started_at, run.ended_at) for run in runs)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans)), "two runs at once"


def settle(record: Record) -> str:
    """The workspace that the workers work for."""
    with record() as work:
        work.workspaces.ensure("T1").bot_user_id = "UBOT"
        work.commit()
    return "T1"


def test_two_workers_that_come_back_have_the_missed_night_once(tmp_path: Path, tiny_base: Path) -> None:
    url = f"sqlite:///{tmp_path / 'record.db'}"
    with migrated_record(url) as record:
        add_team(record, settle(record))
        with processes(WORKER, [], environment(tmp_path, tiny_base, url)) as workers:
            deadline = monotonic() + PATIENCE
            while not any(run.ended for run in all_runs(record)):
                assert monotonic() < deadline
                assert all(worker.poll() is None for worker in workers)
                sleep(0.1)
            for worker in workers:
                worker.terminate()
            assert [worker.wait(60) for worker in workers] == [0, 0]
        [run] = all_runs(record)
        assert not run.asked_by
        assert run.night.endswith("T02:00+0000"), "the scheduled night that was missed"
        assert run.state is RunState.PROMOTED, run.reason
