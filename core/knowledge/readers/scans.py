"""Scanned PDFs, read by Tesseract where it is installed (kreuzberg carries the engine but none of its languages)."""

import os
import re
import shutil
import subprocess

from kreuzberg import OcrConfig, PageConfig

from core.errors import NoTextInFile
from core.knowledge.readers.parser import parse

PAGE_MARKER = "\n\n[[[page {page_num}]]]\n\n"
BETWEEN_PAGES = re.compile(r"\[\[\[page \d+\]\]\]")
DATA_FOLDER = re.compile(r'"(.+?)"')  # as in: List of available languages in "/usr/share/…/tessdata/" (2):


def recognise(data: bytes, name: str, mime: str) -> list[str]:
    """The text of each page. Raises NoTextInFile when there is no Tesseract, or no word that it can make out."""
    result = parse(
        data,
        name,
        mime,
        pages=PageConfig(insert_page_markers=True, marker_format=PAGE_MARKER),
        ocr=OcrConfig(backend="tesseract", language=_languages(name)),
    )
    if not BETWEEN_PAGES.sub("", result.content).strip():
        raise NoTextInFile(
            f"{name} holds pictures of pages (a scan) in which I can make out no words. "
            "Please share a version with text in it, or a sharper scan."
        )
    return BETWEEN_PAGES.split(result.content)[1:]


def _languages(name: str) -> str:
    """All the languages installed with Tesseract, and the way to their data made known to the engine."""
    program = shutil.which("tesseract")
    if program is None:
        raise NoTextInFile(
            f"{name} holds pictures of pages (a scan) and no text. Please share a version with text in it; "
            "or ask whoever runs me to install tesseract, and I will read scans too."
        )
    listing = subprocess.run(  # noqa: S603 - the program found on PATH, no shell
        [program, "--list-langs"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    ).stdout
    if folder := DATA_FOLDER.search(listing):
        os.environ["TESSDATA_PREFIX"] = folder[1]
    languages = [line for line in listing.split("\n")[1:] if line and line != "osd"]
    return "+".join(languages) or "eng"
