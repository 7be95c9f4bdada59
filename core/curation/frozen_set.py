"""A frozen data set: approved examples as they stood one night, named by the hash of their content, never changed."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from core.answering.models.language_model import Source


class Split(StrEnum):
    """Which side an example is on, for ever."""

    TRAIN = "train"
    HOLDOUT = "holdout"


@dataclass(frozen=True)
class FrozenExample:
    """One approved question and answer with the passages it rested on.

    `group` is shared by paraphrases and by all questions of one thread: a group never straddles the split.
    `answer` cites `sources` by their markers. `distractors` are passages that were near but not cited (RAFT).
    `rejected` are answers to this question, from these sources, that were voted down.
    """

    id: str
    group: str
    split: Split
    question: str
    answer: str
    sources: tuple[Source, ...] = ()
    distractors: tuple[Source, ...] = ()
    approved_by: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()


@dataclass(frozen=True)
class FrozenSet:
    """Examples in the order of their ids, and the name that their content gives them."""

    name: str
    examples: tuple[FrozenExample, ...]

    def of(self, split: Split) -> tuple[FrozenExample, ...]:
        """The examples of one side."""
        return tuple(example for example in self.examples if example.split is split)


def frozen(examples: Iterable[FrozenExample]) -> FrozenSet:
    """The set of these examples: the same content has the same name, whatever the order given."""
    ordered = tuple(sorted(examples, key=lambda example: example.id))
    content = "\n".join(_line(example) for example in ordered)
    return FrozenSet(hashlib.sha256(content.encode()).hexdigest()[:16], ordered)


def save(frozen_set: FrozenSet, folder: Path) -> Path:
    """Write the set as JSON lines to `folder/NAME.jsonl`, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{frozen_set.name}.jsonl"
    partial = path.with_suffix(".partial")
    partial.write_text("".join(_line(example) + "\n" for example in frozen_set.examples), encoding="utf-8")
    partial.replace(path)
    return path


def load(path: Path) -> FrozenSet:
    """Read a set that `save` wrote."""
    return FrozenSet(path.stem, tuple(_example(json.loads(line)) for line in path.read_text("utf-8").splitlines()))


def _line(example: FrozenExample) -> str:
    return json.dumps(asdict(example), ensure_ascii=False, sort_keys=True)


def _example(fields: dict[str, object]) -> FrozenExample:
    def sources(name: str) -> tuple[Source, ...]:
        return tuple(Source(**source) for source in fields[name])  # type: ignore[attr-defined]  # JSON is untyped

    return FrozenExample(
        id=str(fields["id"]),
        group=str(fields["group"]),
        split=Split(str(fields["split"])),
        question=str(fields["question"]),
        answer=str(fields["answer"]),
        sources=sources("sources"),
        distractors=sources("distractors"),
        approved_by=tuple(fields["approved_by"]),  # type: ignore[arg-type]  # JSON is untyped
        rejected=tuple(fields["rejected"]),  # type: ignore[arg-type]  # JSON is untyped
    )
