"""How well a model reads a text, told by its vocabulary."""

import unicodedata
from collections.abc import Callable, Sequence

from core.knowledge.stores.terms import words_in

LETTERS_PER_TOKEN = 1.5
"""A word in other letters than Latin that has fewer is spelled out: the vocabulary has no words in that script."""


def readability(text: str, tokens_of: Callable[[str], Sequence[object]], unknown: object) -> float:
    """The share (0…1) of words that the vocabulary holds whole, less the share of those that it spells out letter by
    letter or does not know: the names in Latin letters that stand in a Greek or Chinese question make it no English.

    `tokens_of` gives a word's tokens, `unknown` is the one for what has none.
    """
    read = [(word, tokens_of(word)) for word in words_in(text) if _tells(word)]
    foreign = sum(_is_foreign(word, tokens, unknown) for word, tokens in read)
    whole = sum(len(tokens) == 1 and unknown not in tokens for _, tokens in read)
    return max(0, whole - foreign) / max(1, len(read))


def _tells(word: str) -> bool:
    """Numbers are the same in every language, and every vocabulary holds single letters."""
    return not any(character.isdigit() for character in word) and (len(word) > 1 or word.isascii())


def _is_foreign(word: str, tokens: Sequence[object], unknown: object) -> bool:
    if unicodedata.name(word[0], "").startswith("LATIN"):
        return False
    return unknown in tokens or len(word) < LETTERS_PER_TOKEN * len(tokens)
