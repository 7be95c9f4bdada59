"""Scanned PDFs → the text of their pages."""

import re

from kreuzberg import PageConfig

from core.errors import NoTextInFile
from core.knowledge.readers.tesseract import made_out

PAGE_MARKER = "\n\n[[[page {page_num}]]]\n\n"
BETWEEN_PAGES = re.compile(r"\[\[\[page \d+\]\]\]")


def recognise(data: bytes, name: str, mime: str) -> list[str]:
    """The text of each page. Raises NoTextInFile when there is no Tesseract, or no word that it can make out."""
    result = made_out(data, name, mime, PageConfig(insert_page_markers=True, marker_format=PAGE_MARKER))
    if result is None:
        raise NoTextInFile(
            f"{name} holds pictures of pages (a scan) and no text. Please share a version with text in it; "
            "or ask whoever runs me to install tesseract, and I will read scans too."
        )
    if not BETWEEN_PAGES.sub("", result.content).strip():
        raise NoTextInFile(
            f"{name} holds pictures of pages (a scan) in which I can make out no words. "
            "Please share a version with text in it, or a sharper scan."
        )
    return BETWEEN_PAGES.split(result.content)[1:]
