"""How far a passage is read with what stands beside it."""

from collections.abc import Mapping, Sequence

NEIGHBOURS = 2
"""Passages before and after that may be read with one."""

CONTEXT_CHARACTERS = 1500
"""How far a passage is widened, about 300 words."""

HEADING = "### "
"""Starts a line that says where the text below it stands."""


def widened(at: int, lengths: Mapping[int, int]) -> list[int]:
    """The passage `at` and those beside it that fit, in reading order; `lengths` are in characters, by ordinal.

    The nearest come first, and nothing is skipped: what is read is one stretch.
    """
    chosen = {at}
    room = CONTEXT_CHARACTERS - lengths[at]
    for distance in range(1, NEIGHBOURS + 1):
        for other, inner in ((at - distance, at - distance + 1), (at + distance, at + distance - 1)):
            if other in lengths and inner in chosen and lengths[other] <= room:
                chosen.add(other)
                room -= lengths[other]
    return sorted(chosen)


def as_one_stretch(read: Sequence[tuple[str, str]]) -> str:
    """Texts by their headers, in reading order; where they are from several sections, each section under its header."""
    several = len({header for header, _ in read}) > 1
    lines = []
    before = None
    for header, text in read:
        if several and header != before:
            lines.append(HEADING + header)
        lines.append(text)
        before = header
    return "\n".join(lines)
