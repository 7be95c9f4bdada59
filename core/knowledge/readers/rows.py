"""Table rows → the text of a TABLE block: cells parted by " | ", one row a line, the header first."""

from collections.abc import Iterable, Sequence

BETWEEN = " | "


def table_text(rows: Iterable[Sequence[str]]) -> str:
    """The rows as text; rows and trailing cells without words are left out, line breaks inside cells flattened."""
    lines = []
    for row in rows:
        cells = [" ".join(cell.split()) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            lines.append(BETWEEN.join(cells))
    return "\n".join(lines)
