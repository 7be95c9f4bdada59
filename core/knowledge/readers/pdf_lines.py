"""The text of a PDF's pages → lines, those of a table put together as its rows."""

import re
import resource
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from typing import NamedTuple

from pypdfium2 import PdfDocument, PdfiumError

from core.knowledge.readers.pdf_glance import Glance
from core.knowledge.readers.pdf_tables import Table, TableFinder
from core.knowledge.readers.pdf_words import PageWords
from core.knowledge.readers.rows import table_text

SOFT_HYPHEN = re.compile("[\x02\u00ad\ufffe]\\s*\n?")
SPENT = 0.4  # of the CPU time that the process has: what is slow to read, and is read here once more, has no tables


class Line(NamedTuple):
    """A line with something in it. `table` says which of the page's tables it is a row of, counted from 1."""

    text: str
    table: int = 0


class Placed(NamedTuple):
    """The rows of a table, and which of the page's characters they are put in place of."""

    start: int
    end: int
    rows: list[list[str]]


def lines_of_text(page: str) -> list[Line]:
    """The lines of a page as they stand."""
    clean = SOFT_HYPHEN.sub("", page.replace("\r\n", "\n"))
    return [Line(line.strip()) for line in clean.split("\n") if line.strip()]


def lines_with_tables(data: bytes, pages: Sequence[str]) -> list[list[Line]]:
    """The lines of each page, given its text; that of a table is there once, as rows under the table's header."""
    found = dict(enumerate(_tables(data, pages)))
    return [list(_lines(page, found.get(number, []))) for number, page in enumerate(pages)]


def _tables(data: bytes, pages: Sequence[str]) -> Iterator[list[Placed]]:
    """The tables of the first pages: of all, unless they take too long or one cannot be opened again."""
    finder = TableFinder()
    with suppress(PdfiumError), PdfDocument(data) as document:
        glance = Glance(pages)
        for number, page in enumerate(pages[: len(document)]):
            if time.process_time() > SPENT * _cpu_seconds():
                return
            if not finder.goes_on and not glance.may_hold_table(page):
                yield []
                continue
            with closing(document[number]) as sheet:
                yield _placed(finder.tables_on(PageWords(sheet)), page)


def _cpu_seconds() -> float:
    """What the kernel lets this process have."""
    limit, _ = resource.getrlimit(resource.RLIMIT_CPU)
    return float("inf") if limit == resource.RLIM_INFINITY else limit


def _placed(tables: Sequence[Table], page: str) -> list[Placed]:
    """Those tables whose text stands in the page's text as it was read here, word for word."""
    places = [at for at, character in enumerate(page) if not character.isspace()] if tables else []
    solid = "".join(page[at] for at in places)
    placed: list[Placed] = []
    behind = 0
    for table in tables:
        start = solid.find(table.text, behind)
        if start >= 0:
            behind = start + len(table.text)
            placed.append(Placed(places[start], places[behind - 1] + 1, table.rows))
    return placed


def _lines(page: str, tables: Sequence[Placed]) -> Iterator[Line]:
    behind = 0  # the last table
    for number, table in enumerate(tables, start=1):
        yield from lines_of_text(page[behind : table.start])
        behind = table.end
        rows = [[SOFT_HYPHEN.sub("", cell) for cell in row] for row in table.rows]
        yield from (Line(row, number) for row in table_text(rows).split("\n"))
    yield from lines_of_text(page[behind:])
