"""Slide decks (pptx) → blocks: "slide 3", under the slide's title, with tables and the speaker's notes."""

import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from core.knowledge.content import Block, BlockKind
from core.knowledge.readers.ooxml import read_parts, targets, xml
from core.knowledge.readers.rows import table_text

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
DECK = "ppt/presentation.xml"
TITLES = {"title", "ctrTitle"}
FURNITURE = {"sldNum", "dt", "ftr", "hdr", "sldImg"}


def read_slides(data: bytes, name: str) -> list[Block]:
    """The slides in the order they are shown. Raises DamagedFile."""
    return read_parts(data, name, _read)


def _read(deck: zipfile.ZipFile) -> list[Block]:
    parts = targets(deck, DECK)
    shown = [parts[slide.attrib[f"{R}id"]] for slide in xml(deck, DECK).iter(f"{P}sldId")]
    return [block for number, part in enumerate(shown, 1) for block in _slide(deck, part, number)]


def _slide(deck: zipfile.ZipFile, part: str, number: int) -> Iterator[Block]:
    place = f"slide {number}"
    texts = list(_texts(xml(deck, part)))
    title = next((" ".join(text.split()) for role, text in texts if role in TITLES and text.strip()), "")
    body = [(role, text) for role, text in texts if role not in TITLES and text.strip()]
    if title and not body:
        yield Block(title, place=place)
    for role, text in body:
        yield Block(text, BlockKind.TABLE if role == "tbl" else BlockKind.PROSE, place, title)
    for target in targets(deck, part).values():
        if "/notesSlides/" in target:
            notes = "\n".join(text for _, text in _texts(xml(deck, target)) if text.strip())
            if notes:
                yield Block(f"Notes: {notes}", place=place, heading=title)


def _texts(slide: ET.Element) -> Iterator[tuple[str, str]]:
    """The role ("title", "tbl", …) and text of each shape, in drawing order, those inside groups too."""
    for shape in slide.iter():
        if shape.tag == f"{P}sp":
            holder = shape.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
            role = holder.get("type", "body") if holder is not None else "body"
            if role not in FURNITURE:
                yield role, "\n".join(filter(None, map(_line, shape.iter(f"{A}p"))))
        elif shape.tag == f"{A}tbl":
            rows = [[_line(cell) for cell in row.iter(f"{A}tc")] for row in shape.iter(f"{A}tr")]
            yield "tbl", table_text(rows)


def _line(paragraph: ET.Element) -> str:
    return "".join(
        part.text or "" if part.tag == f"{A}t" else " " for part in paragraph.iter() if part.tag in (f"{A}t", f"{A}br")
    ).strip()
