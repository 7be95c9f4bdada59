"""Slide decks (pptx) → blocks: "slide 3", under the slide's title, with tables and the speaker's notes."""

import io
import posixpath
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from core.errors import DamagedFile
from core.knowledge.content import Block, BlockKind
from core.knowledge.readers.rows import table_text

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
DECK = "ppt/presentation.xml"
TITLES = {"title", "ctrTitle"}
FURNITURE = {"sldNum", "dt", "ftr", "hdr", "sldImg"}


def read_slides(data: bytes, name: str) -> list[Block]:
    """The slides in the order they are shown. Raises DamagedFile."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as deck:
            return [block for number, part in enumerate(_parts(deck), 1) for block in _slide(deck, part, number)]
    except (KeyError, ET.ParseError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise DamagedFile(f"{name} is broken, so it cannot be opened. Please save it again and re-share it.") from error


def _parts(deck: zipfile.ZipFile) -> list[str]:
    targets = _targets(deck, DECK)
    return [targets[slide.attrib[f"{R}id"]] for slide in _xml(deck, DECK).iter(f"{P}sldId")]


def _targets(deck: zipfile.ZipFile, part: str) -> dict[str, str]:
    """What the relation ids of a part point to, as paths in the archive."""
    folder, file = posixpath.split(part)
    relations = f"{folder}/_rels/{file}.rels"
    if relations not in deck.namelist():
        return {}
    return {
        relation.attrib["Id"]: posixpath.normpath(posixpath.join(folder, relation.attrib["Target"])).lstrip("/")
        for relation in _xml(deck, relations)
    }


def _xml(deck: zipfile.ZipFile, part: str) -> ET.Element:
    return ET.fromstring(deck.read(part))  # noqa: S314 - we are in the child, whose time and memory are limited


def _slide(deck: zipfile.ZipFile, part: str, number: int) -> Iterator[Block]:
    place = f"slide {number}"
    texts = list(_texts(_xml(deck, part)))
    title = next((" ".join(text.split()) for role, text in texts if role in TITLES and text.strip()), "")
    body = [(role, text) for role, text in texts if role not in TITLES and text.strip()]
    if title and not body:
        yield Block(title, place=place)
    for role, text in body:
        yield Block(text, BlockKind.TABLE if role == "tbl" else BlockKind.PROSE, place, title)
    for target in _targets(deck, part).values():
        if "/notesSlides/" in target:
            notes = "\n".join(text for _, text in _texts(_xml(deck, target)) if text.strip())
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
