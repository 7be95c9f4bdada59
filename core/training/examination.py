"""An examination: what every model is asked, and what each replied."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from core.answering.models.language_model import Prompt, Source
from core.training.rows import Kind, Row

SECTIONS = ("open_book", "closed_book", "unanswerable", "manners")


@dataclass(frozen=True)
class Paper:
    """What every model is asked, the same rows for all: with passages, from memory, unanswerable, general.

    The first two hold the same examples in the same order.
    """

    open_book: tuple[Row, ...]
    closed_book: tuple[Row, ...]
    unanswerable: tuple[Row, ...]
    manners: tuple[Row, ...]


@dataclass(frozen=True)
class Reply:
    """A model's reply to one row: nats a token that it needs for the approved answer, what it writes, and how long."""

    nll: float
    text: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Answered:
    """One model's replies, in the paper's order. `memory_mb`: the most it took while answering."""

    open_book: tuple[Reply, ...]
    closed_book: tuple[Reply, ...]
    unanswerable: tuple[Reply, ...]
    manners: tuple[Reply, ...]
    memory_mb: float = 0.0


@dataclass(frozen=True)
class Examination:
    """The paper, and the models that wrote it: `base`, `candidate`, and `live` when an adapter serves."""

    paper: Paper
    models: dict[str, Answered]

    def save(self, path: Path) -> None:
        """Write it whole or not at all."""
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(asdict(self), ensure_ascii=False), "utf-8")
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote."""
        told = json.loads(path.read_text("utf-8"))
        paper = Paper(**{part: tuple(_row(row) for row in told["paper"][part]) for part in SECTIONS})
        models = {name: _answered(one) for name, one in told["models"].items()}
        return cls(paper, models)


def _answered(told: dict[str, Any]) -> Answered:
    replies = {part: tuple(Reply(**reply) for reply in told[part]) for part in SECTIONS}
    return Answered(**replies, memory_mb=told["memory_mb"])


def _row(told: dict[str, Any]) -> Row:
    prompt = told["prompt"]
    sources = tuple(Source(**source) for source in prompt["sources"])
    return Row(
        prompt=Prompt(prompt["instructions"], sources, (), prompt["question"]),
        answer=told["answer"],
        kind=Kind(told["kind"]),
        example_id=told["example_id"],
        gold=tuple(told["gold"]),
    )
