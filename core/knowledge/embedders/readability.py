"""How well a model reads a text, told by its vocabulary."""

import unicodedata
from collections.abc import Callable, Sequence

from core.knowledge.stores.terms import words_in

LETTERS_PER_TOKEN = 1.5
"""A word in another script with fewer letters a token is spelled out: the vocabulary has no words in that script."""


def readability(text: str, tokens_of: Callable[[str], Sequence[object]], unknown: object) -> float:
    """The share of words that are one token, less the share of those in other scripts than Latin that are unknown or
    spelled out, in 0…1. Without the latter, a Greek question with names in Latin letters would pass for English.

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
