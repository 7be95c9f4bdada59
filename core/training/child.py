"""What the child processes of a run share: reading the run, telling how far they are, and giving up politely."""

import argparse
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from datasets import disable_progress_bars
from transformers.utils import logging as transformers_logging

from core.curation.frozen_set import FrozenSet, load
from core.errors import JourneymanError, TrainingFailed, TrainingStopped
from core.logs import start_logging
from core.records.database import open_engine
from core.records.unit_of_work import Record
from core.settings import Settings
from core.training.base_folder import base_folder
from core.training.recipes import Recipe, load_recipe
from core.training.run_folder import RunFolder

GAVE_UP = 3
"""Exit status of a child that said why in its run's folder."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """What a child process has to do, as the run's row says."""

    run_id: str
    holder: str
    record: Record
    settings: Settings
    folder: RunFolder
    recipe: Recipe
    base: Path
    frozen_set: FrozenSet

    def tell(self, step: int, of: int, loss: float | None, left: float) -> bool:
        """Note progress on the run's row; False when the run is no longer this process's to work on."""
        with self.record() as work:
            ours = work.runs.progress(self.run_id, self.holder, step, of, loss, left)
            work.commit()
        return ours


def run_as_child(work_on: Callable[[Job], None]) -> None:
    """Do the job that the command line names, and exit: 0 when done, GAVE_UP with the reason in the run's folder."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", required=True, help="id of the training run")
    parser.add_argument("--holder", required=True, help="who holds the run")
    given = parser.parse_args()
    # The parent passes on what is needed here; what else stands in .env (tokens, keys) is no business of this process.
    settings = Settings(_env_file=None)
    start_logging("trainer", settings.log_level)
    transformers_logging.disable_progress_bar()
    disable_progress_bars()
    folder = RunFolder(settings.runs_dir / given.run)
    record = Record(open_engine(settings.database))
    try:
        work_on(read_job(given.run, given.holder, record, settings, folder))
    except JourneymanError as error:
        failure = error if isinstance(error, TrainingFailed) else TrainingFailed(error.sentence)
        folder.note_failure(failure)
        log.warning("%s", failure.sentence)
        sys.exit(GAVE_UP)
    finally:
        record.close()


def read_job(run_id: str, holder: str, record: Record, settings: Settings, folder: RunFolder) -> Job:
    """The job as the run's row says it. Raises TrainingStopped when the run has ended."""
    with record() as work:
        run = work.runs.get(run_id)
    if run is None or run.ended:
        raise TrainingStopped("The run has ended meanwhile.")
    return Job(
        run_id=run_id,
        holder=holder,
        record=record,
        settings=settings,
        folder=folder,
        recipe=load_recipe(run.recipe),
        base=base_folder(run.base),
        frozen_set=load(settings.datasets_dir / f"{run.data_set}.jsonl"),
    )
