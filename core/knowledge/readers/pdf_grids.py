"""Rows under columns, freed of what stands above, below and between; and whether they are a table with a header."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from itertools import pairwise
from statistics import median, median_low

from core.knowledge.readers.pdf_regions import Region, Span
from core.knowledge.readers.pdf_rows import Piece, Row, rows_of
from core.knowledge.readers.pdf_words import PageWords, Word

LEAST_ROWS = 3  # with the header
UNDER_HEADER = 1  # the row that may be a heading within the table, which elsewhere parts it in two
FILLED = 0.5  # part of the cells, at least
CONTRAST = 0.6  # part of a column's cells that are figures, under a header that is none
ALIKE = 0.34  # part of a column that may be set as its header is, such as a last row with sums
LONGEST_NAME = 60  # characters of a column's name
RULED = 0.6  # part of the table's width that is ruled off
PROSE = 6  # words in a line of a cell, from which it is rather a column of a newspaper
CLEARLY = 1.5  # by how much white space between columns is wider than between words
APART = 3.0  # times the usual gap between rows, above which what follows is not of the table
LARGE_GAP = 1.0  # in heights of a word: what is closer is never apart
LEAST_BETWEEN = 0.45  # in heights of a word: white space between columns, in the usual row
SEEN_WORDS = 10  # whose font is looked at
DIFFERENT = 3  # words of a proportional font, which cannot all have letters of one width
SAME_WIDTH = 1.02  # by how much letters differ in a font where all have the same width
LEADERS = re.compile(r"\.{4}|(?:\. ){3}|…{2}|_{4}")
LIST_MARK = re.compile(r"[•▪‣◦●○■□–*-]|\(?(?:\d{1,3}|[A-Za-z]|[ivx]+|[IVX]+)[.)]")
FIGURE = re.compile(r"\W{0,3}\d.{0,19}")  # with its unit
TYPEWRITER = re.compile(r"Courier|Mono|Consolas|Menlo|Typewriter|^CMTT", re.IGNORECASE)
YEAR = re.compile(r"\b(?:19|20)\d\d\b|\bQ[1-4]\b")
RIGHT_TO_LEFT = {"R", "AL"}


class Header(IntEnum):
    """How sure it is that the first row names the columns."""

    NONE = 0
    RULED_OFF = 1
    STANDS_OUT = 2


@dataclass(frozen=True)
class Grid:
    """Rows of cells, all as long; an empty cell has no lines."""

    rows: list[list[list[Piece]]]
    page: PageWords

    @cached_property
    def texts(self) -> list[list[str]]:
        """What the cells say."""
        return [[" ".join(piece.text for piece in cell) for cell in row] for row in self.rows]

    @cached_property
    def columns(self) -> list[Span]:
        """From the leftmost to the rightmost word of each."""
        spans = [[piece.span for row in self.rows for piece in row[at]] for at in range(len(self.rows[0]))]
        return [Span(min(each.left for each in some), max(each.right for each in some)) for some in spans]

    @cached_property
    def words(self) -> list[Word]:
        """All of them in the order of the file."""
        return sorted((w for piece in self._pieces for w in piece.words), key=lambda word: word.at)

    @property
    def bottom(self) -> float:
        """Of the last row."""
        return min(piece.bottom for piece in self._pieces)

    @property
    def size(self) -> int:
        """How many cells say something."""
        return sum(bool(text) for row in self.texts for text in row)

    def may_be_part(self) -> bool:
        """Whether nothing speaks against these being rows of a table, with or without its header."""
        texts = [text for row in self.texts for text in row]
        return (
            len(self.columns) > 1
            and sum(map(bool, texts)) >= FILLED * len(texts)
            and not any(LEADERS.search(" ".join(row)) for row in self.texts)
            and not self._is_list()
            and not any(unicodedata.bidirectional(each) in RIGHT_TO_LEFT for text in texts for each in text)
            and self._is_parted_clearly(self.rows)
            and not self._is_typewritten()
            and (self._has_lines() or not self._is_prose())
        )

    def header(self) -> Header:
        """Whether the first row is a header: it is set like no other, or says no figures, or has an empty corner."""
        corner, *names = self.texts[0]
        with_columns = sum(len(list(filter(None, row))) > 1 for row in self.texts)
        if with_columns < LEAST_ROWS or not all(names) or FIGURE.match(corner):
            return Header.NONE
        if any(name and name in below for name, *below in zip(*self.texts, strict=True)):
            return Header.NONE
        if max(map(len, self.texts[0])) > LONGEST_NAME or not self._is_parted_clearly(self.rows[:1]):
            return Header.NONE
        if self._is_set_otherwise() or (corner and self._names_figures()) or self._has_empty_corner():
            return Header.STANDS_OUT
        return Header.RULED_OFF if corner and self._is_ruled_off() else Header.NONE

    @property
    def _pieces(self) -> Iterator[Piece]:
        return (piece for row in self.rows for cell in row for piece in cell)

    def _is_set_otherwise(self) -> bool:
        """Whether most names of columns have a font or colour that hardly anything below them has."""
        other = 0
        for name, *cells in zip(*self.rows, strict=True):
            styles = [self.page.style(cell[0].words[0]) for cell in cells if cell]
            other += bool(name) and styles.count(self.page.style(name[0].words[0])) < ALIKE * len(styles)
        return other * 2 > len(self.columns)

    def _names_figures(self) -> bool:
        """Whether there is a column of figures under a name that is none."""
        for name, *below in zip(*self.texts, strict=True):
            said = [text for text in below if text]
            figures = sum(bool(FIGURE.fullmatch(text)) for text in said)
            if said and not FIGURE.fullmatch(name) and figures >= CONTRAST * len(said):
                return True
        return False

    def _has_empty_corner(self) -> bool:
        corner, *names = self.texts[0]
        are_names = all(YEAR.search(name) or not FIGURE.fullmatch(name) for name in names)
        return not corner and are_names and all(row[0] for row in self.texts[1:])

    def _is_ruled_off(self) -> bool:
        """Whether a line is drawn below it and no other row; or below all, and it is no row of a form or of figures."""
        if not self._is_ruled_below(0):
            return False
        is_like_rows = len(self.columns) < 3 or any(map(FIGURE.fullmatch, self.texts[0]))
        return not is_like_rows or not any(self._is_ruled_below(at) for at in range(1, len(self.rows) - 1))

    def _is_list(self) -> bool:
        """Whether the first column is nothing but the marks of a list."""
        marks = sum(bool(LIST_MARK.fullmatch(row[0])) for row in self.texts)
        return marks * 2 > len(self.texts)

    def _is_parted_clearly(self, rows: Sequence[Sequence[list[Piece]]]) -> bool:
        """Whether columns are parted by more white space than words: in justified text all of it is as wide."""
        pieces = [piece for row in rows for cell in row for piece in cell]
        words = [after.left - before.right for piece in pieces for before, after in pairwise(piece.words)]
        columns = [
            min(piece.span.left for piece in after) - max(piece.span.right for piece in before)
            for row in rows
            for before, after in pairwise(cell for cell in row if cell)
        ]
        usual = median(words) if words else 0.0
        return bool(columns) and median(columns) > max(CLEARLY * usual, LEAST_BETWEEN * pieces[0].height)

    def _is_prose(self) -> bool:
        """Whether two columns have lines as long as a newspaper's."""
        long = 0
        for at in range(len(self.columns)):
            lengths = [len(piece.words) for row in self.rows[1:] for piece in row[at]]
            long += bool(lengths) and median(lengths) >= PROSE
        return long > 1

    def _is_typewritten(self) -> bool:
        """Whether it is set in a font of letters as wide as each other, as code is: its columns are made of spaces."""
        if all(TYPEWRITER.search(self.page.style(word)[0]) for word in self.words[:SEEN_WORDS]):
            return True
        letters = (word for word in self.words if word.text.isascii() and word.text.isalpha())
        widths = {word.text: (word.right - word.left) / len(word.text) for word in letters}.values()
        return len(widths) > DIFFERENT and max(widths) < SAME_WIDTH * min(widths)

    def _has_lines(self) -> bool:
        """Whether lines are drawn between rows."""
        return any(self._is_ruled_below(at) for at in range(len(self.rows) - 1))

    def _is_ruled_below(self, at: int) -> bool:
        above = [piece for cell in self.rows[at] for piece in cell]
        below = [piece for cell in self.rows[at + 1] for piece in cell]
        high = min((piece.top + piece.bottom) / 2 for piece in above)
        low = max((piece.top + piece.bottom) / 2 for piece in below)
        left, right = self.columns[0].left, self.columns[-1].right
        ruled = [Span(rule.left, rule.right) for rule in self.page.rules if low < rule.height < high]
        return _covered(ruled, left, right) >= RULED * (right - left)


