"""The examination paper: the held-out side of a frozen set as rows, the same for every model and every night."""

import hashlib
import random

from core.curation.frozen_set import FrozenExample, FrozenSet, Split
from core.training.examination import Paper
from core.training.recipes import Recipe
from core.training.rows import RoomFor, closed_book, general_examples, general_row, open_book, unanswerable

_SEED = "the paper is the same every night"


def paper_of(frozen_set: FrozenSet, recipe: Recipe, room_for: RoomFor) -> Paper:
    """Questions with the passages that retrieval found when they were asked.

    They are not looked for anew: by now the thread that holds the approved answer may itself be a passage.
    """
    held_out = sorted(frozen_set.of(Split.HOLDOUT), key=_stable)[: recipe.evaluation.questions]
    shown = recipe.data.distractors
    with_passages = (open_book(e, shown, room_for, _luck(e)) if e.sources else closed_book(e) for e in held_out)
    without_gold = (unanswerable(e, shown, room_for, _luck(e)) for e in held_out)
    return Paper(
        open_book=tuple(row or closed_book(e) for e, row in zip(held_out, with_passages, strict=True)),
        closed_book=tuple(closed_book(e) for e in held_out),
        unanswerable=tuple(row for row in without_gold if row),
        manners=tuple(general_row(one) for one in general_examples(Split.HOLDOUT)),
    )


def _stable(example: FrozenExample) -> str:
    return hashlib.sha256(example.id.encode()).hexdigest()


def _luck(example: FrozenExample) -> random.Random:
    return random.Random(f"{_SEED}:{example.id}")  # noqa: S311 - nothing secret
