"""Whether what was found answers the question at all; if not, the honest reply is "I don't know"."""

from core.knowledge.retrieval import Found

RELEVANT_FROM = 0.85
"""Least evidence for an answer. Of XQuAD's questions (en, de, es) 14 of 15 reach it, and 3 of 10 of those whose
paragraph was taken out; evidence tells the two apart with an AUROC of .93 (`benchmarks/abstention.py`)."""

CERTAIN_FROM = 1.1
"""Below this an answer comes with a caution. Of XQuAD's English questions five of six reach it, and one in ten of those
whose paragraph was taken out."""


def evidence(found: Found) -> float:
    """How much speaks for the passage being about what was asked, in 0…2: its meaning, and the words of the question.

    As far as the embedder cannot read the question, what it says of meaning is left out and words count for both.
    """
    return found.readability * found.similarity + (2 - found.readability) * found.coverage


def is_relevant(found: Found) -> bool:
    """Whether an answer may rest on the passage."""
    return evidence(found) >= RELEVANT_FROM


def is_certain(found: Found) -> bool:
    """Whether an answer may rest on the passage without a word of caution."""
    return evidence(found) >= CERTAIN_FROM
