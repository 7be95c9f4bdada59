"""Cuts a text that is too long at the best places it offers: paragraphs, sentences or lines, words, characters.

Every cut keeps the white space before it, so that the parts put together are the text.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator

Count = Callable[[str], int]

SENTENCE_END = re.compile(
    r"""(?:
        [.!?…]+["'”’»)\]]*\s+(?=\S)      # Latin, Greek, Cyrillic …: the stop wants white space after it
      | [。！？｡．]+[”’」』）]*\s*           # Chinese, Japanese: it does not
      | [।॥؟۔።။។៕\u037e]+["'”’»)\]]*\s+  # Devanagari, Arabic, Urdu, Ethiopic, Burmese, Khmer, Greek
      | \n\s*\n\s*                       # a paragraph ends a sentence too
    )""",
    re.VERBOSE,
)
FENCED = re.compile(r"(```.*?```\s*)", re.DOTALL)
ABBREVIATION = re.compile(
    r"(?:^|\s)(?:[A-ZÀ-Þ]|[Dd]r|[Mm]rs?|[Mm]s|[Pp]rof|[Nn]r|[Nn]o|[Ff]ig|e\.g|i\.e|z\.B|etc|vs|ca|approx)\.\s+$"
)
LIST_MARK = re.compile(r"\s*\d{1,2}[.)]\s+")
"""The number of a list's item, which is no sentence without its item."""
GLUED = ("Mn", "Mc", "Me", "Cf")  # categories of characters that belong to the one before them


def sentences(text: str) -> list[str]:
    """The sentences, each with the white space that follows it."""
    parts: list[str] = []
    start = 0
    for end in SENTENCE_END.finditer(text):
        candidate = text[start : end.end()]
        if not ABBREVIATION.search(candidate[-12:]) and not LIST_MARK.fullmatch(candidate):
            parts.append(candidate)
            start = end.end()
    if start < len(text):
        parts.append(text[start:])
    return parts


def talk(text: str) -> list[str]:
    """The sentences of a message, and the lines of the code that stands between fences in it."""
    parts: list[str] = []
    for at, stretch in enumerate(FENCED.split(text)):
        parts += lines(stretch) if at % 2 else sentences(stretch)
    return parts


def lines(text: str) -> list[str]:
    """The lines, each with its line break."""
    return text.splitlines(keepends=True)


def fitting(parts: list[str], limit: int, count: Count) -> Iterator[tuple[str, int]]:
    """The parts with their token counts, those above `limit` cut between words, or within one that is too long."""
    for part in parts:
        tokens = count(part)
        if tokens <= limit:
            yield part, tokens
        else:
            yield from _cut(part, tokens, limit, count)


def _cut(part: str, tokens: int, limit: int, count: Count) -> Iterator[tuple[str, int]]:
    """Even slices of about the limit's size, so that each character is counted a few times at most."""
    pieces = max(2, -(-tokens * 11 // (limit * 10)))
    size = max(1, len(part) // pieces)
    at = 0
    while at < len(part):
        end = _word_end(part, at, size)
        piece = part[at:end]
        at = end
        tokens = count(piece)
        if tokens <= limit or len(piece) == 1:
            yield piece, tokens
        else:
            yield from _cut(piece, tokens, limit, count)


def _word_end(text: str, start: int, size: int) -> int:
    """The last place within `size` where a word ends; failing that, one that parts no accent from its letter."""
    wanted = start + size
    if wanted >= len(text):
        return len(text)
    for at in range(wanted, start, -1):
        if text[at - 1].isspace():
            return at
    farthest = min(wanted + size - 1, len(text))
    while wanted < farthest and unicodedata.category(text[wanted]) in GLUED:
        wanted += 1
    return wanted
