"""Word documents (docx) → blocks under their headings.

Read here, with the standard library, because kreuzberg 4.10 drops every "&", "<" and ">" of them.
"""

import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from core.knowledge.content import Block, BlockKind
from core.knowledge.readers.ooxml import read_parts, xml
from core.knowledge.readers.outline import Outline
from core.knowledge.readers.rows import table_text

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # says again what stands beside it
DOCUMENT, STYLES, NOTES = "word/document.xml", "word/styles.xml", ("word/footnotes.xml", "word/endnotes.xml")
CONTROLS = {f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}smartTag", f"{W}customXml"}
UNSEEN = {FALLBACK, f"{W}del", f"{W}moveFrom", f"{W}pPr", f"{W}rPr"}


def read_word(data: bytes, name: str) -> list[Block]:
    """The document's text as it stands with all changes accepted, notes last. Raises DamagedFile."""
    return read_parts(data, name, _read)


def _read(package: zipfile.ZipFile) -> list[Block]:
    levels = _heading_levels(package)
    outline = Outline()
    items: list[str] = []  # the list that we are in
    body = xml(package, DOCUMENT).find(f"{W}body")
    for part in _parts(body) if body is not None else []:
        text = _text(part).strip()
        if part.tag == f"{W}p" and part.find(f"{W}pPr/{W}numPr") is not None and _level(part, levels) is None:
            items.append(f"- {text}")
            continue
        outline.add("\n".join(items))
        items = []
        if part.tag == f"{W}tbl":
            outline.add(table_text(_rows(part)), BlockKind.TABLE)
        elif (level := _level(part, levels)) is not None:
            outline.section(level, text)
        else:
            outline.add(text)
    outline.add("\n".join(items))
    return outline.blocks() + _notes(package)


def _parts(parent: ET.Element) -> Iterator[ET.Element]:
    """Paragraphs and tables, those inside content controls and accepted insertions too."""
    for element in parent:
        if element.tag in CONTROLS:
            yield from _parts(element)
        elif element.tag in (f"{W}p", f"{W}tbl"):
            yield element


def _text(element: ET.Element) -> str:
    """All that is written in an element, with text boxes on lines of their own."""
    written: list[str] = []
    stack = [element]
    while stack:
        part = stack.pop()
        if part.tag == f"{W}t":
            written.append(part.text or "")
        elif part.tag in (f"{W}br", f"{W}cr"):
            written.append("\n")
        elif part.tag == f"{W}tab":
            written.append("\t")
        elif part.tag == f"{W}noBreakHyphen":
            written.append("-")
        elif part.tag == f"{W}p" and part is not element and written:
            written.append("\n")
        if part.tag not in UNSEEN:
            stack.extend(reversed(part))
    return "".join(written)


def _rows(table: ET.Element) -> list[list[str]]:
    return [[_text(cell) for cell in row.findall(f"{W}tc")] for row in table.iter(f"{W}tr")]


def _heading_levels(package: zipfile.ZipFile) -> dict[str, int]:
    """The heading level of each style that is a heading; their names are English in every language of Word."""
    if STYLES not in package.namelist():
        return {}
    levels = {}
    for style in xml(package, STYLES).iter(f"{W}style"):
        named = style.find(f"{W}name")
        name = named.get(f"{W}val", "").lower() if named is not None else ""
        outlined = style.find(f"{W}pPr/{W}outlineLvl")
        if name == "title":
            levels[style.get(f"{W}styleId", "")] = 0
        elif name.startswith("heading ") and name[8:].isdigit():
            levels[style.get(f"{W}styleId", "")] = int(name[8:])
        elif outlined is not None and outlined.get(f"{W}val", "9") < "9":
            levels[style.get(f"{W}styleId", "")] = int(outlined.get(f"{W}val", "0")) + 1
    return levels


def _level(paragraph: ET.Element, levels: dict[str, int]) -> int | None:
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    return levels.get(style.get(f"{W}val", "")) if style is not None else None


def _notes(package: zipfile.ZipFile) -> list[Block]:
    present = [part for part in NOTES if part in package.namelist()]
    notes = (_text(note).strip() for part in present for note in xml(package, part))
    return [Block(note, heading="Notes") for note in notes if note]
