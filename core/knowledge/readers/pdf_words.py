"""A page of a PDF → its words and ruled lines with their places, read by pdfium through pypdfium2 (BSD-3, Apache-2.0).

Kreuzberg 4.10 tells the text of a page but not where it stands; both take it from pdfium, in the same order.
"""

import ctypes
import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import pypdfium2
from pypdfium2 import raw

MOST_CHARACTERS = 15_000  # of a page; a densely printed A4 page has 6,000
MOST_DRAWINGS = 3_000  # of a page, beyond which its lines are a picture's
THIN = 2.0  # points: what is drawn thinner is a line
WORD = re.compile(r"\S+")
SUBSET = re.compile(r"^[A-Z]{6}\+")  # stands before the name of a font of which a file has only some letters
NOT_TOLD = "\0"  # a character of which the file does not say what it means
FONT_NAME_BYTES = 128


class Word(NamedTuple):
    """A word in points, the page's top being up. `at` counts the characters before it that are no white space."""

    text: str
    at: int
    left: float
    bottom: float
    right: float
    top: float
    first: int
    """Pdfium's number of its first character."""

    @property
    def height(self) -> float:
        """From the depth of a "g" to the height of a "T" and a little more: 1.2 times the size of the font."""
        return self.top - self.bottom

    @property
    def end(self) -> int:
        """Where the next word begins, counted as `at` is."""
        return self.at + len(self.text)


class Rule(NamedTuple):
    """A line that is drawn from left to right at a height, or an edge of a box."""

    height: float
    left: float
    right: float


Style = tuple[str, tuple[int, ...]]
"""Font and colour."""


class PageWords:
    """One page, open as long as its document is."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self._page = page
        self._text_page = page.get_textpage()
        self._turn = page.get_rotation()

    @cached_property
    def words(self) -> list[Word]:
        """All words as the file has them in order, which is how they are read; none of a page that has too many."""
        count = self._text_page.count_chars()
        if count > MOST_CHARACTERS:
            return []
        text = self._text_page.get_text_range()
        if len(text) != count:  # characters beyond U+FFFF, or such as have no meaning
            text = "".join(chr(raw.FPDFText_GetUnicode(self._text_page, at)) for at in range(count))
        return list(self._found_in(text))

    @cached_property
    def rules(self) -> list[Rule]:
        """Lines drawn from left to right, and the upper and lower edges of boxes."""
        rules = []
        for left, bottom, right, top in self._drawings():
            if right - left > THIN:
                rules.append(Rule(bottom, left, right))
                if top - bottom > THIN:
                    rules.append(Rule(top, left, right))
        return rules

    def style(self, word: Word) -> Style:
        """How the word is set."""
        name = ctypes.create_string_buffer(FONT_NAME_BYTES)
        raw.FPDFText_GetFontInfo(self._text_page, word.first, name, FONT_NAME_BYTES, None)
        colour = [ctypes.c_uint() for _ in range(4)]
        raw.FPDFText_GetFillColor(self._text_page, word.first, *colour)
        return SUBSET.sub("", name.value.decode(errors="replace")), tuple(part.value for part in colour)

    def _found_in(self, text: str) -> Iterator[Word]:
        """The words with their boxes, which reach from the first character's to the last one's."""
        box = raw.FS_RECTF()
        page, place = self._text_page.raw, ctypes.byref(box)
        at = 0
        for match in WORD.finditer(text):
            first, beyond = match.span()
            raw.FPDFText_GetLooseCharBox(page, first, place)
            left, bottom, right, top = box.left, box.bottom, box.right, box.top
            if beyond - first > 1:
                raw.FPDFText_GetLooseCharBox(page, beyond - 1, place)
                if box.right > right and box.top == top and box.bottom == bottom:
                    right = box.right
                else:  # smaller letters, or others than from left to right
                    left, bottom = min(left, box.left), min(bottom, box.bottom)
                    right, top = max(right, box.right), max(top, box.top)
            if self._turn:
                left, bottom, right, top = self._upright(left, bottom, right, top)
            if said := match[0].replace(NOT_TOLD, ""):
                yield Word(said, at, left, bottom, right, top, first)
            at += len(said)

    def _drawings(self) -> Iterator[tuple[float, float, float, float]]:
        """The boxes of what is drawn with a few strokes, so neither curves nor text."""
        count = raw.FPDFPage_CountObjects(self._page)
        sides = [ctypes.c_float() for _ in range(4)]
        for at in range(count if count <= MOST_DRAWINGS else 0):
            drawn = raw.FPDFPage_GetObject(self._page, at)
            if raw.FPDFPageObj_GetType(drawn) != raw.FPDF_PAGEOBJ_PATH or raw.FPDFPath_CountSegments(drawn) > 5:
                continue
            if raw.FPDFPageObj_GetBounds(drawn, *sides):
                yield self._upright(*(side.value for side in sides))

    def _upright(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        """The box as it stands on a page that is shown on its side."""
        match self._turn:
            case 90:
                return bottom, -right, top, -left
            case 270:
                return -top, left, -bottom, right
        return left, bottom, right, top
