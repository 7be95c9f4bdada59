"""What must not be learned from: a hold-out that leaks, and answers that their own passages belie."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.curation.frozen_set import FrozenExample, FrozenSet, Split, frozen
from core.errors import TrainingFailed
from core.training.scores import LONG_WORD, token_f1, without_markers, words

Embed = Callable[[Sequence[str]], NDArray[np.float32]]

SAME_QUESTION = 0.95
"""Cosine from which two questions count as one, if their answers overlap by SAME_ANSWER (token F1)."""
SAME_ANSWER = 0.9

CARRIED = 0.5
"""Share of an answer's telling words that its passages must carry."""
MANY_BELIED = 0.15
"""Share of examples that their own passages belie, from which the whole set is suspect."""


def refuse_leaks(frozen_set: FrozenSet, embed: Embed) -> None:
    """Raises TrainingFailed when a held-out question is trained on, be it in other words."""
    train, held_out = frozen_set.of(Split.TRAIN), frozen_set.of(Split.HOLDOUT)
    if not train or not held_out:
        return
    alike = embed([e.question for e in held_out]) @ embed([e.question for e in train]).T >= SAME_QUESTION
    for row, column in np.argwhere(alike):
        if token_f1(held_out[row].answer, train[column].answer) >= SAME_ANSWER:
            raise TrainingFailed(
                "A held-out question is also trained on, in the same or other words, so the examination would prove "
                f"nothing (examples {held_out[row].id} and {train[column].id})."
            )


def without_belied(frozen_set: FrozenSet) -> tuple[FrozenSet, int]:
    """The set without training examples whose passages do not carry their answer, and how many those are.

    Raises TrainingFailed when they are many: then votes were given without reading, or in bad faith.
    """
    sourced = [example for example in frozen_set.examples if example.sources]
    belied = {example.id for example in sourced if not is_carried(example)}
    if sourced and len(belied) > MANY_BELIED * len(sourced):
        raise TrainingFailed(
            f"{len(belied)} of {len(sourced)} approved answers do not rest on the passages that they cite. "
            "Please review the newest approvals: nothing is learned from a set like this."
        )
    kept = tuple(e for e in frozen_set.examples if e.split is Split.HOLDOUT or e.id not in belied)
    return frozen(kept), len(frozen_set.examples) - len(kept)


def is_carried(example: FrozenExample) -> bool:
    """Whether the passages carry the answer: half of its telling words, and every number in it."""
    given = set(words(" ".join([*(source.text for source in example.sources), example.question])))
    told = [word for word in words(without_markers(example.answer)) if len(word) >= LONG_WORD or not word.isascii()]
    numbers = {word for word in words(without_markers(example.answer)) if any(letter.isdigit() for letter in word)}
    if not told and not numbers:
        return False
    return numbers <= given and sum(word in given for word in told) >= CARRIED * len(told)
