"""What every trainer promises: the fake of the tests, and the one that trains in a child process."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.curation.frozen_set import save
from core.errors import TrainingStopped
from core.records.base import utc_now
from core.records.runs import RunState
from core.records.unit_of_work import Record
from core.settings import Settings
from core.training.adapters import check_weights
from core.training.examination import Examination
from core.training.recipes import load_recipe
from core.training.run_folder import RunFolder
from core.training.trainer import ChildTrainer, Trainer
from tests.databases import migrated_record
from tests.fakes.trainer import FakeTrainer
from tests.nights import night_settings, quick_recipe, valves

pytestmark = pytest.mark.timeout(300)

HOLDER = "tests"


class Room:
    """A trainer with a run that waits for it."""

    def __init__(self, kind: str, folder: Path, base: Path, record: Record, settings: Settings) -> None:
        self.record, self.base = record, base
        self.trainer: Trainer = ChildTrainer(settings) if kind == "child process" else FakeTrainer(record, settings)
        self.recipe = load_recipe(settings.recipe)
        frozen_set = valves(8, 3)
        save(frozen_set, settings.datasets_dir)
        with record() as work:
            run = work.runs.begin("2026-03-01", recipe=settings.recipe, base=str(base))
            assert run is not None
            run.data_set, run.state = frozen_set.name, RunState.TRAINING
            work.runs.hold(run.id, HOLDER, utc_now(), timedelta(minutes=10))
            work.commit()
        self.run_id = run.id
        self.folder = RunFolder(settings.runs_dir / run.id)

    def train(self, stop: bool = False) -> None:
        self.trainer.train(self.run_id, HOLDER, self.recipe, lambda: stop)

    def examine(self) -> None:
        self.trainer.examine(self.run_id, HOLDER, self.recipe, lambda: False)


@pytest.fixture(params=["fake", "child process"])
def room(request: pytest.FixtureRequest, tmp_path: Path, tiny_base: Path) -> Iterator[Room]:
    settings = night_settings(tmp_path, tiny_base, quick_recipe(tmp_path, epochs="1"))
    with migrated_record(settings.database) as record:
        yield Room(request.param, tmp_path, tiny_base, record, settings)


def test_a_candidate_appears_and_writes_the_paper_beside_the_base(room: Room) -> None:
    room.train()
    fitted = room.folder.fitted()
    assert room.folder.is_trained
    assert fitted is not None
    assert fitted.losses[0][0] == 1
    assert fitted.tokens > 0
    check_weights(room.folder.candidate, room.base)
    with room.record() as work:
        run = work.runs.get(room.run_id)
        assert run is not None
        assert 0 < run.step == run.of_steps
    written = (room.folder.candidate / "adapter_model.safetensors").read_bytes()
    room.train()
    assert (room.folder.candidate / "adapter_model.safetensors").read_bytes() == written

    room.examine()
    examination = Examination.load(room.folder.examination)
    assert examination.models.keys() == {"base", "candidate"}
    for answered in examination.models.values():
        assert len(answered.open_book) == len(answered.closed_book) == 3
        assert len(answered.unanswerable) == 3
        assert all(reply.nll > 0 for reply in (*answered.open_book, *answered.manners))


def test_a_stop_ends_it_without_a_candidate(room: Room) -> None:
    with pytest.raises(TrainingStopped):
        room.train(stop=True)
    assert not room.folder.is_trained
