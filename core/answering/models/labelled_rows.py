"""Rows of tables as a reader takes them alone: every cell with the name of its column."""

from collections.abc import Iterable, Iterator

CELLS = " | "


def labelled(lines: Iterable[str]) -> Iterator[str]:
    """The lines that say something; of a table each row with its columns' names, in place of the names' own line."""
    columns: list[str] = []
    for line in lines:
        cells = [cell.strip() for cell in line.split(CELLS)]
        if len(cells) == 1:
            columns = []
            if line.strip():
                yield line
        elif len(cells) != len(columns):
            columns = cells
        elif cells != columns:  # a table that goes on over several passages repeats them
            yield ", ".join(f"{column}: {cell}" for column, cell in zip(columns, cells, strict=True) if cell)
