"""Markdown → blocks: headings become each block's section, code and tables keep their kind."""

import re

from core.knowledge.content import Block, BlockKind
from core.knowledge.readers.outline import Outline
from core.knowledge.readers.rows import table_text

HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
UNDERLINE = re.compile(r"^ {0,3}(=+|-{2,})\s*$")
FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
TABLE_ROW = re.compile(r"^\s*\|.*\|\s*$")
TABLE_RULE = re.compile(r"^[\s|:-]+$")
CELL_BORDER = re.compile(r"(?<!\\)\|")
FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---[ \t]*(?:\n|\Z)", re.S)


def read_markdown(text: str) -> list[Block]:
    """The blocks of a Markdown text; its front matter, if any, is the first of them."""
    return _Reader().read(text)


class _Reader:
    """Walks the lines, gathering runs that belong together."""

    def __init__(self) -> None:
        self._outline = Outline()
        self._run: list[str] = []
        self._kind = BlockKind.PROSE
        self._fence = ""  # what opened the code block that we are in

    def read(self, text: str) -> list[Block]:
        if front := FRONT_MATTER.match(text):
            self._outline.add(front[1])
            text = text[front.end() :]
        for line in text.split("\n"):
            if self._fence:
                self._in_code(line)
            else:
                self._in_text(line)
        self._flush()
        return self._outline.blocks()

    def _in_code(self, line: str) -> None:
        if line.strip().startswith(self._fence) and not line.strip().strip(self._fence[0]):
            self._flush()
            self._fence = ""
        else:
            self._run.append(line)

    def _in_text(self, line: str) -> None:
        if fence := FENCE.match(line):
            self._flush(BlockKind.CODE)
            self._fence = fence[1]
        elif heading := HEADING.match(line):
            self._flush()
            self._outline.section(len(heading[1]), heading[2])
        elif UNDERLINE.match(line) and len(self._run) == 1 and self._kind is BlockKind.PROSE:
            title = self._run.pop()
            self._outline.section(1 if "=" in line else 2, title)
        elif not line.strip():
            self._flush()
        else:
            kind = BlockKind.TABLE if TABLE_ROW.match(line) else BlockKind.PROSE
            if kind is not self._kind:
                self._flush(kind)
            self._run.append(line)

    def _flush(self, next_kind: BlockKind = BlockKind.PROSE) -> None:
        if self._kind is BlockKind.TABLE:
            rows = [_cells(line) for line in self._run if not TABLE_RULE.match(line)]
            self._outline.add(table_text(rows), BlockKind.TABLE)
        else:
            self._outline.add("\n".join(self._run), self._kind)
        self._run, self._kind = [], next_kind


def _cells(line: str) -> list[str]:
    return [cell.replace("\\|", "|") for cell in CELL_BORDER.split(line.strip()[1:-1])]
