"""Screenshots, photographed notes and pages kept as pictures → blocks, where Tesseract is installed."""

from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from statistics import median

from kreuzberg import ExtractionResult
from PIL import Image, ImageOps, ImageSequence, ImageStat

from core.errors import DamagedFile, FileTooLarge, NoTextInFile, UnsupportedFile
from core.knowledge.content import Block
from core.knowledge.readers.tesseract import made_out
from core.knowledge.readers.texts import read_prose

SURE_ENOUGH = 0.6
"""Tesseract's confidence in the median word from which it read words: in a photo it takes leaves for letters."""

DARK = 110
"""Mean brightness, of 255, below which light letters stand on a dark ground, which Tesseract takes for no letters."""

LONGEST_SIDE = 7_000
"""Points of a side, down to which larger pictures are made smaller: a page of 600 to the inch."""


def read_picture(data: bytes, name: str) -> list[Block]:
    """The paragraphs in a picture; of a TIFF with many, each placed by its page ("p. 2").

    Raises UnsupportedFile when there is no Tesseract, NoTextInFile when there is no word that it is sure of,
    DamagedFile or FileTooLarge.
    """
    try:
        pages = [_words_in(page, name) for page in _pages(data)]
    except Image.DecompressionBombError as error:
        raise FileTooLarge(f"{name} has more points than I can look at. Please share a smaller picture.") from error
    except OSError as error:
        raise DamagedFile(f"{name} is broken or was cut off, so it cannot be opened. Please share it again.") from error
    places = [f"p. {number}" for number in range(1, len(pages) + 1)] if len(pages) > 1 else [""]
    blocks = [block for text, place in zip(pages, places, strict=True) for block in read_prose(text, place)]
    if not blocks:
        raise NoTextInFile(
            f"{name} is a picture in which I can make out no words. "
            "If it shows words that matter, please write them in a message."
        )
    return blocks


def _pages(data: bytes) -> Iterator[bytes]:
    """Each page as it would be printed: upright, in grey on white, the letters darker than their ground; PNG."""
    with Image.open(BytesIO(data)) as picture:
        for frame in islice(ImageSequence.Iterator(picture), None if picture.format == "TIFF" else 1):
            frame.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(frame).convert("RGBA")
            printed = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright).convert("L")
            if ImageStat.Stat(printed).mean[0] < DARK:
                printed = ImageOps.invert(printed)
            page = BytesIO()
            printed.save(page, "PNG")
            yield page.getvalue()


def _words_in(page: bytes, name: str) -> str:
    result = made_out(page, name, "image/png")
    if result is None:
        raise UnsupportedFile(
            f"{name} is a picture, which I cannot read. If it shows words that matter, please write them in a message; "
            "or ask whoever runs me to install tesseract, and I will read pictures too."
        )
    return result.content if _is_sure(result) else ""


def _is_sure(result: ExtractionResult) -> bool:
    sure = [word["confidence"]["recognition"] for word in result.ocr_elements or []]
    return bool(sure) and median(sure) >= SURE_ENOUGH
