"""Whether what was found answers the question at all; if not, the honest reply is "I don't know"."""

from core.knowledge.retrieval import Found

RELEVANT_FROM = 0.9
"""Where nine of ten answerable questions of XQuAD (en, de, es) are answered, and a third of those whose paragraph was
taken out: evidence tells the two apart with an AUROC of .90 (`benchmarks/abstention.py`)."""


CERTAIN_FROM = 1.1
"""Below this an answer comes with a caution. Of XQuAD's English questions three of four reach it, and one in ten of
those whose paragraph was taken out."""


def evidence(found: Found) -> float:
    """How much speaks for the passage being about what was asked: in meaning, and in the words of the question."""
    return found.similarity + found.coverage


def is_relevant(found: Found) -> bool:
    """Whether an answer may rest on the passage."""
    return evidence(found) >= RELEVANT_FROM


def is_certain(found: Found) -> bool:
    """Whether an answer may rest on the passage without a word of caution."""
    return evidence(found) >= CERTAIN_FROM
