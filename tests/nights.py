"""What tests of training need: examples of an invented trade, a recipe of seconds, settings, and rows in the record."""

from collections.abc import Iterable
from pathlib import Path

from core.answering.models.language_model import Source
from core.curation.frozen_set import FrozenExample, FrozenSet, Split, frozen
from core.records.examples import ExampleOrigin, ExampleState, TrainingExample
from core.records.unit_of_work import Record
from core.settings import Settings
from core.training.recipes import FOLDER

CHANGES = {
    "epochs = 4": "epochs = 2",
    "max_tokens = 512": "max_tokens = 1024",
    "checkpoint_steps = 10": "checkpoint_steps = 2",
    "answer_tokens = 48": "answer_tokens = 8",
    "questions = 60": "questions = 20",
}


def quick_recipe(folder: Path, **changes: str) -> str:
    """The path of a recipe like `tiny`, over in seconds; `changes` are lines by their first word."""
    text = (FOLDER / "tiny.toml").read_text("utf-8")
    for old, new in CHANGES.items():
        assert old in text
        text = text.replace(old, new)
    for name, line in changes.items():
        lines = text.splitlines()
        assert any(one.startswith(f"{name} =") for one in lines), name
        text = "\n".join(f"{name} = {line}" if one.startswith(f"{name} =") else one for one in lines)
    path = folder / "quick.toml"
    path.write_text(text, "utf-8")
    return str(path)


def example(number: int, *, split: Split = Split.TRAIN, **given: object) -> FrozenExample:
    """Example `number` of the valve trade."""
    fields: dict[str, object] = {
        "id": f"example-{number}",
        "group": f"group-{number}",
        "split": split,
        "question": f"At what pressure does valve A{number} run?",
        "answer": f"Valve A{number} runs at {number * 3} bar [1].",
        "sources": (Source(1, "#ops, Ana", f"Valve A{number} runs at {number * 3} bar. It is in hall {number % 7}."),),
        "distractors": tuple(Source(n + 2, "#ops, Ben", f"Valve B{n} runs at {n * 5} bar.") for n in range(2)),
        "approved_by": ("U1", "U2") if number % 2 else ("U1",),
    }
    return FrozenExample(**fields | given)  # type: ignore[arg-type]


def valves(train: int = 12, held_out: int = 20) -> FrozenSet:
    """A data set of the valve trade."""
    return frozen(
        [example(n) for n in range(train)] + [example(n, split=Split.HOLDOUT) for n in range(train, train + held_out)]
    )


def keep_examples(record: Record, examples: Iterable[FrozenExample]) -> None:
    """Approved rows for these examples, so that they count as not forgotten."""
    with record() as work:
        for one in examples:
            work.examples.add(
                TrainingExample(
                    id=one.id,
                    workspace_id="T1",
                    origin=ExampleOrigin.TAUGHT,
                    state=ExampleState.APPROVED,
                    channel_id="C1",
                    thread="C1:1",
                    audience="public",
                    question=one.question,
                    answer=one.answer,
                    proposed_by="U1",
                )
            )
        work.commit()


def night_settings(folder: Path, base: Path, recipe: str, **given: object) -> Settings:
    """Settings of an installation in `folder` whose base model is `base`."""
    return Settings(
        _env_file=None,
        data_dir=folder / "data",
        database_url=f"sqlite:///{folder / 'record.db'}",
        phi3_model=str(base),
        recipe=recipe,
        **given,  # type: ignore[arg-type]
    )
