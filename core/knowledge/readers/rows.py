"""Table rows → the text of a TABLE block: cells parted by " | ", one row a line, the header first."""

from collections.abc import Iterable, Sequence

BETWEEN = " | "


def table_text(rows: Iterable[Sequence[str]]) -> str:
    """The rows as text, each with as many cells as the header, or more; line breaks inside cells are flattened.

    Rows without words are left out, and empty cells at the end of a row that is longer than the header.
    """
    lines = []
    width = 0
    for row in rows:
        cells = [" ".join(cell.split()) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            width = width or len(cells)
            cells += [""] * (width - len(cells))
            lines.append(BETWEEN.join(cells))
    return "\n".join(lines)
