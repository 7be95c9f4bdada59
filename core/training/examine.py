"""`python -m core.training.examine --run ID --holder WHO`: base, candidate and live adapter write the same paper."""

import logging
import time
from collections.abc import Callable

from peft import PeftModel

from core.errors import DamagedAdapter, TrainingStopped
from core.training.adapters import check_weights, validate
from core.training.base_model import load_base
from core.training.child import Job, run_as_child
from core.training.examination import Answered, Examination
from core.training.examining import Examiner
from core.training.paper import paper_of
from core.training.tokens import Tokens

log = logging.getLogger(__name__)


def examine(job: Job) -> None:
    """Examine every model on the run's hold-out and save what they replied. Raises TrainingFailed, DamagedAdapter."""
    if job.folder.examination.exists():
        return
    recipe = job.recipe
    tokens = Tokens(job.base, recipe.data.max_tokens)
    paper = paper_of(job.frozen_set, recipe, tokens.room_for)
    check_weights(job.folder.candidate, job.base)
    model = PeftModel.from_pretrained(
        load_base(job.base, recipe.base, targets=recipe.lora.targets), job.folder.candidate, adapter_name="candidate"
    )
    live = _live_adapter(job)
    if live:
        model.load_adapter(job.settings.adapters_dir / live, adapter_name="live")
    rows = len(paper.open_book) + len(paper.closed_book) + len(paper.unanswerable) + len(paper.manners)
    examiner = Examiner(
        model, tokens, recipe.evaluation.batch, recipe.evaluation.answer_tokens, _teller(job, rows * (3 if live else 2))
    )
    models: dict[str, Answered] = {}
    with model.disable_adapter():
        models["base"] = examiner.examine(paper)
    for name in ("candidate", "live") if live else ("candidate",):
        model.set_adapter(name)
        models[name] = examiner.examine(paper)
    Examination(paper, models).save(job.folder.examination)


def _live_adapter(job: Job) -> str:
    """The adapter that serves, if it may and can."""
    with job.record() as work:
        live = work.adapters.live()
    if live is None or live.tainted:
        return ""
    try:
        validate(job.settings.adapters_dir / live.id, job.base)
    except DamagedAdapter as damaged:
        log.warning("%s The candidate is measured against the base.", damaged.sentence)
        return ""
    return live.id


def _teller(job: Job, rows: int) -> Callable[[int], None]:
    started, done = time.monotonic(), 0

    def tell(count: int) -> None:
        nonlocal done
        done += count
        left = (time.monotonic() - started) / done * (rows - done)
        if not job.tell(done, rows, None, left):
            raise TrainingStopped("The run was stopped.")

    return tell


if __name__ == "__main__":
    run_as_child(examine)
