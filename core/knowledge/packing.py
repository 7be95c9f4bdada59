"""Pieces of text → packs that fit a budget of tokens, broken where a reader would break them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from core.knowledge.content import Block

WORTH_CLOSING = 3  # a pack filled to this part of its budget is closed rather than cut the next block in two
SMALL_TAIL = 4  # a last pack below this part of its budget is evened out with the one before


@dataclass(frozen=True)
class Piece:
    """A text that is not cut any more, the block it comes from, and whether it is that block's first.

    `block_tokens` is the size of the whole block; `between` is what parts the piece from the one before it.
    """

    text: str
    tokens: int
    block: Block
    opens: bool
    block_tokens: int
    between: str = ""


Pack = list[Piece]


def pack(pieces: Sequence[Piece], budget: int, joint: int) -> list[Pack]:
    """The pieces in order, packed; `joint` is what it costs in tokens to put a block after another."""
    packs: list[Pack] = []
    used = 0
    for piece in pieces:
        if not packs or _closes(piece, used, budget, joint):
            packs.append([])
            used = 0
        elif piece.opens:
            used += joint
        packs[-1].append(piece)
        used += piece.tokens
    if len(packs) > 1:
        _even_out(packs[-2], packs[-1], budget)
    return packs


def by_speaker(messages: Sequence[Piece]) -> list[Piece]:
    """What one speaker says in a row as one block: a pack ends rather where the speaker changes."""
    turns: list[Piece] = []
    for _, turn in groupby(messages, key=lambda piece: piece.block.author or piece.block.place):
        said = list(turn)
        whole = sum(piece.tokens for piece in said)
        turns += [replace(piece, opens=at == 0, block_tokens=whole) for at, piece in enumerate(said)]
    return turns


def _closes(piece: Piece, used: int, budget: int, joint: int) -> bool:
    """Whether the pack that holds `used` tokens ends before this piece."""
    if not piece.opens:
        return used + piece.tokens > budget
    if used + joint + piece.tokens > budget:
        return True
    fits_by_itself = used + joint + piece.block_tokens > budget >= piece.block_tokens
    return fits_by_itself and used * WORTH_CLOSING >= budget


def _even_out(before: Pack, last: Pack, budget: int) -> None:
    """Move pieces of a block that was cut from the pack before to a tail too small to mean much by itself."""
    if last[0].opens or sum(piece.tokens for piece in last) * SMALL_TAIL >= budget:
        return
    left, right = sum(piece.tokens for piece in before), sum(piece.tokens for piece in last)
    while len(before) > 1 and not last[0].opens and right + before[-1].tokens <= left - before[-1].tokens:
        piece = before.pop()
        last.insert(0, piece)
        left, right = left - piece.tokens, right + piece.tokens


def join(pieces: Pack) -> str:
    """The pack as one text."""
    return (pieces[0].text + "".join(piece.between + piece.text for piece in pieces[1:])).strip("\n").rstrip()
