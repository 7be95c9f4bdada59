"""The tables of a PDF, told from all else that has gaps in it: lists, columns of text, forms, code, contents.

The method is that of A. Nurminen (Algorithmic Extraction of Data in Tables in PDF Documents, 2013), which Camelot's
stream mode follows too: white space that runs through several lines parts columns. Here the words are taken in the
order of the file (pdf_regions.py, pdf_rows.py), and a table needs a header (pdf_grids.py): where none is seen, the text
is left as it stands.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.knowledge.readers.pdf_grids import Grid, Header, grid_of
from core.knowledge.readers.pdf_regions import Span, lines_of, region_at
from core.knowledge.readers.pdf_words import PageWords

EDGE_LINES = 2  # running headers and footers, between a table and the rest of it on the next page
BETWEEN_PARTS = 2  # lines such as "Europe", over some of the rows
TRIES = 4  # lines at the beginning of a stretch that may belong to something else
TITLE_LINES = 2  # that may be taken for rows of the table below
MOST_LINES = 1_000  # of a page


@dataclass(frozen=True)
class Table:
    """Rows of cells, the header first; and the page's text that it is made of, without white space."""

    rows: list[list[str]]
    text: str


@dataclass(frozen=True)
class _Open:
    """A table that may go on: its header, and its columns from left to right."""

    header: list[str]
    columns: Sequence[Span]

    def goes_on_in(self, grid: Grid) -> bool:
        """Whether the rows stand in these columns and have no header of their own, or the same one again."""
        if grid.texts[0] == self.header:
            return True
        if len(grid.columns) != len(self.columns) or grid.header() is Header.STANDS_OUT:
            return False
        return all(
            column.overlaps(other) == (at == nth)
            for at, column in enumerate(grid.columns)
            for nth, other in enumerate(self.columns)
        )


class TableFinder:
    """Finds the tables of a document page by page; one that goes on over pages has its header on each."""

    def __init__(self) -> None:
        self._going_on: _Open | None = None

    @property
    def goes_on(self) -> bool:
        """Whether the last page ended with a table."""
        return self._going_on is not None

    def tables_on(self, page: PageWords) -> list[Table]:
        """The tables of the next page in the order of its text."""
        walk = _Walk(page, self._going_on)
        tables = list(walk.tables())
        self._going_on = walk.going_on
        return tables


class _Walk:
    """The way down one page."""

    def __init__(self, page: PageWords, going_on: _Open | None) -> None:
        self.going_on = going_on
        """The table that ended the page before; behind the last table of this page that one, if it ends the page."""
        self._page = page
        lines = lines_of(page.words)
        self._lines = lines if len(lines) <= MOST_LINES else []
        self._after_table = 0  # the number of the first line after the last table
        self._reach = 0  # the number of the first line after the last stretch that was looked at

    def tables(self) -> Iterator[Table]:
        """From top to bottom."""
        at, bottom = 0, math.inf
        reached, tried = 0, 0  # how far the last stretch went that was no table, and how many went no further
        while at < len(self._lines):
            if best := self._best_from(at):
                grid, table = best
                yield table
                self.going_on = _Open(table.rows[0], grid.columns)
                bottom = grid.bottom
                at = self._after_table = self._line_after(grid)
            else:
                reached, tried = (reached, tried + 1) if self._reach <= reached else (self._reach, 1)
                at = reached if tried == TRIES and reached > at else at + 1
        if sum(line.top < bottom for line in self._lines) > EDGE_LINES:
            self.going_on = None

    def _best_from(self, at: int) -> tuple[Grid, Table] | None:
        """The table that begins in line `at`; or a larger one that begins just below, if that line is its title."""
        found = self._from(at)
        if not found:
            return None
        lines = self._lines[at : self._line_after(found[0])]
        if all(len(line.gaps) < len(found[0].columns) for line in lines):
            return found  # no line has more columns than it
        below = (self._from(nth) for nth in range(at + 1, min(at + 1 + TITLE_LINES, len(self._lines))))
        return max([found, *filter(None, below)], key=lambda each: each[0].size)

    def _from(self, at: int) -> tuple[Grid, Table] | None:
        earlier = self._earlier(at)
        self._reach = at + 1
        for grid in self._grids(at, shown_by=1 if earlier else 2):
            if table := _table(grid, earlier):
                return grid, table
        return None

    def _grids(self, at: int, shown_by: int) -> Iterator[Grid]:
        """What may be a table from line `at` on, the likeliest first."""
        strict = None
        for is_loose in (False, True):
            until = len(self._lines)
            while region := region_at(self._lines, at, until, shown_by=shown_by, is_loose=is_loose):
                self._reach = max(self._reach, region.beyond)
                grid = grid_of(region, self._page) if region != strict else None
                strict = strict or region
                if grid is None:
                    break
                until = self._line_after(grid)
                if until >= region.beyond:
                    yield grid
                    break  # else what comes after it had a say in where its columns are

    def _line_after(self, grid: Grid) -> int:
        return bisect_left(self._lines, grid.words[-1].end, key=lambda line: line.words[0].at)

    def _earlier(self, at: int) -> _Open | None:
        """The table that may go on in line `at`: one that ended just above, or one that ended the page before."""
        if self._after_table:
            return self.going_on if at <= self._after_table + BETWEEN_PARTS else None
        top = self._lines[at].top
        return self.going_on if sum(line.bottom > top for line in self._lines) <= EDGE_LINES else None


def _table(grid: Grid, earlier: _Open | None) -> Table | None:
    if not grid.may_be_part():
        return None
    text = "".join(word.text for word in grid.words)
    if len(text) != grid.words[-1].end - grid.words[0].at:
        return None  # something else is written between
    if earlier and earlier.goes_on_in(grid):
        body = grid.texts[1:] if grid.texts[0] == earlier.header else grid.texts
        return Table([earlier.header, *body], text)
    return Table(grid.texts, text) if grid.header() else None
