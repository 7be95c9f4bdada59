"""Words under columns → rows of cells, those cells put together again that were wrapped over several lines.

Whoever writes a table into a PDF writes cell after cell, each with all its lines. So the next cell stands to the right
and as high as the one before it began, whatever lines that one has; and a row ends where the next cell is to the left.
"""

import math
from bisect import bisect
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from core.knowledge.readers.pdf_regions import Span, shares_line
from core.knowledge.readers.pdf_words import Rule, Word

# In heights of a word, which are 1.2 times the size of the font.
LINE_GAP = 0.8  # between lines of one cell, at most
CLOSE = 0.35  # between lines of one cell, mostly
TIGHT = 0.12  # by how much lines of one cell stand closer together than rows do
LEVEL = 0.3  # what stands no further apart is on one height
SPACE = 0.3  # between words
OVERLAP = 0.4  # of lines that are set close together


class Piece:
    """Words of one column that stand on one line."""

    def __init__(self, column: int, words: list[Word]) -> None:
        self.column = column
        self.words = words
        self.span = Span(min(word.left for word in words), max(word.right for word in words))
        self.top = max(word.top for word in words)
        self.bottom = min(word.bottom for word in words)
        self.height = max(word.top - word.bottom for word in words)

    @property
    def text(self) -> str:
        """What it says."""
        return " ".join(word.text for word in self.words)


class Row:
    """Cells by their columns, each of one or more lines."""

    def __init__(self, column: int, cell: list[Piece]) -> None:
        self.cells: dict[int, list[Piece]] = {}
        self.top, self.bottom = -math.inf, math.inf
        self.add(column, cell)

    def add(self, column: int, cell: list[Piece]) -> None:
        """Put a cell in it, or more lines of a cell."""
        self.cells.setdefault(column, []).extend(cell)
        for piece in cell:
            self.top, self.bottom = max(self.top, piece.top), min(self.bottom, piece.bottom)

    @property
    def height(self) -> float:
        """Of a line."""
        return next(iter(self.cells.values()))[0].height


def rows_of(words: Sequence[Word], gutters: Sequence[Span], rules: Sequence[Rule]) -> list[Row]:
    """The rows from the top on, as far as each is below the one before and its cells are side by side."""
    rows: list[Row] = []
    lowest: dict[int, float] = {}  # in each column
    for row in _parted(_stacks(_pieces(words, gutters), rules)):
        if any(cell[0].top > lowest.get(at, math.inf) + LEVEL * cell[0].height for at, cell in row.cells.items()):
            break
        rows.append(row)
        lowest |= {at: cell[-1].bottom for at, cell in row.cells.items()}
    return _joined(rows, rules)


def _pieces(words: Sequence[Word], gutters: Sequence[Span]) -> list[Piece]:
    borders = [(gutter.left + gutter.right) / 2 for gutter in gutters]
    parts: list[tuple[int, list[Word]]] = []
    for word in words:
        column = bisect(borders, (word.left + word.right) / 2)
        if parts and parts[-1][0] == column and _goes_on(parts[-1][1][-1], word):
            parts[-1][1].append(word)
        else:
            parts.append((column, [word]))
    return [Piece(column, together) for column, together in parts]


def _goes_on(before: Word, word: Word) -> bool:
    return shares_line(before, word) and word.left >= before.left


def _stacks(pieces: Sequence[Piece], rules: Sequence[Rule]) -> list[list[Piece]]:
    """Lines of one column that follow each other and stand one below the other, which may be those of one cell."""
    stacks: list[list[Piece]] = []
    for piece in pieces:
        above = stacks[-1][-1] if stacks else None
        if above and above.column == piece.column and _is_below(above, piece, rules):
            stacks[-1].append(piece)
        else:
            stacks.append([piece])
    return stacks


def _is_below(above: Piece, piece: Piece, rules: Sequence[Rule]) -> bool:
    """Directly, and no line is drawn between the two."""
    gap = above.bottom - piece.top
    if not -OVERLAP * piece.height < gap < LINE_GAP * piece.height:
        return False
    return not any(_is_between(rule, above, piece) for rule in rules)


def _is_between(rule: Rule, above: Piece, piece: Piece) -> bool:
    higher, lower = (above.top + above.bottom) / 2, (piece.top + piece.bottom) / 2
    return lower < rule.height < higher and rule.left < piece.span.right and piece.span.left < rule.right


