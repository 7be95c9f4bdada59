"""Which cell of a table's row a question asks for: the one whose column it names."""

from collections.abc import Sequence

from core.answering.models.labelled_rows import name_of
from core.answering.models.stems import stems

NAMED = 0.5
"""The share of a column's words that a question says when it asks for that column."""


def cell_asked_for(question: str, cells: Sequence[tuple[str, str]]) -> tuple[int, int] | None:
    """Where the cell stands in the labelled row; None where no column is named, or two are named as well."""
    asked = stems(question)
    shares = [_share_named(column, cell, asked) for column, cell in cells]
    best = max(shares, default=0.0)
    if best < NAMED or shares.count(best) > 1:
        return None
    at = shares.index(best)
    start = sum(len(f"{name_of(column)}{cell}, ") for column, cell in cells[:at]) + len(name_of(cells[at][0]))
    return start, start + len(cells[at][1])


def _share_named(column: str, cell: str, asked: set[str]) -> float:
    """How much of the column's name the question says; nothing where it says the cell, which it then knows."""
    words = stems(column)
    return len(words & asked) / len(words) if words and not stems(cell) & asked else 0.0
