"""What a document says, before it is cut into passages: blocks of text that know where they stand."""

from dataclasses import dataclass
from enum import StrEnum


class BlockKind(StrEnum):
    """How a block wants to be cut: prose at sentences, tables between rows, code between lines, messages not at all."""

    PROSE = "prose"
    TABLE = "table"
    CODE = "code"
    MESSAGE = "message"


@dataclass(frozen=True)
class Block:
    """A piece of a document that is kept whole where it fits.

    `place` is where a citation points: "p. 12", "slide 3", "sheet Prices", or a message's ts.
    `heading` is the section that the block stands under. For a table, the first line of `text` is its header row.
    `author` and `said_at` (seconds since the epoch) are known for messages only.
    """

    text: str
    kind: BlockKind = BlockKind.PROSE
    place: str = ""
    heading: str = ""
    author: str = ""
    said_at: float | None = None


@dataclass(frozen=True)
class Content:
    """A whole document: its title and its blocks in reading order."""

    title: str
    blocks: tuple[Block, ...]
