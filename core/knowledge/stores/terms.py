"""Text to search terms in every script, for a store whose own tokenizers are made for one language each.

Weaviate's `word` glues Chinese and Thai into clauses and tears Hindi at its vowel signs, its `trigram` runs across
words, and its dictionaries (`gse`, `kagome_*`) serve one language each and must be switched on in the server.
"""

import re
import sys
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from typing import NamedTuple

TERMS = 2
"""Counted up whenever the same text would be given other terms, or the same file another text (2: the tables of PDFs):
an index made with others is then made anew."""

PIECE = 4
"""Characters of a piece: pieces let inflected and compound words meet (Fehler, Fehlers, Fehlermeldung)."""

SHORTEST_IN_PIECES = 3
"""Characters of the shortest word that has a piece, so that drop is found by dropped, and sack by sacks."""

PIECE_MARK = "~"
"""Starts every piece, so that no piece is taken for a word."""

QUESTION_TERMS = 512
"""Different words of a question that are searched, and as many pieces: a pasted log would be a query of thousands."""

WORD_WEIGHT = 2
"""What a word of a question counts against a piece of a word, of which half are asked for. On XQuAD, words with pieces
put the right paragraph first for .944 of the English questions, .934 of the German, .935 of the Spanish; words alone
for .919, .848 and .907. With all pieces, and 3 for a word, it is the same but for five questions of 1190."""

REMEMBERED = 256
"""Texts whose terms are kept: a passage's are asked for again with each passage beside it."""

LETTERS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
SYLLABLES = (
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # kana and Han
    "\uac00-\ud7af"  # Hangul has spaces, but its particles cling to the words
)
RUNS = re.compile(f"[{LETTERS}]+|[{SYLLABLES}]+|[^{LETTERS}{SYLLABLES}]+")
UNSPACED_START = re.compile(f"[{LETTERS}{SYLLABLES}]")
LETTERS_START = re.compile(f"[{LETTERS}]")


class Terms(NamedTuple):
    """What a text is found by.

    In scripts without spaces the words are every two neighbouring characters; or every four, where a character is a
    letter and not a syllable, and the pieces then every three. (Of XQuAD's English questions, written in Thai letters
    without spaces, .915 found the right paragraph first by fours and threes, and .499 by twos.)
    """

    words: list[str]
    pieces: list[str]


@lru_cache(REMEMBERED)
def terms_of(text: str) -> Terms:
    """The terms of a text, in its order, repeats included; case, accents and width do not matter.

    The lists are remembered for whoever asks next: read them only.
    """
    return _terms(text, _pieces)


def query_terms(question: str) -> Terms:
    """What a question is searched by: each different word, and of its pieces every other one and the last.

    Pieces overlap, so half of them tell nearly as much, and looking for them takes two thirds of the time. Of words and
    of pieces there are QUESTION_TERMS at most.
    """
    words, pieces = _terms(question, _every_other_piece)
    return Terms(_different(words), _different(pieces))


def _different(terms: list[str]) -> list[str]:
    return list(dict.fromkeys(terms))[:QUESTION_TERMS]


def _terms(text: str, pieces_of: Callable[[str], list[str]]) -> Terms:
    terms = Terms([], [])
    for found in _word_pattern().findall(_folded(text)):
        for run in RUNS.findall(found):
            if LETTERS_START.match(run):
                terms.words.extend(_stretches(run, 4))
                terms.pieces.extend(PIECE_MARK + stretch for stretch in _stretches(run, 3))
            elif UNSPACED_START.match(run):
                terms.words.extend(_stretches(run, 2))
            else:
                terms.words.append(run)
                terms.pieces.extend(pieces_of(run))
    return terms


def words_in(text: str) -> list[str]:
    """The words as they are written; in scripts without spaces, every two neighbouring characters."""
    found = _word_pattern().findall(unicodedata.normalize("NFC", text))
    runs = [run for word in found for run in RUNS.findall(word)]
    return [word for run in runs for word in (_stretches(run, 2) if UNSPACED_START.match(run) else [run])]


def _stretches(run: str, length: int) -> list[str]:
    """Every so many neighbouring characters; a shorter run as it is."""
    return [run[at : at + length] for at in range(max(1, len(run) - length + 1))]


def _pieces(word: str) -> list[str]:
    if len(word) < SHORTEST_IN_PIECES:
        return []
    anchored = f"^{word}"  # the beginning of a word says more than its end
    return [PIECE_MARK + stretch for stretch in _stretches(anchored, PIECE)]


def _every_other_piece(word: str) -> list[str]:
    pieces = _pieces(word)
    return pieces[::2] + pieces[-1:] * (len(pieces) % 2 == 0)


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()  # the same, sooner
    apart = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFKC", "".join(c for c in apart if not _is_accent(c)))


def _is_accent(character: str) -> bool:
    """Accents, Hebrew points and Arabic vowels; the marks of Thai, Hindi or kana make other words and stay."""
    place = unicodedata.combining(character)
    return place >= 200 or 10 <= place <= 35


@cache
def _word_pattern() -> re.Pattern[str]:
    """Letters, digits and the marks that belong to letters, which Python's own word characters leave out."""
    marks = "".join(
        character for character in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(character)[0] == "M"
    )
    return re.compile(f"(?:[^\\W_]|[{marks}])+")