def grid_of(region: Region, page: PageWords) -> Grid | None:
    """The rows of a region that can be one table: up to those apart, or to a line that is something else."""
    rows = _together(rows_of(region.words, region.gutters, page.rules))
    while rows and len(rows[0].cells) < 2:
        rows = rows[1:]
    rows = rows[: next((at for at in range(1, len(rows)) if not _is_row(rows, at, page)), len(rows))]
    used = sorted({column for row in rows for column in row.cells})
    return Grid([[row.cells.get(column, []) for column in used] for row in rows], page) if rows else None


def _is_row(rows: Sequence[Row], at: int, page: PageWords) -> bool:
    """A line at the left may be a heading or a paragraph, unless it stands between rows and is set as they are."""
    row = rows[at]
    if row.cells.keys() != {0}:
        return True
    if at + 1 == len(rows):
        return False
    beside = [page.style(each.cells[0][0].words[0]) for each in (rows[at - 1], rows[at + 1]) if 0 in each.cells]
    return at == UNDER_HEADER or all(style == page.style(row.cells[0][0].words[0]) for style in beside)


def _together(rows: list[Row]) -> list[Row]:
    """The rows up to the first that is far below the one before it."""
    gaps = [above.bottom - row.top for above, row in pairwise(rows)]
    if not gaps:
        return rows
    far = max(APART * median_low(gaps), LARGE_GAP * rows[0].height)
    return rows[: next((at for at, gap in enumerate(gaps, start=1) if gap > far), len(rows))]


def _covered(spans: Sequence[Span], left: float, right: float) -> float:
    """How much of the way from left to right the spans cover."""
    total, at = 0.0, left
    for span in sorted(spans):
        total += max(0.0, min(span.right, right) - max(span.left, at))
        at = max(at, span.right)
    return total
