"""FSDP over two CPU processes that talk by gloo: the recipe's configuration, on a machine without GPUs."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.curation.frozen_set import save
from core.records.base import utc_now
from core.records.runs import RunState
from core.training.adapters import check_weights
from core.training.recipes import FOLDER, load_recipe
from core.training.run_folder import RunFolder
from core.training.trainer import ChildTrainer
from tests.databases import migrated_record
from tests.nights import night_settings, quick_recipe, valves


@pytest.mark.timeout(400)
def test_two_processes_train_one_adapter_between_them(tmp_path: Path, tiny_base: Path) -> None:
    recipe = Path(quick_recipe(tmp_path, epochs="1"))
    recipe.write_text('accelerate = "fsdp.yaml"\n' + recipe.read_text("utf-8"), "utf-8")
    shipped = (FOLDER / "fsdp.yaml").read_text("utf-8")
    on_cpu = shipped.replace("mixed_precision: bf16", "mixed_precision: 'no'\nuse_cpu: true")
    assert on_cpu != shipped
    (tmp_path / "fsdp.yaml").write_text(on_cpu, "utf-8")
    settings = night_settings(tmp_path, tiny_base, str(recipe))
    frozen_set = valves(8, 3)
    save(frozen_set, settings.datasets_dir)
    with migrated_record(settings.database) as record:
        with record() as work:
            run = work.runs.begin("2026-03-01", recipe=str(recipe), base=str(tiny_base))
            assert run is not None
            run.data_set, run.state = frozen_set.name, RunState.TRAINING
            work.runs.hold(run.id, "tests", utc_now(), timedelta(minutes=10))
            work.commit()
        ChildTrainer(settings).train(run.id, "tests", load_recipe(str(recipe)), lambda: False)
        folder = RunFolder(settings.runs_dir / run.id)
        fitted = folder.fitted()
        assert fitted is not None
        check_weights(folder.candidate, tiny_base)
        assert fitted.processes == 2
        with record() as work:
            seen = work.runs.get(run.id)
            assert seen is not None
            assert seen.step == seen.of_steps > 0
