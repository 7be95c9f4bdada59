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
        cells = [cell.strip() for cell in line.split(CELLS)]
        if len(cells) == 1:
            columns = []
            if line.strip():
                yield Line(line)
        elif len(cells) != len(columns):
            columns = cells
        elif cells != columns:  # a table that goes on over several passages repeats them
            yield _row([(column, cell) for column, cell in zip(columns, cells, strict=True) if cell])


def _row(cells: list[tuple[str, str]]) -> Line:
    return Line(", ".join(f"{column}: {cell}" for column, cell in cells), tuple(cells))
