"""A frozen data set as chats, one JSON object a line with `messages`: what TRL, Axolotl and others train on.

The prompts are answering's own, and the rows those that Journeyman itself trains on.
"""

import json
import random
import sys
from collections.abc import Iterator

from core.answering.models.messages import as_messages
from core.curation.frozen_set import FrozenExample, FrozenSet, Split
from core.training.recipes import DataPart
from core.training.rows import Kind, Row, closed_book, open_book, training_rows


def chats(frozen_set: FrozenSet, split: Split, part: DataPart, seed: int) -> Iterator[str]:
    """The lines of one side. Training rows are as `part` says; of the hold-out each example comes once, open book."""
    rows = training_rows(frozen_set, part, _room_for_all, seed) if split is Split.TRAIN else _held_out(frozen_set, part)
    for row in rows:
        if row.kind is not Kind.REJECTED:
            messages = [*as_messages(row.prompt), {"role": "assistant", "content": row.answer}]
            yield json.dumps({"messages": messages}, ensure_ascii=False)


def _held_out(frozen_set: FrozenSet, part: DataPart) -> Iterator[Row]:
    for example in frozen_set.of(Split.HOLDOUT):
        yield _asked(example, part) or closed_book(example)


def _asked(example: FrozenExample, part: DataPart) -> Row | None:
    luck = random.Random(example.id)  # noqa: S311 - nothing secret
    return open_book(example, part.distractors, _room_for_all, luck) if example.sources else None


def _room_for_all(_prompt: object) -> int:
    """Whoever trains on the export cuts by a tokenizer of their own."""
    return sys.maxsize
