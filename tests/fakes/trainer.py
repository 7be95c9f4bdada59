"""A trainer that trains nothing: its candidate is sound, and as good on paper as the test wants."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from safetensors.torch import save_file

from core.curation.frozen_set import FrozenSet, load
from core.errors import TrainingStopped
from core.records.unit_of_work import Record
from core.settings import Settings
from core.training.adapters import CONFIG, WEIGHTS, expected_shapes, weight_shapes
from core.training.examination import Answered, Examination, Paper, Reply
from core.training.paper import paper_of
from core.training.recipes import Recipe
from core.training.rows import Row
from core.training.run_folder import Fitted, RunFolder

STEPS = 4


class FakeTrainer:
    """Its candidate needs `gain` nats a token less than the base, and `broken(place)` may raise at a named place."""

    def __init__(
        self, record: Record, settings: Settings, gain: float = 0.5, broken: Callable[[str], None] = lambda place: None
    ) -> None:
        self._record = record
        self._settings = settings
        self._gain = gain
        self._broken = broken

    def train(self, run_id: str, holder: str, recipe: Recipe, stopped: Callable[[], bool]) -> None:
        folder = self._folder(run_id)
        self._broken("before training")
        if folder.is_trained:
            return
        for step in range(1, STEPS + 1):
            self._tell(run_id, holder, step, stopped)
            self._broken(f"step {step}")
        write_adapter(folder.path / "written", Path(self._settings.phi3_model), recipe)
        losses = tuple((step, 2.0 - step / 10) for step in range(1, STEPS + 1))
        folder.note_fitted(Fitted(losses, tokens=1000, seconds=1.0, batch=2), folder.path / "written")
        self._broken("after training")

    def examine(self, run_id: str, holder: str, recipe: Recipe, stopped: Callable[[], bool]) -> None:
        folder = self._folder(run_id)
        self._broken("before examining")
        paper = paper_of(self._frozen_set(run_id), recipe, lambda prompt: 1)
        self._tell(run_id, holder, STEPS, stopped)
        with self._record() as work:
            live = work.adapters.live()
        models = {"base": answered(paper, 3.0), "candidate": answered(paper, 3.0 - self._gain)}
        if live and not live.tainted:
            models["live"] = answered(paper, 3.0)
        Examination(paper, models).save(folder.examination)
        self._broken("after examining")

    def _tell(self, run_id: str, holder: str, step: int, stopped: Callable[[], bool]) -> None:
        with self._record() as work:
            ours = work.runs.progress(run_id, holder, step, STEPS, 2.0 - step / 10, float(STEPS - step))
            work.commit()
        if stopped() or not ours:
            raise TrainingStopped("The run was stopped.")

    def _folder(self, run_id: str) -> RunFolder:
        return RunFolder(self._settings.runs_dir / run_id)

    def _frozen_set(self, run_id: str) -> FrozenSet:
        with self._record() as work:
            run = work.runs.get(run_id)
        assert run is not None
        return load(self._settings.datasets_dir / f"{run.data_set}.jsonl")


def answered(paper: Paper, nll: float) -> Answered:
    """Replies that give the approved answers, each as likely as `nll` says, and refuse what cannot be answered."""

    def replies(rows: Sequence[Row], level: float) -> tuple[Reply, ...]:
        return tuple(Reply(level + place % 5 / 20, row.answer, 0.1) for place, row in enumerate(rows))

    return Answered(
        open_book=replies(paper.open_book, nll),
        closed_book=replies(paper.closed_book, nll + 1.0),
        unanswerable=replies(paper.unanswerable, nll),
        manners=tuple(Reply(2.0) for _ in paper.manners),
        memory_mb=10.0,
    )


def write_adapter(folder: Path, base: Path, recipe: Recipe, value: float = 0.0) -> None:
    """A sound adapter for this base, all of whose weights are `value`."""
    config = {"r": recipe.lora.rank, "target_modules": list(recipe.lora.targets)}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CONFIG).write_text(json.dumps(config))
    shapes = expected_shapes(config, weight_shapes(base))
    save_file({name: torch.full(shape, value) for name, shape in shapes.items()}, str(folder / WEIGHTS))
