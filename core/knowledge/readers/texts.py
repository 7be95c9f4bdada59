"""Plain text and source code → blocks."""

import re

from core.knowledge.content import Block, BlockKind

PARAGRAPH_BREAK = re.compile(r"\n[ \t\f\v]*\n\s*")


def read_prose(text: str, place: str = "", heading: str = "") -> list[Block]:
    """One block for each paragraph."""
    return [Block(part, place=place, heading=heading) for part in PARAGRAPH_BREAK.split(text) if part.strip()]


def read_code(text: str, language: str) -> list[Block]:
    """One block for each top-level definition, placed by its first line: "line 40"."""
    blocks: list[Block] = []
    gathered: list[str] = []
    start = 1
    for number, line in enumerate(text.split("\n"), start=1):
        if gathered and not gathered[-1].strip() and _starts_anew(line):
            blocks.append(_code_block(gathered, start, language))
            gathered, start = [], number
        gathered.append(line)
    blocks.append(_code_block(gathered, start, language))
    return blocks


def _starts_anew(line: str) -> bool:
    """Whether a line after a blank one opens something new: not indented, and no closing bracket."""
    return bool(line) and not line[0].isspace() and line[0] not in ")]}"


def _code_block(lines: list[str], start: int, language: str) -> Block:
    return Block("\n".join(lines).strip("\n"), BlockKind.CODE, place=f"line {start}", heading=language)
