"""How much of a question a passage speaks of, in any language."""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from math import log
from typing import NamedTuple

from core.knowledge.stop_words import is_content_word
from core.knowledge.stores.terms import UNSPACED_START, terms_of

CARRIES_FROM = 4
"""Letters from which a word counts as a content word: shorter ones are mostly grammar. Numbers always count."""

INFLECTION = 5
"""Characters at the start of two words that make them forms of one."""

ENDING = 3
"""Characters at most that an inflected word has more than a word that it begins with: drop, dropped."""

AMONG = 50
"""Rarity (IDF) is computed as if among at least so many passages: in a handful every word would seem common."""


class Held(NamedTuple):
    """The different terms of a text, and the beginnings by which forms of a word are known."""

    words: frozenset[str]
    pieces: frozenset[str]
    beginnings: frozenset[str]


def content_terms(question: str) -> set[str]:
    """The terms that carry the question: its longer words that are no grammar, or all where there are none."""
    every = set(terms_of(question).words)
    longer = {term for term in every if _carries(term)}
    return {term for term in longer if is_content_word(term)} or longer or every


class Coverage:
    """How much of a question each passage speaks of, in 0…1. A term counts more the fewer of the candidates hold it.

    Words count as one half and their pieces, which find the parts of compound words, as the other.
    """

    def __init__(self, question: str, candidates: Sequence[str]) -> None:
        held = [_held(text) for text in candidates]
        words = content_terms(question)
        self._words = _weighed({word: sum(_holds(each, word) for each in held) for word in words}, len(held))
        seen = Counter(piece for each in held for piece in each.pieces)
        self._pieces = _weighed({piece: seen[piece] for piece in terms_of(" ".join(words)).pieces}, len(held))

    def of(self, text: str) -> float:
        """Of this text."""
        held = _held(text)
        words = _share(self._words, {word for word in self._words if _holds(held, word)})
        return (words + _share(self._pieces, held.pieces)) / 2 if self._pieces else words


def _held(text: str) -> Held:
    terms = terms_of(text)
    words = frozenset(terms.words)
    beginnings = frozenset(word[:INFLECTION] for word in words if len(word) >= INFLECTION)
    return Held(words, frozenset(terms.pieces), beginnings)


def _holds(held: Held, word: str) -> bool:
    """Whether the word stands there, or a form of it."""
    if word in held.words:
        return True
    if len(word) > INFLECTION and word[:INFLECTION] in held.beginnings:
        return True
    return any(word[:end] in held.words for end in range(max(CARRIES_FROM, len(word) - ENDING), len(word)))


def _weighed(holders: Mapping[str, int], candidates: int) -> dict[str, float]:
    """Each term's weight: what none of the candidates holds weighs as much as what one does."""
    among = max(AMONG, candidates)
    return {term: log(1 + (among - max(count, 1) + 0.5) / (max(count, 1) + 0.5)) for term, count in holders.items()}


def _share(weights: Mapping[str, float], held: Set[str]) -> float:
    whole = sum(weights.values())
    return sum(weight for term, weight in weights.items() if term in held) / whole if whole else 0.0


def _carries(term: str) -> bool:
    return (
        len(term) >= CARRIES_FROM
        or any(character.isdigit() for character in term)
        or UNSPACED_START.match(term) is not None
    )
