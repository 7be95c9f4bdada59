"""What can be quoted of the sources: their sentences, the rows of their tables, and where each stands."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from core.answering.models.asked_for import MONTH
from core.answering.models.labelled_rows import Line, labelled
from core.answering.models.language_model import Source
from core.knowledge.neighbours import HEADING
from core.knowledge.splitting import sentences

LIST_MARK = re.compile(r"^\s*(?:\d{1,2}[.)]|[-*•–])\s+")
_ORDINAL = re.compile(r"\b\d{1,2}\.\s*$")
_AFTER_ORDINAL = re.compile(rf"{MONTH}\b|jahrhundert|(?-i:[a-zäöü])", re.IGNORECASE)


class Quotable(NamedTuple):
    """A sentence or a table's row. `marker` is the source where it is read first, `cited` the one whose own it is."""

    text: str
    marker: int
    cited: int
    heading: str = ""
    cells: tuple[tuple[str, str], ...] = ()


def quotable(sources: Sequence[Source]) -> list[Quotable]:
    """Every sentence of the sources once, best source first; a line break ends one too."""
    ordered = sorted(sources, key=lambda each: each.marker)
    owner: dict[str, int] = {}
    for source in ordered:
        for _, line in _lines(source.own):
            owner.setdefault(line.text, source.marker)
    found: dict[str, Quotable] = {}
    for source in ordered:
        for heading, (text, cells) in _lines(source.text):
            found.setdefault(text, Quotable(text, source.marker, owner.get(text, source.marker), heading, cells))
    return list(found.values())


def _lines(text: str) -> Iterator[tuple[str, Line]]:
    """Sentences and rows, each with the heading above it."""
    heading = ""
    for line in labelled(text.splitlines()):
        if line.text.startswith(HEADING):
            heading = line.text.removeprefix(HEADING)
            continue
        for part in [line.text] if line.cells else _whole_sentences(line.text):
            if re.search(r"\w", part):
                yield heading, Line(part.strip(), line.cells)


def _whole_sentences(line: str) -> Iterator[str]:
    """Neither a German date such as "3. März" ends a sentence, nor the mark of a list's item."""
    begun = ""
    for part in sentences(line):
        if begun and not (_ORDINAL.search(begun) and _AFTER_ORDINAL.match(part)) and not LIST_MARK.fullmatch(begun):
            yield begun
            begun = ""
        begun += part
    yield begun
