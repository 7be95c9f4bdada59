"""Rows of tables as a reader takes them alone: every cell with the name of its column."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

CELLS = " | "


class Line(NamedTuple):
    """A line of a source; a table's row has its cells by the names of their columns."""

    text: str
    cells: tuple[tuple[str, str], ...] = ()


def labelled(lines: Iterable[str]) -> Iterator[Line]:
    """The lines that say something; of a table each row with its columns' names, in place of the names' own line."""
    columns: list[str] = []
    for line in lines:
        cells = [cell.strip() for cell in f"{line} ".split(CELLS)]  # a passage's last cell may be an empty one
        if len(cells) == 1:
            columns = []
            if line.strip():
                yield Line(line)
        elif len(cells) != len(columns):
            columns = cells
        elif cells != columns:  # a table that goes on over several passages repeats them
            yield _row([(column, cell) for column, cell in zip(columns, cells, strict=True) if cell])


def name_of(column: str) -> str:
    """What stands before a cell; nothing where the column has no name, as the first of many tables."""
    return f"{column}: " if column else ""


def _row(cells: list[tuple[str, str]]) -> Line:
    return Line(", ".join(f"{name_of(column)}{cell}" for column, cell in cells), tuple(cells))
