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
    """How much of the question the passage speaks of, in 0…1: its content terms, and the pieces of its words.

    Forms of a word count as the word; pieces find the parts of compound words.
    """
    wanted = content_terms(question)
    if not wanted:
        return 0.0
    said = terms_of(passage)
    words = _share_of_words(wanted, set(said.words))
    pieces = set(terms_of(question).pieces)
    return (words + len(pieces & set(said.pieces)) / len(pieces)) / 2 if pieces else words


def _share_of_words(wanted: set[str], there: set[str]) -> float:
    beginnings = {term[:INFLECTION] for term in there if len(term) >= INFLECTION}
    found = sum(term in there or (len(term) > INFLECTION and term[:INFLECTION] in beginnings) for term in wanted)
    return found / len(wanted)


def _carries(term: str) -> bool:
    return (
        len(term) >= CARRIES_FROM
        or any(character.isdigit() for character in term)
        or UNSPACED_START.match(term) is not None
    )
