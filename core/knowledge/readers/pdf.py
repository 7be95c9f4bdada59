"""PDF → blocks: tables, and paragraphs put together again from lines, each placed by its page ("p. 12")."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from core.knowledge.content import Block, BlockKind
from core.knowledge.readers.parser import parse
from core.knowledge.readers.pdf_lines import Line, lines_of_text, lines_with_tables
from core.knowledge.readers.scans import recognise

MIME = "application/pdf"
EDGE = 2  # lines at the top and at the bottom of a page that may be its running header and footer
FULL_LINE = 0.65  # share of the longest line from which a line counts as wrapped, not ended
LONGEST_HEADING = 90  # characters
SHORT_HEADING = 40  # characters that a heading over a table may have, however short the other lines are
ENDED = re.compile(r"[.!?:;。！？؟।…][\"'”’»)\]]*$")
ITEM = re.compile(r"^\s*([•▪‣◦–*-]|\d{1,3}[.)]|[a-z][.)])\s+\S|^\s*[•▪‣◦]")
DIGIT = re.compile(r"\d")
NUMBERED_TITLE = re.compile(r"^\d+(\.\d+)*\.?\s+[^\W\d_]")


def read_pdf(data: bytes, name: str) -> list[Block]:
    """The tables and paragraphs of each page. Raises NoTextInFile for a scan, LockedFile or DamagedFile."""
    result = parse(data, name, MIME)
    pages = lines_with_tables(data, [page["content"] for page in result.pages or []] or [result.content])
    if not any(pages):
        pages = [lines_of_text(page) for page in recognise(data, name, MIME)]
    blocks: list[Block] = []
    heading = ""
    for number, lines in enumerate(_without_furniture(pages), start=1):
        heading = _read_page(lines, f"p. {number}", heading, blocks)
    return blocks


def _without_furniture(pages: list[list[Line]]) -> list[list[Line]]:
    """The pages without running headers and footers (what stands at the edges of most pages), but for the first."""
    long = [page for page in pages if len(page) > 2 * EDGE]
    edges = Counter(
        shape
        for page in long
        for shape in {_shape(line.text) for line in page[:EDGE] + page[-EDGE:] if _may_be_furniture(line)}
    )
    furniture = {shape for shape, count in edges.items() if count >= 3 and count > len(long) / 2}
    seen: set[str] = set()

    def stays(line: Line, at: int, page: list[Line]) -> bool:
        shape = _shape(line.text)
        if line.table or shape not in furniture or len(page) <= 2 * EDGE or EDGE <= at < len(page) - EDGE:
            return True
        first_time = shape not in seen
        seen.add(shape)
        return first_time

    return [[line for at, line in enumerate(page) if stays(line, at, page)] for page in pages]


def _may_be_furniture(line: Line) -> bool:
    return not line.table and not ENDED.search(line.text)


def _shape(line: str) -> str:
    """A line with its numbers blotted out, so that "page 3" and "page 4" are the same."""
    return re.sub(r"\d+", "#", line)


def _read_page(lines: list[Line], place: str, heading: str, blocks: list[Block]) -> str:
    """Add the page's tables and paragraphs; the heading that the next page goes on under."""
    longest = max((len(line.text) for line in lines if not line.table), default=0)
    runs = [(table, [line.text for line in run]) for table, run in groupby(lines, key=lambda line: line.table)]
    for at, (table, texts) in enumerate(runs):
        if table:
            blocks.append(Block("\n".join(texts), BlockKind.TABLE, place, heading))
        else:
            heading = _read_text(texts, longest, place, heading, blocks, ends_at_table=at + 1 < len(runs))
    return heading


def _read_text(
    lines: Sequence[str], longest: int, place: str, heading: str, blocks: list[Block], *, ends_at_table: bool
) -> str:
    """Add the paragraphs of lines without a table; the heading that what comes after them stands under."""
    paragraph: list[str] = []

    def close() -> None:
        if paragraph:
            blocks.append(Block("".join(paragraph).strip(), place=place, heading=heading))
            paragraph.clear()

    for at, line in enumerate(lines):
        before = lines[at - 1] if at else ""
        following = lines[at + 1] if at + 1 < len(lines) else ""
        if _is_heading(before, line, following, longest, is_over_table=ends_at_table and not following):
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


def _is_heading(before: str, line: str, following: str, longest: int, *, is_over_table: bool) -> bool:
    """A short line between the end of a sentence and a long line or a table; a row of a table has numbers in it."""
    wrapped = FULL_LINE * longest
    room = max(wrapped, SHORT_HEADING) if is_over_table else wrapped
    if len(line) > min(LONGEST_HEADING, room) or ENDED.search(line) or ITEM.match(line):
        return False
    if not is_over_table and (len(following) < wrapped or ITEM.match(following)):
        return False
    if NUMBERED_TITLE.match(line):
        return True
    after_a_sentence = not before or bool(ENDED.search(before))
    return line[0].isupper() and (after_a_sentence or (len(before) < wrapped and not DIGIT.search(line)))
