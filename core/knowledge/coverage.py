"""How much of a question a passage speaks of, in any language."""

from core.knowledge.stores.terms import UNSPACED_START, terms_of

CARRIES_FROM = 4
"""Shorter words are mostly grammar, in most languages that part their words; numbers always carry meaning."""

INFLECTION = 5
"""Characters at the start of two words that make them forms of one."""


def content_terms(question: str) -> set[str]:
    """The terms that carry the question: its longer words, or all of them where there are none."""
    every = set(terms_of(question).words)
    carrying = {term for term in every if _carries(term)}
    return carrying or every


def coverage(question: str, passage: str) -> float:
    """The share of the question's content terms that the passage contains, in 0…1; forms of a word count."""
    wanted = content_terms(question)
    if not wanted:
        return 0.0
    there = set(terms_of(passage).words)
    beginnings = {term[:INFLECTION] for term in there if len(term) >= INFLECTION}
    found = sum(term in there or (len(term) > INFLECTION and term[:INFLECTION] in beginnings) for term in wanted)
    return found / len(wanted)


def _carries(term: str) -> bool:
    return (
        len(term) >= CARRIES_FROM
        or any(character.isdigit() for character in term)
        or UNSPACED_START.match(term) is not None
    )