def _parted(stacks: Sequence[list[Piece]]) -> Iterator[Row]:
    """Rows, before what a cell says below the others of its row is put to it; up to where the order is no table's."""
    row: Row | None = None
    for stack, after in zip(stacks, [*stacks[1:], None], strict=True):
        column = stack[0].column
        if row and column > max(row.cells) and stack[0].top > row.bottom:
            if stack[-1].bottom > row.top:
                break
            inside, below = _beside(stack, row, after)
            row.add(column, inside)
        else:
            if row:
                yield row
            above, inside, below = _begun(stack, after)
            yield from (Row(column, [piece]) for piece in above)
            row = Row(column, inside) if inside else None
        for piece in below:
            if row:
                yield row
            row = Row(column, [piece])
    if row:
        yield row


def _begun(stack: list[Piece], after: list[Piece] | None) -> tuple[list[Piece], list[Piece], list[Piece]]:
    """Those lines of a row's first cell that stand above the row, those inside and those below it."""
    if after is None or after[0].column <= stack[0].column:
        return [], stack[:1], stack[1:]
    if _is_centred(stack, after[0].top, after[-1].bottom):
        return [], stack, []
    top = after[0].top - LEVEL * after[0].height
    return [p for p in stack if p.bottom > top], [p for p in stack if p.bottom <= top], []


def _beside(stack: list[Piece], row: Row, after: list[Piece] | None) -> tuple[list[Piece], list[Piece]]:
    """Those lines of a cell that are level with its row, up to the last, and those below it."""
    goes_on_level = (
        after and after[0].column > stack[0].column and after[0].top > stack[-1].top + LEVEL * stack[-1].height
    )
    if goes_on_level or _is_centred(stack, row.top, row.bottom):
        return stack, []
    inside = max(at for at, piece in enumerate(stack) if not at or piece.top > row.bottom + LEVEL * piece.height)
    return stack[: inside + 1], stack[inside + 1 :]


def _is_centred(stack: Sequence[Piece], top: float, bottom: float) -> bool:
    """Whether the middle of a cell is on the height of the others' middle."""
    return abs(stack[0].top + stack[-1].bottom - top - bottom) / 2 < LEVEL * stack[0].height


def _joined(rows: Sequence[Row], rules: Sequence[Rule]) -> list[Row]:
    """The rows, with those put to the row above that only say the rest of its cells."""
    widths = _widths(rows)
    gaps = [above.bottom - row.top for above, row in pairwise(rows) if min(len(above.cells), len(row.cells)) > 1]
    usual = median(gaps) if gaps else 0.0
    joined: list[Row] = []
    for row in rows:
        if joined and _is_rest_of(row, joined[-1], widths, usual, rules):
            for column, cell in row.cells.items():
                joined[-1].add(column, cell)
        else:
            joined.append(row)
    return joined


def _widths(rows: Sequence[Row]) -> dict[int, float]:
    """Of the columns, from the leftmost word to the rightmost."""
    spans: dict[int, list[Span]] = {}
    for piece in (piece for row in rows for cell in row.cells.values() for piece in cell):
        spans.setdefault(piece.column, []).append(piece.span)
    return {at: max(span.right for span in some) - min(span.left for span in some) for at, some in spans.items()}


def _is_rest_of(row: Row, above: Row, widths: dict[int, float], usual_gap: float, rules: Sequence[Rule]) -> bool:
    """Whether some cells of the row above go on here: the lines are closer than rows are.

    If there are words in the first column, where what stands below a table begins too, they must have had no room in
    the line above as well. And if rows are as close as lines, that alone must tell, of one other cell.
    """
    if not row.cells.keys() <= above.cells.keys() or len(row.cells) == len(above.cells) > 1:
        return False
    if not all(_is_below(above.cells[column][-1], cell[0], rules) for column, cell in row.cells.items()):
        return False
    gap = above.bottom - row.top
    is_close = gap < usual_gap - TIGHT * row.height
    had_room = any(_had_room(above.cells[at][-1], cell[0], widths[at]) for at, cell in row.cells.items())
    if 0 in row.cells:
        return is_close and not had_room
    return is_close or (len(row.cells) == 1 and gap < CLOSE * row.height and not had_room)


def _had_room(above: Piece, piece: Piece, width: float) -> bool:
    """Whether the first word could have stood at the end of the line above, so was put below it on purpose."""
    word = piece.words[0]
    return above.span.right - above.span.left + SPACE * word.height + word.right - word.left < width
