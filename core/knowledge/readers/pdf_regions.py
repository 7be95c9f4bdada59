"""Words of a page → stretches of them that white space parts into columns from top to bottom: tables, perhaps.

The words are taken in the order of the file. So the columns of a newspaper, written one after the other, are never seen
side by side, and a stretch that turns out to be a table can be cut out of the page's text as it stands.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple, Self

from core.knowledge.readers.pdf_words import Word

# In heights of a word, which are 1.2 times the size of the font: a space between words mostly has 0.25.
GAP = 0.4  # white space that may part columns, if every line leaves it free
BACKWARDS = 0.4  # overlap of letters that are set close together
FAR = 2.5  # a line that is this far away from the others belongs to something else
SAME_LINE = 0.5  # part of its height that a word shares with the words of its line
KEPT = 3  # lines with the same gap, from which a line that runs through the gap is not of the same stretch


class Span(NamedTuple):
    """From left to right, in points."""

    left: float
    right: float

    def overlaps(self, other: Self) -> bool:
        """Whether they have a point in common."""
        return self.left < other.right and other.left < self.right


class Line:
    """Words that follow each other to the right on one line."""

    def __init__(self, words: Sequence[Word]) -> None:
        self.words = words
        self.top = max(word.top for word in words)
        self.bottom = min(word.bottom for word in words)
        self.height = max(word.top - word.bottom for word in words)
        self.spans = _spans(words, GAP * self.height)
        self.gaps = _between(self.spans)
        """White space wider than that between words."""


class Region(NamedTuple):
    """A stretch of words with the white space between its columns; `beyond` is the number of the line after it."""

    words: list[Word]
    gutters: list[Span]
    beyond: int


def shares_line(one: Word, other: Word) -> bool:
    """Whether they stand side by side."""
    if one.top == other.top and one.bottom == other.bottom:
        return True
    shared = min(one.top, other.top) - max(one.bottom, other.bottom)
    return shared > SAME_LINE * min(one.top - one.bottom, other.top - other.bottom)


def lines_of(words: Sequence[Word]) -> list[Line]:
    """The words parted where one does not stand to the right of the one before."""
    starts = [0]
    for at, (before, word) in enumerate(pairwise(words), start=1):
        if word.left < before.right - (word.top - word.bottom) * BACKWARDS or not shares_line(before, word):
            starts.append(at)
    return [Line(words[at:beyond]) for at, beyond in pairwise([*starts, len(words)])] if words else []


def region_at(
    lines: Sequence[Line], at: int, until: int, *, shown_by: int = 2, is_loose: bool = False
) -> Region | None:
    """The longest stretch from line `at` on, up to `until`, with white space between columns in so many lines or more.

    It ends before a line that runs through such white space, which may be a cell wider than its column. A loose one
    goes on if the line has the other columns: then the white space was one inside a cell.
    """
    if not lines[at].gaps and not (at + 1 < until and _step_right(lines[at], lines[at + 1])):
        return None
    least = KEPT if shown_by > 1 else 1
    growing = _Growing(lines[at], least, is_loose)
    beyond = at + 1
    while beyond < until and growing.takes(lines[beyond]):
        beyond += 1
    gutters = growing.gutters(shown_by)
    if not gutters or beyond - at < least:
        return None
    first = _first_of_cell(lines, at, gutters[0])
    return Region([word for line in lines[first:beyond] for word in line.words], gutters, beyond)


class _Growing:
    """A stretch that takes line after line, and knows which white space all of them leave free."""

    def __init__(self, line: Line, kept_from: int, is_loose: bool) -> None:
        self._kept_from = kept_from
        self._is_loose = is_loose
        self._line = line
        self._covered = line.spans
        self._shown = dict.fromkeys(line.gaps, 1)  # white space, and in how many lines it is a gap
        self._bottom = line.bottom

    def gutters(self, shown_by: int) -> list[Span]:
        """White space from top to bottom that is a gap in so many lines."""
        return [gap for gap, count in self._shown.items() if count >= shown_by]

    def takes(self, line: Line) -> bool:
        """Whether the line goes on in the same columns; if so, it is in the stretch."""
        if self._bottom - line.top > FAR * line.height:
            return False
        covered = _united([*self._covered, *line.spans], GAP * line.height)
        free = _between(covered)
        if not free:
            return False
        runs_through = not all(any(gutter.overlaps(gap) for gap in free) for gutter in self.gutters(self._kept_from))
        has_others = any(gutter.overlaps(gap) for gutter in self.gutters(2) for gap in line.gaps)
        if runs_through and not (self._is_loose and has_others):
            return False
        step = _step_right(self._line, line)
        gaps = [*line.gaps, step] if step else line.gaps
        self._shown = {each: self._shown_before(each) + sum(each.overlaps(gap) for gap in gaps) for each in free}
        self._covered, self._line, self._bottom = covered, line, min(self._bottom, line.bottom)
        return True

    def _shown_before(self, free: Span) -> int:
        return max((count for gap, count in self._shown.items() if gap.overlaps(free)), default=0)


def _spans(words: Sequence[Word], gap: float) -> list[Span]:
    """What the words cover from left to right, in which they follow each other."""
    starts = [0, *(at for at, (one, other) in enumerate(pairwise(words), start=1) if other.left - one.right > gap)]
    return [Span(words[at].left, words[beyond - 1].right) for at, beyond in pairwise([*starts, len(words)])]


def _united(spans: Iterable[Span], gap: float) -> list[Span]:
    """The spans from left to right, those as one that have no more than this gap between them."""
    united: list[Span] = []
    for span in sorted(spans):
        if united and span.left - united[-1].right <= gap:
            united[-1] = Span(united[-1].left, max(united[-1].right, span.right))
        else:
            united.append(span)
    return united


def _between(spans: Sequence[Span]) -> list[Span]:
    return [Span(before.right, after.left) for before, after in pairwise(spans)]


def _step_right(line: Line, after: Line) -> Span | None:
    """White space between a cell and the next one, if that does not begin on the same line but is not below either."""
    between = Span(line.words[-1].right, after.words[0].left)
    is_wide = between.right - between.left > GAP * after.height
    return between if is_wide and after.top > line.bottom + BACKWARDS * after.height else None


def _first_of_cell(lines: Sequence[Line], at: int, gutter: Span) -> int:
    """Where the first cell begins: above line `at`, if what follows to the right of it stands higher than that."""
    if at + 1 == len(lines) or not _step_right(lines[at], lines[at + 1]):
        return at
    top = lines[at + 1].top
    while at and lines[at - 1].bottom < top and lines[at - 1].words[-1].right < gutter.right:
        if not 0 < lines[at - 1].top - lines[at].top < FAR * lines[at].height:
            break
        at -= 1
    return at
