"""Question groups: paraphrases and the questions of one thread share a group, and a group never straddles the split."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence

import numpy as np

from core.curation.frozen_set import Split
from core.curation.hygiene import Embed
from core.records.examples import TrainingExample

PARAPHRASE = 0.85
"""Questions at least this similar in meaning (cosine) are taken to ask the same."""

HOLDOUT_SHARE = 0.2


def split_of(group: str) -> Split:
    """The side that a group is on, for ever: decided by its name alone."""
    bucket = int.from_bytes(hashlib.sha256(group.encode()).digest()[:8]) / 2**64
    return Split.HOLDOUT if bucket < HOLDOUT_SHARE else Split.TRAIN


def normalised(question: str) -> str:
    """The question without case, accents' encoding, punctuation and doubled spaces."""
    folded = unicodedata.normalize("NFKC", question).casefold()
    return " ".join(re.findall(r"\w+", folded))


def group_new(examples: Sequence[TrainingExample], embed: Embed) -> dict[str, str]:
    """Groups for the examples that have none yet: example id → group.

    A new example joins the oldest group that it shares a thread or a question with; without one, its id is the group.
    Groups that were given stay as they are, so that nothing ever changes sides.
    """
    if not examples:
        return {}
    vectors = embed([example.question for example in examples])
    texts = [normalised(example.question) for example in examples]
    groups = [example.question_group for example in examples]
    given: dict[str, str] = {}
    for new, example in enumerate(examples):
        if groups[new]:
            continue
        similar = vectors @ vectors[new] >= PARAPHRASE
        akin = [
            groups[old]
            for old in range(len(examples))
            if groups[old] and (similar[old] or texts[old] == texts[new] or examples[old].thread == example.thread)
        ]
        groups[new] = given[example.id] = akin[0] if akin else example.id
    return given


def straddling(examples: Sequence[TrainingExample], embed: Embed) -> set[str]:
    """Ids of training-side examples that are too near to something on the hold-out side.

    Groups are given once, so a later example can be akin to groups on both sides; then it cannot be trained on.
    """
    sides = np.array([split_of(example.question_group) is Split.HOLDOUT for example in examples], dtype=bool)
    if not sides.any() or sides.all():
        return set()
    vectors = embed([example.question for example in examples])
    texts = [normalised(example.question) for example in examples]
    threads = [example.thread for example in examples]
    held_texts = {text for text, held in zip(texts, sides, strict=True) if held}
    held_threads = {thread for thread, held in zip(threads, sides, strict=True) if held}
    nearest = (vectors @ vectors[sides].T).max(axis=1)
    return {
        example.id
        for place, example in enumerate(examples)
        if not sides[place]
        and (nearest[place] >= PARAPHRASE or texts[place] in held_texts or threads[place] in held_threads)
    }
