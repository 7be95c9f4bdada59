"""FSDP over two CPU processes that talk by gloo: the recipe's configuration, on a machine without GPUs."""

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from safetensors.torch import load_file

from core.curation.frozen_set import save
from core.records.base import utc_now
from core.records.runs import RunState, TrainingRun
from core.records.unit_of_work import Record
from core.settings import Settings
from core.training import trainer
from core.training.adapters import WEIGHTS, check_weights
from core.training.recipes import FOLDER, load_recipe
from core.training.run_folder import RunFolder
from core.training.trainer import ChildTrainer
from tests.databases import migrated_record
from tests.nights import night_settings, quick_recipe, valves

pytestmark = pytest.mark.timeout(480)


@pytest.fixture
def settings(tmp_path: Path, tiny_base: Path) -> Settings:
    """The shipped configuration, on CPUs; and of the shipped recipe all but the size and 4-bit."""
    recipe = Path(quick_recipe(tmp_path, epochs="1", dtype='"bfloat16"', gradient_checkpointing="true"))
    recipe.write_text('accelerate = "fsdp.yaml"\n' + recipe.read_text("utf-8"), "utf-8")
    shipped = (FOLDER / "fsdp.yaml").read_text("utf-8")
    (tmp_path / "fsdp.yaml").write_text(f"{shipped}use_cpu: true\n", "utf-8")
    return night_settings(tmp_path, tiny_base, str(recipe))


@pytest.fixture
def record(settings: Settings) -> Iterator[Record]:
    with migrated_record(settings.database) as record:
        yield record


def begun(record: Record, settings: Settings) -> TrainingRun:
    """A run that is to be trained, on a small data set."""
    frozen_set = valves(8, 3)
    save(frozen_set, settings.datasets_dir)
    with record() as work:
        run = work.runs.begin("2026-03-01", recipe=settings.recipe, base=settings.phi3_model)
        assert run is not None
        run.data_set, run.state = frozen_set.name, RunState.TRAINING
        work.runs.hold(run.id, "tests", utc_now(), timedelta(minutes=10))
        work.commit()
    return run


def test_two_processes_train_one_sharded_adapter_and_go_on_from_a_checkpoint(
    record: Record, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer, "TRAINING", "tests.sharding_on_cpu")
    run = begun(record, settings)
    folder = RunFolder(settings.runs_dir / run.id)

    def train() -> list[int]:
        ChildTrainer(settings).train(run.id, "tests", load_recipe(settings.recipe), lambda: False)
        fitted = folder.fitted()
        assert fitted is not None
        assert fitted.processes == 2
        check_weights(folder.candidate, Path(settings.phi3_model))
        return [step for step, _ in fitted.losses]

    steps = train()
    assert steps == list(range(1, steps[-1] + 1))
    assert "1 of 2 shards" in folder.log.read_text("utf-8"), "the weights were not spread"
    learned = {name: weight for name, weight in load_file(folder.candidate / WEIGHTS).items() if "lora_B" in name}
    assert learned
    assert all(weight.abs().sum() > 0 for weight in learned.values()), "an adapter that learned nothing"
    with record() as work:
        seen = work.runs.get(run.id)
        assert seen is not None
        assert seen.step == seen.of_steps == steps[-1]

    # As after a crash just before the end: what is left is an earlier checkpoint.
    checkpoints = sorted(folder.checkpoints.glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1]))
    assert len(checkpoints) == 2
    for path in (checkpoints[-1], folder.candidate):
        shutil.rmtree(path)
    (folder.path / "training.json").unlink()
    state = json.loads((checkpoints[0] / "trainer_state.json").read_text("utf-8"))
    assert 0 < state["global_step"] < steps[-1]
    assert train() == steps
    again = load_file(folder.candidate / WEIGHTS)
    assert all(again[name].allclose(weight, atol=1e-5) for name, weight in learned.items()), "it learned otherwise"


def test_the_recipe_and_the_configuration_that_are_shipped_fit_together() -> None:
    recipe = load_recipe("phi3_qlora_fsdp")
    assert recipe.base.storage == recipe.base.dtype == "bfloat16", (
        "FSDP shards 4-bit weights as what they are stored in"
    )
    assert recipe.training.gradient_checkpointing, "in the place of FSDP's own, which peft cannot save through"
    configuration = Path(recipe.accelerate).read_text("utf-8")
    assert "fsdp_activation_checkpointing: false" in configuration
    assert "FULL_STATE_DICT" in configuration
