"""Whether what was found answers the question at all; if not, the honest reply is "I don't know"."""

from core.knowledge.retrieval import Found

RELEVANT_FROM = 0.85
"""Calibrated by `benchmarks/abstention.py`."""


def evidence(found: Found) -> float:
    """How much speaks for the passage being about what was asked: in meaning, and in the words of the question."""
    return found.similarity + found.coverage


def is_relevant(found: Found) -> bool:
    """Whether an answer may rest on the passage."""
    return evidence(found) >= RELEVANT_FROM
