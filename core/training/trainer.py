"""Who trains and examines: a seam, and its real implementation, which does either in a child process."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Protocol

from pydantic import SecretStr

from core.errors import TrainingFailed, TrainingStopped
from core.settings import Settings
from core.training.recipes import Recipe
from core.training.run_folder import RunFolder

RESTARTS = 3
"""How often a child that was killed from outside is started again; it goes on from its newest checkpoint."""
POLL_S = 0.25
TRAINING = "core.training.qlora"

log = logging.getLogger(__name__)

Stopped = Callable[[], bool]
"""Whether the run ought to end now; asked several times a second."""


class Trainer(Protocol):
    """Works on a run that `holder` holds, as the run's row says. Each part may be called again after a crash."""

    def train(self, run_id: str, holder: str, recipe: Recipe, stopped: Stopped) -> None:
        """Make `candidate` and its figures appear in the run's folder. Raises TrainingFailed."""

    def examine(self, run_id: str, holder: str, recipe: Recipe, stopped: Stopped) -> None:
        """Make `examination.json` appear in the run's folder. Raises TrainingFailed."""


class ChildTrainer:
    """A Trainer whose work is done in child processes, so that memory and crashes stay apart from serving."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def train(self, run_id: str, holder: str, recipe: Recipe, stopped: Stopped) -> None:
        """Train, on one device or over several, as the recipe says."""
        launch = ["-m", TRAINING]
        if recipe.accelerate:
            launch = ["-m", "accelerate.commands.launch", "--config_file", recipe.accelerate, *launch]
        self._run([sys.executable, *launch, "--run", run_id, "--holder", holder], run_id, stopped)

    def examine(self, run_id: str, holder: str, recipe: Recipe, stopped: Stopped) -> None:  # noqa: ARG002 - the seam's
        """Examine in one process."""
        self._run([sys.executable, "-m", "core.training.examine", "--run", run_id, "--holder", holder], run_id, stopped)

    def _run(self, command: list[str], run_id: str, stopped: Stopped) -> None:
        folder = RunFolder(self._settings.runs_dir / run_id)
        folder.path.mkdir(parents=True, exist_ok=True)
        for _ in range(RESTARTS + 1):
            folder.take_failure()
            status = self._watch(command, folder, stopped)
            if status == 0:
                return
            failure = folder.take_failure()
            if failure:
                raise failure
            if status > 0:
                raise TrainingFailed(f"The trainer broke down (status {status}); {folder.log} says where.")
            log.warning("the trainer of run %s was killed by signal %d, starting it again", run_id, -status)
        raise TrainingFailed("The trainer was killed again and again. Is the machine's memory too small for it?")

    def _watch(self, command: list[str], folder: RunFolder, stopped: Stopped) -> int:
        with folder.log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603 - our own module
                command, env=self._environment(), stdout=output, stderr=output, start_new_session=True
            )
        try:
            while True:
                if stopped():
                    raise TrainingStopped("The run was stopped.")
                try:
                    return process.wait(POLL_S)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _environment(self) -> dict[str, str]:
        """Ours, without tokens and keys, and with the settings that a child needs, wherever we had them from."""
        fields = type(self._settings).model_fields
        secret = {name.upper() for name, field in fields.items() if field.annotation is SecretStr}
        environment = {name: value for name, value in os.environ.items() if name.upper() not in secret}
        return environment | {
            "DATA_DIR": str(self._settings.data_dir.absolute()),
            "DATABASE_URL": self._settings.database,
            "LOG_LEVEL": self._settings.log_level,
        }
