"""What people ask of training at any time: a run now, and an end to it. Nothing heavy is loaded for that."""

from pathlib import Path
from uuid import uuid4

from core.errors import Busy, Misconfigured
from core.records.runs import TrainingRun
from core.records.unit_of_work import Record
from core.settings import Settings

_SWITCHED_OFF = (
    "Training is switched off. Whoever runs me switches it on with TRAINING_ENABLED=true, if your agreement with Slack "
    "allows to train on what is said here."
)
_NOTHING_TO_TRAIN = (
    "There is no model here that could be trained: answers are quoted from their sources. Set LANGUAGE_MODEL=phi3 and "
    "PHI3_MODEL to a Phi-3 checkpoint (a folder, or its name on the hub), then start me again."
)
_NOT_LOADED_THERE = (
    "The model server that answers here does not load adapters, so training would change nothing. If it is vLLM, start "
    "it with VLLM_ALLOW_RUNTIME_LORA_UPDATING=True and set VLLM_LOAD_ADAPTERS=true."
)


def require_trainable(settings: Settings, *, generates: bool) -> None:
    """Raises Misconfigured with what is missing for training; `generates`: whether the model writes of its own."""
    if not settings.training_enabled:
        raise Misconfigured(_SWITCHED_OFF)
    if not generates:
        raise Misconfigured(_NOTHING_TO_TRAIN)
    if settings.language_model == "openai" and not settings.vllm_load_adapters:
        raise Misconfigured(_NOT_LOADED_THERE)
    model = settings.phi3_model
    if model.startswith(("/", ".", "~")) and not (Path(model) / "config.json").is_file():
        raise Misconfigured(f"There is no checkpoint in {model}. Set PHI3_MODEL to a folder with a Phi-3 checkpoint.")


def ask_for_run(record: Record, settings: Settings, asked_by: str, told_in: str = "") -> TrainingRun:
    """A run that a worker begins at once, however little is new. Raises Busy while another has not ended."""
    night = f"asked:{uuid4().hex[:8]}"
    with record() as work:
        run = work.runs.begin(
            night, recipe=settings.recipe, base=settings.phi3_model, asked_by=asked_by, told_in=told_in
        )
        work.commit()
    if run is None:
        raise Busy("A training run is under way already. `/retrain status` tells how far it is.")
    return run


def stop_run(record: Record) -> bool:
    """Ask the run that has not ended to stop; False when there is none."""
    with record() as work:
        stopping = work.runs.want_stop() is not None
        work.commit()
    return stopping


def active_run(record: Record) -> TrainingRun | None:
    """The run that has not ended."""
    with record() as work:
        return work.runs.active()


def past_runs(record: Record, limit: int) -> list[TrainingRun]:
    """The newest runs first."""
    with record() as work:
        return work.runs.latest(limit)
