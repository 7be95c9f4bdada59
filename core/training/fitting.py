"""Fitting an adapter to rows with TRL, packed, resumable, and given up for a reason that can be read."""

import errno
import json
import logging
import math
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft.peft_model import PeftModel
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from core.errors import TrainingFailed, TrainingStopped
from core.training.recipes import Recipe
from core.training.rows import Kind, Row
from core.training.run_folder import Fitted
from core.training.tokens import Tokens
from core.training.trainers import kto_trainer, sft_trainer

log = logging.getLogger(__name__)

FULL_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class Step:
    """How far training is; `left` in seconds. One is told after every step."""

    number: int
    of: int
    loss: float | None
    left: float


Tell = Callable[[Step], bool]
"""Told after every step; its False ends the training."""


def fit(
    make_model: Callable[[], PeftModel],
    tokens: Tokens,
    rows: Sequence[Row],
    recipe: Recipe,
    checkpoints: Path,
    written: Path,
    tell: Tell,
) -> Fitted:
    """Train an adapter on the rows, going on from the newest whole checkpoint, and save it in `written`.

    Out of memory halves the batch and goes on. Raises TrainingFailed (TrainingStopped when `tell` says False).
    """
    batch = recipe.training.batch
    while True:
        try:
            return _attempt(make_model(), tokens, rows, recipe, checkpoints, written, tell, batch)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            words = str(error)[:200]  # not the exception: its frames hold the tensors that filled the memory
        batch //= 2
        if batch < (2 if recipe.kto else 1):
            raise TrainingFailed(
                "The memory is too small even for the smallest batch. Choose a recipe with 4-bit, a smaller max_tokens "
                "or gradient checkpointing."
            )
        log.warning("out of memory, going on with a batch of %d: %s", batch, words)
        torch.cuda.empty_cache()


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, on a GPU or a CPU."""
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "can't allocate memory" in str(error)


def newest_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint that was written to its end: the trainer's state is what is written last."""
    numbered = [
        (int(found[1]), path) for path in folder.glob("checkpoint-*") if (found := re.search(r"-(\d+)$", path.name))
    ]
    for _, path in sorted(numbered, reverse=True):
        try:
            json.loads((path / "trainer_state.json").read_text("utf-8"))
        except (OSError, ValueError):
            continue
        return path
    return None


def _attempt(
    model: PeftModel,
    tokens: Tokens,
    rows: Sequence[Row],
    recipe: Recipe,
    checkpoints: Path,
    written: Path,
    tell: Tell,
    batch: int,
) -> Fitted:
    watch = _Watch(tell, recipe.training.hours * 3600)
    make = kto_trainer if recipe.kto and _rejected(rows) >= recipe.kto.smallest_rejected else sft_trainer
    started = time.monotonic()
    try:
        trainer = make(model, tokens, rows, recipe, checkpoints, batch)
        trainer.add_callback(watch)
        checkpoint = newest_checkpoint(checkpoints)
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        trainer.save_model(str(written))
    except Exception as error:
        raise _as_failure(error) from error
    history = trainer.state.log_history
    return Fitted(
        losses=tuple((entry["step"], entry["loss"]) for entry in history if "loss" in entry),
        tokens=int(max((entry.get("num_tokens", 0) for entry in history), default=0)),
        seconds=time.monotonic() - started,
        batch=batch,
        processes=trainer.accelerator.num_processes,
    )


def _rejected(rows: Sequence[Row]) -> int:
    return sum(row.kind is Kind.REJECTED for row in rows)


class _Watch(TrainerCallback):  # type: ignore[misc]  # transformers is not typed
    """Tells every step, and breaks off at a stop, at the time limit, or at a loss that is not a number."""

    def __init__(self, tell: Tell, seconds: float) -> None:
        self._tell = tell
        self._seconds = seconds
        self._started = time.monotonic()
        self._first = 0

    def on_train_begin(self, _args: TrainingArguments, state: TrainerState, _control: TrainerControl, **_: Any) -> None:
        """A resumed run begins at its checkpoint's step."""
        self._started, self._first = time.monotonic(), state.global_step
        self._say(state, None)

    def on_log(
        self, _args: TrainingArguments, state: TrainerState, _control: TrainerControl, logs: dict[str, Any], **_: Any
    ) -> None:
        """After every step."""
        loss = logs.get("loss")
        if loss is None:
            return
        if not math.isfinite(loss) or not math.isfinite(logs.get("grad_norm", 0.0)):
            raise TrainingFailed(
                f"The loss stopped being a number at step {state.global_step}. A smaller learning rate usually helps."
            )
        self._say(state, loss)
        if time.monotonic() - self._started > self._seconds:
            raise TrainingFailed(
                f"Training took longer than the {self._seconds / 3600:g} hours that its recipe allows, "
                f"and had come to step {state.global_step} of {state.max_steps}."
            )

    def _say(self, state: TrainerState, loss: float | None) -> None:
        done = state.global_step - self._first
        pace = (time.monotonic() - self._started) / done if done else 0.0
        if not self._tell(Step(state.global_step, state.max_steps, loss, pace * (state.max_steps - state.global_step))):
            raise TrainingStopped("The run was stopped.")


def _as_failure(error: Exception) -> Exception:
    """A full disk as a plain failure, however deep in a library it was met; anything else as it is."""
    full = isinstance(error, OSError) and error.errno in FULL_DISK
    # safetensors and torch wrap the system's error in their own, with its number or words in the text.
    if full or any(
        sign in str(error) for sign in ("os error 28", "os error 27", "No space left", "PytorchStreamWriter")
    ):
        return TrainingFailed(
            "The disk took no more data while the adapter was saved. Free some space and start again."
        )
    return error
