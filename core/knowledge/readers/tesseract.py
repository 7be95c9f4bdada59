"""Words in pictures, made out by Tesseract where it is installed (kreuzberg carries the engine but no language)."""

import os
import re
import shutil
import subprocess

from kreuzberg import ExtractionResult, OcrConfig, PageConfig

from core.knowledge.readers.parser import EACH_PAGE, parse

DATA_FOLDER = re.compile(r'"(.+?)"')  # as in: List of available languages in "/usr/share/…/tessdata/" (2):


def made_out(data: bytes, name: str, mime: str, pages: PageConfig = EACH_PAGE) -> ExtractionResult | None:
    """What Tesseract makes of pictures, in all the languages installed with it; None where it is not installed.

    Raises LockedFile or DamagedFile.
    """
    program = shutil.which("tesseract")
    if program is None:
        return None
    return parse(data, name, mime, pages, OcrConfig(backend="tesseract", language=_languages(program)))


def _languages(program: str) -> str:
    """Their codes, and the way to their data made known to the engine."""
    listing = subprocess.run(  # noqa: S603 - the program found on PATH, no shell
        [program, "--list-langs"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    ).stdout
    if folder := DATA_FOLDER.search(listing):
        os.environ["TESSDATA_PREFIX"] = folder[1]
    languages = [line for line in listing.split("\n")[1:] if line and line != "osd"]
    return "+".join(languages) or "eng"
