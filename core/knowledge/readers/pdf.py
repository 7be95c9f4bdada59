"""PDF → blocks: paragraphs put together again from lines, each placed by its page ("p. 12")."""

import re
from collections import Counter
from collections.abc import Iterable

from core.knowledge.content import Block
from core.knowledge.readers.parser import parse
from core.knowledge.readers.scans import recognise

MIME = "application/pdf"
EDGE = 2  # lines at the top and at the bottom of a page that may be its running header and footer
FULL_LINE = 0.65  # share of the longest line from which a line counts as wrapped, not ended
LONGEST_HEADING = 90  # characters
ENDED = re.compile(r"[.!?:;。！？؟।…][\"'”’»)\]]*$")
ITEM = re.compile(r"^\s*([•▪‣◦–*-]|\d{1,3}[.)]|[a-z][.)])\s+\S|^\s*[•▪‣◦]")
DIGIT = re.compile(r"\d")
NUMBERED_TITLE = re.compile(r"^\d+(\.\d+)*\.?\s+[^\W\d_]")
SOFT_HYPHEN = re.compile("[\x02\u00ad\ufffe]\\s*\n?")


def read_pdf(data: bytes, name: str) -> list[Block]:
    """The paragraphs of each page. Raises NoTextInFile for a scan, LockedFile or DamagedFile."""
    result = parse(data, name, MIME)
    pages = _lines_of([page["content"] for page in result.pages or []] or [result.content])
    if not any(pages):
        pages = _lines_of(recognise(data, name, MIME))
    blocks: list[Block] = []
    heading = ""
    for number, lines in enumerate(_without_furniture(pages), start=1):
        heading = _read_page(lines, f"p. {number}", heading, blocks)
    return blocks


def _lines_of(pages: Iterable[str]) -> list[list[str]]:
    """The lines of each page that have something in them."""
    clean = (SOFT_HYPHEN.sub("", page.replace("\r\n", "\n")) for page in pages)
    return [[line.strip() for line in page.split("\n") if line.strip()] for page in clean]


def _without_furniture(pages: list[list[str]]) -> list[list[str]]:
    """The pages without running headers and footers (what stands at the edges of most pages), but for the first."""
    long = [page for page in pages if len(page) > 2 * EDGE]
    edges = Counter(
        shape
        for page in long
        for shape in {_shape(line) for line in page[:EDGE] + page[-EDGE:] if not ENDED.search(line)}
    )
    furniture = {shape for shape, count in edges.items() if count >= 3 and count > len(long) / 2}
    seen: set[str] = set()

    def stays(line: str, at: int, page: list[str]) -> bool:
        shape = _shape(line)
        if shape not in furniture or len(page) <= 2 * EDGE or EDGE <= at < len(page) - EDGE:
            return True
        first_time = shape not in seen
        seen.add(shape)
        return first_time

    return [[line for at, line in enumerate(page) if stays(line, at, page)] for page in pages]


def _shape(line: str) -> str:
    """A line with its numbers blotted out, so that "page 3" and "page 4" are the same."""
    return re.sub(r"\d+", "#", line)


def _read_page(lines: list[str], place: str, heading: str, blocks: list[Block]) -> str:
    """Add the page's paragraphs; the heading that the next page goes on under."""
    longest = max(map(len, lines), default=0)
    paragraph: list[str] = []

    def close() -> None:
        if paragraph:
            blocks.append(Block("".join(paragraph).strip(), place=place, heading=heading))
            paragraph.clear()

    for at, line in enumerate(lines):
        before = lines[at - 1] if at else ""
        following = lines[at + 1] if at + 1 < len(lines) else ""
        if _is_heading(before, line, following, longest):
            close()
            heading = line
        elif len(line) >= FULL_LINE * longest and not ITEM.match(following):
            paragraph.append(line + " ")
        else:
            paragraph.append(line + "\n")
            if ENDED.search(line) and not ITEM.match(following):
                close()
    close()
    return heading


def _is_heading(before: str, line: str, following: str, longest: int) -> bool:
    """A short line between the end of a sentence and a long line; a row of a table has numbers in it."""
    wrapped = FULL_LINE * longest
    if len(line) > min(LONGEST_HEADING, wrapped) or ENDED.search(line) or ITEM.match(line):
        return False
    if len(following) < wrapped or ITEM.match(following):
        return False
    if NUMBERED_TITLE.match(line):
        return True
    after_a_sentence = not before or bool(ENDED.search(before))
    return line[0].isupper() and (after_a_sentence or (len(before) < wrapped and not DIGIT.search(line)))
