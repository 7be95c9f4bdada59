"""CSV, TSV, JSON and JSON Lines → blocks."""

import csv
import json
from collections.abc import Iterator

from core.knowledge.content import Block, BlockKind
from core.knowledge.readers.rows import table_text
from core.knowledge.readers.texts import read_code

DELIMITERS = ",;\t|"
SNIFFED = 64 * 1024  # characters that are enough to tell the delimiter
ROWS_PER_BLOCK = 200  # so that a citation into a long table says which rows


def read_table(text: str, *, tabs: bool) -> list[Block]:
    """The rows, each block with the header row first, placed by its first row: "row 201"."""
    csv.field_size_limit(len(text) + 1)
    rows = list(csv.reader(text.splitlines(keepends=True), delimiter="\t" if tabs else _delimiter(text)))
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if len(rows) <= ROWS_PER_BLOCK:
        return [Block(table_text(rows), BlockKind.TABLE)]
    header, body = rows[0], rows[1:]
    return [
        Block(table_text([header, *body[at : at + ROWS_PER_BLOCK]]), BlockKind.TABLE, place=f"row {at + 2}")
        for at in range(0, len(body), ROWS_PER_BLOCK)
    ]


def _delimiter(text: str) -> str:
    """The delimiter that parts the first lines most evenly."""
    lines = [line for line in text[:SNIFFED].split("\n")[:20] if line.strip()]

    def evenness(delimiter: str) -> tuple[int, int]:
        counts = [line.count(delimiter) for line in lines]
        least = min(counts, default=0)
        return least, -(max(counts, default=0) - least)

    return max(DELIMITERS, key=evenness)


def read_json(text: str) -> list[Block]:
    """Each item of a list (or line of JSON Lines) is a block: "item 3"; text that is no JSON is read as it stands."""
    try:
        items = _items(text)
        return [
            Block("\n".join(_lines(item)), BlockKind.CODE, place=f"item {number}" if len(items) > 1 else "")
            for number, item in enumerate(items, start=1)
        ]
    except (ValueError, RecursionError):
        return read_code(text, "JSON")


def _items(text: str) -> list[object]:
    try:
        whole = json.loads(text)
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.split("\n") if line.strip()]
    return whole if isinstance(whole, list) else [whole]


def _lines(value: object) -> Iterator[str]:
    """Each value on a line with the way to it: "opening.monday: 9–17"."""
    stack: list[tuple[str, object]] = [("", value)]
    while stack:
        way, part = stack.pop()
        if isinstance(part, dict):
            inner = [(f"{way}.{key}" if way else str(key), below) for key, below in part.items()]
            stack.extend(reversed(inner))
        elif isinstance(part, list):
            stack.extend(reversed([(way, below) for below in part]))
        elif part is not None and part != "":
            shown = part if isinstance(part, str) else json.dumps(part)
            yield f"{way}: {shown}" if way else shown
