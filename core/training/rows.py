"""From a frozen data set to training rows: the very prompts that answering writes, each with the answer to learn."""

import json
import random
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path

from core.answering.language import guess_language
from core.answering.models.language_model import Prompt, Source
from core.answering.neutralising import neutralised
from core.answering.phrases import phrases_for
from core.answering.prompt import fit_prompt
from core.curation.frozen_set import FrozenExample, FrozenSet, Split
from core.knowledge.retrieval import Found
from core.training.recipes import DataPart

REPLAY = Path(__file__).parent / "replay.jsonl"

FROM_MEMORY = "You are Journeyman. You answer a team's questions from what you have learned from the team."
"""Instructions where no passage is shown. They differ from answering's, which forbid to answer without a source."""

_MARKER = re.compile(r"(\s*)\[(\d{1,3})\]")

RoomFor = Callable[[Prompt], int]
"""Tokens left for sources and answer after this prompt; negative when it does not fit."""


class Kind(StrEnum):
    """What a row teaches."""

    OPEN_BOOK = "open book"
    CLOSED_BOOK = "closed book"
    UNANSWERABLE = "unanswerable"
    REPLAY = "replay"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Row:
    """A prompt and the answer that is right for it (for REJECTED: that was voted down).

    `gold` are the markers, in this prompt, of the passages that the approved answer rested on.
    """

    prompt: Prompt
    answer: str
    kind: Kind
    example_id: str = ""
    gold: tuple[int, ...] = ()


@dataclass(frozen=True)
class General:
    """A general question and answer that comes with Journeyman."""

    question: str
    answer: str
    kind: str


def training_rows(frozen_set: FrozenSet, part: DataPart, room_for: RoomFor, seed: int) -> list[Row]:
    """The rows of the training side, shuffled; the same set, settings and seed give the same rows."""
    rows: list[Row] = []
    for example in frozen_set.of(Split.TRAIN):
        rows += _rows_of(example, part, room_for, seed)
    luck = random.Random(seed)  # noqa: S311 - nothing secret
    wanted = round(len(rows) * part.replay)
    general = general_examples(Split.TRAIN)
    rows += [general_row(one) for one in luck.sample(general, min(wanted, len(general)))]
    luck.shuffle(rows)
    return rows


def open_book(example: FrozenExample, distractors: int, room_for: RoomFor, luck: random.Random) -> Row | None:
    """The example with its passages among others, in an order that chance gives; None when it cannot be made to fit.

    Places in the prompt must not tell which passage is the right one, so markers are given anew, in the answer too.
    """
    for others in range(min(distractors, len(example.distractors)), -1, -1):
        shown = [*example.sources, *luck.sample(example.distractors, others)]
        luck.shuffle(shown)
        prompt = _prompt(example.question, shown, room_for)
        if prompt is None:
            continue
        numbers = {source.marker: rank for rank, source in enumerate(shown, 1) if source in example.sources}
        gold = tuple(sorted(numbers.values()))
        return Row(prompt, _renumbered(example.answer, numbers), Kind.OPEN_BOOK, example.id, gold)
    return None


def closed_book(example: FrozenExample) -> Row:
    """The example from memory alone; markers would point at nothing."""
    prompt = Prompt(FROM_MEMORY, (), (), neutralised(example.question))
    return Row(prompt, _renumbered(example.answer, {}), Kind.CLOSED_BOOK, example.id)


def unanswerable(example: FrozenExample, distractors: int, room_for: RoomFor, luck: random.Random) -> Row | None:
    """The question beside passages that do not tell: the right answer is to say so. None where there are none."""
    shown = luck.sample(example.distractors, min(max(1, distractors), len(example.distractors)))
    prompt = _prompt(example.question, shown, room_for) if shown else None
    if prompt is None:
        return None
    return Row(prompt, phrases_for(guess_language(example.question)).unknown, Kind.UNANSWERABLE, example.id)


def general_row(one: General) -> Row:
    """A general example as a row."""
    return Row(Prompt(FROM_MEMORY, (), (), one.question), one.answer, Kind.REPLAY)


@cache
def general_examples(split: Split) -> tuple[General, ...]:
    """The general examples of one side; the held-out ones measure whether manners stay."""
    lines = [json.loads(line) for line in REPLAY.read_text("utf-8").splitlines()]
    return tuple(General(one["question"], one["answer"], one["kind"]) for one in lines if one["split"] == split)


def _rows_of(example: FrozenExample, part: DataPart, room_for: RoomFor, seed: int) -> Iterator[Row]:
    shown = open_book(example, part.distractors, room_for, _luck(seed, example)) if example.sources else None
    if shown:
        yield shown
        for text in example.rejected:
            bad = replace(example, answer=text)
            if row := open_book(bad, part.distractors, room_for, _luck(seed, example)):
                yield replace(row, kind=Kind.REJECTED)
    luck = random.Random(f"{seed}:{example.id}:more")  # noqa: S311 - nothing secret
    if not example.sources or luck.random() < part.closed_book:
        yield closed_book(example)
    if luck.random() < part.without_oracle and (row := unanswerable(example, part.distractors, room_for, luck)):
        yield row


def _luck(seed: int, example: FrozenExample) -> random.Random:
    """The same for an example's approved and rejected answers, so that both stand under one prompt."""
    return random.Random(f"{seed}:{example.id}")  # noqa: S311 - nothing secret


def _renumbered(answer: str, numbers: Mapping[int, int]) -> str:
    """The answer with its markers given anew, and without those that are not in `numbers`."""

    def new(found: re.Match[str]) -> str:
        number = numbers.get(int(found[2]))
        return f"{found[1]}[{number}]" if number else ""

    return _MARKER.sub(new, answer).strip()


def _prompt(question: str, shown: Sequence[Source], room_for: RoomFor) -> Prompt | None:
    """Answering's own prompt for these passages, best first; None when they do not fit whole."""
    prompt = fit_prompt(question, [as_found(source) for source in shown], (), lambda _: sys.maxsize).prompt
    return prompt if room_for(prompt) >= 0 else None


def as_found(source: Source) -> Found:
    """A frozen passage as if retrieval had found it."""
    return Found(
        passage_id="",
        document_id="",
        source=source.name,
        link="",
        quote=source.text,
        context="",
        header="",
        audience="",
        said_at=None,
        place="",
        score=0.0,
        similarity=0.0,
        coverage=0.0,
    )
