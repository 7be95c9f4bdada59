"""Gathers blocks under the headings they stand under, for every format that has headings."""

from core.knowledge.content import Block, BlockKind

SEPARATOR = " › "


class Outline:
    """Takes headings and texts in reading order; no heading's words are lost, even when nothing stands under it."""

    def __init__(self) -> None:
        self._path: list[tuple[int, str]] = []
        self._blocks: list[Block] = []
        self._bare = False  # the last heading has no text yet

    def section(self, level: int, title: str) -> None:
        """A heading: everything after it stands under it, until one of its level or above."""
        title = " ".join(title.split())
        if not title:
            return
        if self._bare and self._path[-1][0] >= level:
            self._keep_bare()
        while self._path and self._path[-1][0] >= level:
            self._path.pop()
        self._path.append((level, title))
        self._bare = True

    def add(self, text: str, kind: BlockKind = BlockKind.PROSE, place: str = "") -> None:
        """A text under the present heading."""
        if text.strip():
            self._blocks.append(Block(text, kind, place=place, heading=self._heading()))
            self._bare = False

    def blocks(self) -> list[Block]:
        """All that was gathered."""
        if self._bare:
            self._keep_bare()
        return self._blocks

    def _heading(self) -> str:
        return SEPARATOR.join(title for _, title in self._path)

    def _keep_bare(self) -> None:
        """A heading with nothing under it is text itself."""
        parents = SEPARATOR.join(title for _, title in self._path[:-1])
        self._blocks.append(Block(self._path[-1][1], heading=parents))
        self._bare = False
