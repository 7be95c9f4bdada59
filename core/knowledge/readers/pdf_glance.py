"""Which pages of a PDF may hold a table, by their text alone: most do not, and need not be read a second time."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from core.knowledge.readers.pdf_grids import LEAST_ROWS

FULL = 0.75  # of the length of most full lines: what is shorter may be a row
WORDS = 8  # in a line of a paragraph, at least
FIGURES = 3  # words with figures in a line, from which it may be a row however long it is
ROWS_IN_ONE = 6  # words with figures in a line, from which it may be rows that were not told apart
EDGE = 2  # lines
DIGITS = re.compile(r"\d+")


class Glance:
    """Knows how long the lines of a document's paragraphs are, and what stands on most of its pages."""

    def __init__(self, pages: Sequence[str]) -> None:
        lengths = sorted(len(line) for page in pages for line in page.splitlines())
        self._full = FULL * lengths[len(lengths) * 9 // 10] if lengths else 0.0
        edges = Counter(shape for page in pages for shape in set(map(_shape, _edges(page.splitlines()))))
        self._furniture = {shape for shape, count in edges.items() if count > 2 and count > len(pages) / 2}

    def may_hold_table(self, page: str) -> bool:
        """Whether as many lines as a table has rows follow each other that are not the full lines of a paragraph."""
        lines = page.splitlines()
        run = 0
        for at, (line, following) in enumerate(pairwise([*lines, ""])):
            is_edge = not EDGE <= at < len(lines) - EDGE
            if not (is_edge and _shape(line) in self._furniture):
                rows = self._rows_in(line, following)
                run = run + rows if rows else 0
            if run >= LEAST_ROWS:
                return True
        return False

    def _rows_in(self, line: str, following: str) -> int:
        words = line.split()
        figures = sum(any(map(str.isdigit, word)) for word in words)
        if figures >= ROWS_IN_ONE:
            return LEAST_ROWS
        is_full = len(line) >= self._full and len(words) >= WORDS and figures < FIGURES
        is_in_a_sentence = line[:1].islower() or following[:1].islower()
        return 0 if is_full and is_in_a_sentence else 1


def _edges(lines: list[str]) -> list[str]:
    """Where running headers and footers stand."""
    return lines[:EDGE] + lines[-EDGE:]


def _shape(line: str) -> str:
    """The line without its numbers."""
    return DIGITS.sub("#", line.strip())
