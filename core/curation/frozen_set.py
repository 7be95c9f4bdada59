"""A frozen data set: approved examples as they stood one night, named by the hash of their content, never changed."""

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from core.answering.models.language_model import Source

FORGOTTEN = "forgotten"
"""The only field of a row that is forgotten: the hash of what it was."""


class Split(StrEnum):
    """Which side an example is on, for ever."""

    TRAIN = "train"
    HOLDOUT = "holdout"


@dataclass(frozen=True)
class FrozenExample:
    """One approved question and answer with the passages it rested on.

    `group` is shared by paraphrases and by all questions of one thread: a group never straddles the split.
    `answer` cites `sources` by their markers. `distractors` are passages that were near but not cited (RAFT).
    `rejected` are answers to this question, from these sources, that were voted down. `beside` names what the
    distractors are from, by the subjects of the tombstones that it would get.
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
    beside: tuple[str, ...] = ()


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
    _write(path, [_line(example) for example in frozen_set.examples])
    return path


def _write(path: Path, lines: Iterable[str]) -> None:
    # The name is the same each time, so that what a killed writer left is written over by the next.
    partial = path.with_suffix(".partial")
    partial.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    partial.replace(path)


def load(path: Path) -> FrozenSet:
    """Read a set that `save` wrote, without the rows that were forgotten since."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return FrozenSet(path.stem, tuple(_example(row) for row in rows if FORGOTTEN not in row))


def forget_rows(path: Path, example_ids: Collection[str]) -> None:
    """Replace these examples' rows by the hash that each had, marked as forgotten; the set keeps its name."""
    _write(path, [_unless_forgotten(line, example_ids) for line in path.read_text("utf-8").splitlines()])


def _unless_forgotten(line: str, example_ids: Collection[str]) -> str:
    if json.loads(line).get("id") not in example_ids:
        return line
    return json.dumps({FORGOTTEN: hashlib.sha256(line.encode()).hexdigest()})


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
        beside=tuple(fields["beside"]),  # type: ignore[arg-type]  # JSON is untyped
    )
