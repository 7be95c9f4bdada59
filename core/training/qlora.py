"""`python -m core.training.qlora --run ID --holder WHO`: trains a run's candidate from the base, in its own process."""

import os
import shutil

from torch import distributed

from core.training.base_model import load_base, with_lora
from core.training.child import Job, run_as_child
from core.training.fitting import Step, fit
from core.training.rows import training_rows
from core.training.tokens import Tokens


def train(job: Job) -> None:
    """Train and let the candidate appear in the run's folder; a candidate that stands there already is kept.

    Raises TrainingFailed.
    """
    if job.folder.is_trained:
        return
    recipe = job.recipe
    first = os.environ.get("RANK", "0") == "0"  # accelerate's own state would be fixed too early by asking it
    tokens = Tokens(job.base, recipe.data.max_tokens)
    rows = training_rows(job.frozen_set, recipe.data, tokens.room_for, recipe.training.seed)
    written = job.folder.path / "written"
    if first:
        shutil.rmtree(written, ignore_errors=True)

    def tell(step: Step) -> bool:
        return not first or job.tell(step.number, step.of, step.loss, step.left)

    fitted = fit(
        lambda: with_lora(
            load_base(job.base, recipe.base, targets=recipe.lora.targets, spread=bool(recipe.accelerate)), recipe.lora
        ),
        tokens,
        rows,
        recipe,
        job.folder.checkpoints,
        written,
        tell,
    )
    if first:
        job.folder.note_fitted(fitted, written)
    _part()


def _part() -> None:
    """Processes that trained together end together: one that leaves early takes the others' connections down."""
    if distributed.is_initialized():
        distributed.barrier()
        distributed.destroy_process_group()


if __name__ == "__main__":
    run_as_child(train)
