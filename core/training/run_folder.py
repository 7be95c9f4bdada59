"""What a run leaves on disk: data/training/RUN/ with its checkpoints, its candidate, its figures and its report."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import TrainingFailed, TrainingStopped


@dataclass(frozen=True)
class Fitted:
    """What fitting came to: the loss at each step, tokens read, wall-clock seconds, batch at the end, processes."""

    losses: tuple[tuple[int, float], ...]
    tokens: int
    seconds: float
    batch: int
    processes: int = 1


@dataclass(frozen=True)
class RunFolder:
    """The paths of one run. What is written through it is written whole or not at all."""

    path: Path

    @property
    def checkpoints(self) -> Path:
        """Where training goes on from after a crash."""
        return self.path / "checkpoints"

    @property
    def candidate(self) -> Path:
        """The trained adapter, once it is whole."""
        return self.path / "candidate"

    @property
    def examination(self) -> Path:
        """Every model's replies."""
        return self.path / "examination.json"

    @property
    def report(self) -> Path:
        """The page for people."""
        return self.path / "report.html"

    @property
    def log(self) -> Path:
        """What the child processes said."""
        return self.path / "trainer.log"

    def note_fitted(self, fitted: Fitted, written: Path) -> None:
        """Training is done: keep its figures, and let the candidate appear."""
        self._write("training.json", asdict(fitted))
        if self.candidate.exists():
            shutil.rmtree(self.candidate)
        written.rename(self.candidate)

    @property
    def is_trained(self) -> bool:
        """Whether the candidate stands there, whole."""
        return self.candidate.is_dir() and self.fitted() is not None

    def fitted(self) -> Fitted | None:
        """The figures of the training that is done."""
        told = self._read("training.json")
        if told is None:
            return None
        return Fitted(**told | {"losses": tuple((step, loss) for step, loss in told["losses"])})

    def note_failure(self, failure: TrainingFailed) -> None:
        """A child process gives up."""
        self._write("failure.json", {"sentence": failure.sentence, "stopped": isinstance(failure, TrainingStopped)})

    def take_failure(self) -> TrainingFailed | None:
        """Why the child process gave up, if it said so; asking again gives nothing."""
        told = self._read("failure.json")
        (self.path / "failure.json").unlink(missing_ok=True)
        if told is None:
            return None
        return (TrainingStopped if told["stopped"] else TrainingFailed)(told["sentence"])

    def tidy(self) -> None:
        """Remove what nobody needs once the run has ended."""
        for path in (self.checkpoints, self.candidate, self.path / "written"):
            shutil.rmtree(path, ignore_errors=True)

    def _write(self, name: str, told: dict[str, Any]) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        partial = self.path / f"{name}.partial"
        partial.write_text(json.dumps(told), "utf-8")
        partial.replace(self.path / name)

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            told: dict[str, Any] = json.loads((self.path / name).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return told
