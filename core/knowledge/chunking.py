"""A document's blocks → chunks: small passages that fit the embedder, each under a header that says where it stands."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.knowledge.content import Block, BlockKind, Content
from core.knowledge.packing import Pack, Piece, by_speaker, join, pack
from core.knowledge.splitting import Count, fitting, lines, sentences, talk

PAUSE_SECONDS = 600  # a silence after which loose messages are taken for a new conversation
BETWEEN_PARTS = " · "
HEADER_SHARE = 3  # the header takes at most a third of the limit
CHARACTERS_PER_TOKEN = 12  # at most: tokenizers take a megabyte of base64 for one unknown word, people do not
BETWEEN_BLOCKS = {BlockKind.PROSE: "\n\n", BlockKind.CODE: "\n\n", BlockKind.TABLE: "\n", BlockKind.MESSAGE: "\n"}


@dataclass(frozen=True)
class Chunk:
    """A passage: its text, the header it is embedded under, and where a citation of it points.

    `places` are those of all its blocks, in order; `place` is the first. Chunks of one `run` were one stretch of text
    or talk: a section, a table, a thread, messages without a pause.
    """

    text: str
    header: str
    place: str
    heading: str
    authors: tuple[str, ...]
    ordinal: int
    places: tuple[str, ...] = ()
    run: int = 0


def with_header(header: str, text: str) -> str:
    """The text under its header, if it has one: what the embedder sees, and what the limit counts."""
    return f"{header}\n{text}" if header else text


def chunk(
    content: Content,
    limit: int,
    count_tokens: Callable[[str], int],
    header: str = "",
    pause_seconds: float = PAUSE_SECONDS,
) -> list[Chunk]:
    """The content as passages of at most `limit` tokens, header included.

    Messages further apart than `pause_seconds` do not share a passage; pass `math.inf` for a thread.
    """
    chunks: list[Chunk] = []
    for run, blocks in enumerate(_groups(content.blocks, pause_seconds)):
        cutter = _Cutter(limit, count_tokens, header, blocks[0].heading)
        for pieces, text in cutter.cut(blocks):
            authors = tuple(dict.fromkeys(piece.block.author for piece in pieces if piece.block.author))
            places = tuple(dict.fromkeys(piece.block.place for piece in pieces if piece.block.place))
            first = pieces[0].block
            chunks.append(Chunk(text, cutter.header, first.place, first.heading, authors, len(chunks), places, run))
    return chunks


def _groups(blocks: tuple[Block, ...], pause_seconds: float) -> Iterator[list[Block]]:
    """Runs of blocks that may share a passage."""
    run: list[Block] = []
    for block in blocks:
        if not block.text.strip():
            continue
        if run and not _go_together(run[-1], block, pause_seconds):
            yield run
            run = []
        run.append(block)
    if run:
        yield run


def _go_together(before: Block, after: Block, pause_seconds: float) -> bool:
    if before.kind is not after.kind or before.heading != after.heading:
        return False
    match after.kind:
        case BlockKind.TABLE:
            return False  # each has columns of its own
        case BlockKind.PROSE:
            return before.place == after.place  # else a citation would point to the wrong page
        case BlockKind.MESSAGE:
            return (after.said_at or 0) - (before.said_at or 0) <= pause_seconds
    return True


class _Cutter:
    """Cuts one run of blocks; the header is settled first, since it takes its share of every passage."""

    def __init__(self, limit: int, count_tokens: Count, header: str, heading: str) -> None:
        self._limit = limit
        self._count_tokens = count_tokens
        self._base = self._count("")  # what the tokenizer adds to every text
        self.header = self._fit_header(header, heading, limit // HEADER_SHARE)
        taken = self._cost(f"{self.header}\n") if self.header else 0
        self._budget = max(1, limit - self._base - taken)

    def cut(self, blocks: list[Block]) -> Iterator[tuple[Pack, str]]:
        """The packs with their texts, each within the limit."""
        kind = blocks[0].kind
        if kind is BlockKind.TABLE:
            yield from self._cut_table(blocks[0])
            return
        between = BETWEEN_BLOCKS[kind]
        pieces = [piece for block in blocks for piece in self._pieces(block, between)]
        if kind is BlockKind.MESSAGE:
            pieces = by_speaker(pieces)
        for packed in pack(pieces, self._budget, self._cost(between)):
            yield from self._checked(packed, "")

    def _count(self, text: str) -> int:
        return max(self._count_tokens(text), len(text) // CHARACTERS_PER_TOKEN)

    def _cost(self, text: str) -> int:
        return max(0, self._count(text) - self._base)

    def _pieces(self, block: Block, between: str) -> list[Piece]:
        if block.kind is BlockKind.MESSAGE:
            return self._message_pieces(block, between)
        parts = lines(block.text) if block.kind is BlockKind.CODE else sentences(block.text)
        return self._as_pieces(block, list(fitting(parts, self._budget, self._cost)), between)

    def _as_pieces(self, block: Block, parts: list[tuple[str, int]], between: str) -> list[Piece]:
        whole = sum(tokens for _, tokens in parts)
        return [
            Piece(text, tokens, block, opens=at == 0, block_tokens=whole, between=between if at == 0 else "")
            for at, (text, tokens) in enumerate(parts)
        ]

    def _message_pieces(self, block: Block, between: str) -> list[Piece]:
        """The message as one piece; or, longer than a passage, several that each name who said it."""
        name = f"{block.author}: " if block.author else ""
        room = max(1, self._budget - self._cost(name))
        said = self._as_pieces(block, list(fitting(talk(block.text), room, self._cost)), "")
        pieces = []
        for part in pack(said, room, 0):
            text = name + join(part)
            tokens = self._cost(name) + sum(piece.tokens for piece in part)
            pieces.append(Piece(text, tokens, block, opens=True, block_tokens=tokens, between=between))
        return pieces

    def _cut_table(self, block: Block) -> Iterator[tuple[Pack, str]]:
        """Rows, with the header row repeated above each pack unless it is too long for that."""
        columns, _, body = block.text.partition("\n")
        width = self._cost(f"{columns}\n")
        if not body.strip() or width * HEADER_SHARE > self._budget:
            columns, body, width = "", block.text, 0
        rows = lines(body)
        room = max(1, self._budget - width)
        pieces = [
            Piece(text, tokens, block, opens=True, block_tokens=tokens)
            for text, tokens in fitting(rows, room, self._cost)
        ]
        for packed in pack(pieces, room, 0):
            yield from self._checked(packed, columns)

    def _checked(self, pieces: Pack, columns: str) -> Iterator[tuple[Pack, str]]:
        """The pack's text; cut once more where the parts together count more than they did one by one."""
        text = join(pieces)
        if not text.strip():
            return
        shown = f"{columns}\n{text}" if columns else text
        if self._count(with_header(self.header, shown)) <= self._limit or (len(pieces) == 1 and len(text) == 1):
            yield pieces, shown
            return
        if len(pieces) == 1:
            only = pieces[0]
            smaller = fitting([only.text], max(1, only.tokens - 1), self._cost)
            pieces = [Piece(part, tokens, only.block, opens=False, block_tokens=tokens) for part, tokens in smaller]
        half = len(pieces) // 2
        yield from self._checked(pieces[:half], columns)
        yield from self._checked(pieces[half:], columns)

    def _fit_header(self, header: str, heading: str, room: int) -> str:
        """Header and heading, shortened where they would leave too little room for the text."""
        together = BETWEEN_PARTS.join(filter(None, (header, heading)))
        if self._cost(together) <= room:
            return together
        if header and heading:
            header = self._shortened(header, room // 2)
            left = room - room // 2 - self._cost(BETWEEN_PARTS)
            heading = self._shortened(heading.rsplit(" › ", maxsplit=1)[-1], left)
            together = BETWEEN_PARTS.join(filter(None, (header, heading)))
        return self._shortened(together, room)

    def _shortened(self, text: str, room: int) -> str:
        """The longest beginning of the text that fits, cut between words where there are any."""
        if self._cost(text) <= room:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self._cost(f"{text[:middle]}…") <= room:
                low = middle
            else:
                high = middle - 1
        kept = text[:low].rsplit(maxsplit=1)[0] if " " in text[:low].strip() else text[:low]
        return f"{kept.rstrip(' ·,')}…" if kept.strip() else ""
