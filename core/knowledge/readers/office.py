"""Documents (OpenDocument, RTF, EPUB, old Word, notebooks …) and spreadsheets → blocks, parsed by kreuzberg."""

import re
from typing import Any

from core.knowledge.content import Block, BlockKind
from core.knowledge.readers.outline import Outline
from core.knowledge.readers.parser import parse
from core.knowledge.readers.rows import table_text

MIDNIGHT = re.compile(r"^(\d{4}-\d\d-\d\d) 00:00:00$")
ASIDE = {"header", "footer"}  # layers that repeat on every page


def read_document(data: bytes, name: str, mime: str) -> list[Block]:
    """The text under its headings. Raises LockedFile or DamagedFile."""
    result = parse(data, name, mime)
    outline = Outline()
    items: list[str] = []  # the list that we are in
    for node in result.document["nodes"] if result.document else []:
        content = node["content"]
        if node.get("content_layer") in ASIDE:
            continue
        if content["node_type"] == "list_item":
            items.append(f"- {content['text']}")
            continue
        outline.add("\n".join(items))
        items = []
        _take(outline, content)
    outline.add("\n".join(items))
    return outline.blocks()


def _take(outline: Outline, content: dict[str, Any]) -> None:
    match content["node_type"]:
        case "title":
            outline.section(1, content["text"])
        case "heading":
            outline.section(content["level"], content["text"])
        case "table":
            outline.add(_grid(content["grid"]), BlockKind.TABLE)
        case "code":
            outline.add(content["text"], BlockKind.CODE)
        case _:
            outline.add(content.get("text") or content.get("description") or "")


def _grid(grid: dict[str, Any]) -> str:
    rows = [[""] * grid["cols"] for _ in range(grid["rows"])]
    for cell in grid["cells"]:
        rows[cell["row"]][cell["col"]] = cell["content"]
    return table_text(rows)


def read_sheets(data: bytes, name: str, mime: str) -> list[Block]:
    """One table for each sheet: "sheet Prices". Raises LockedFile or DamagedFile."""
    result = parse(data, name, mime)
    names = result.metadata.get("sheet_names") or []
    blocks = []
    for table in result.tables:
        number = table.page_number
        sheet = names[number - 1] if 0 < number <= len(names) else str(number)
        rows = [[MIDNIGHT.sub(r"\1", cell) for cell in row] for row in table.cells]
        blocks.append(Block(table_text(rows), BlockKind.TABLE, place=f"sheet {sheet}"))
    return blocks
