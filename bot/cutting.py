"""Cutting a long reply into messages, the same way whether the text is whole or still growing."""

SOFT_LIMIT = 9_000
"""From here on a message ends at the next paragraph."""
HARD_LIMIT = 11_000
"""No message is longer; Slack takes 12,000 characters of Markdown, and the end needs room for a closed code block."""

_FENCE = "```"


def next_cut(text: str) -> int | None:
    """Where to cut a growing text in two; None while it cannot be told or need not be."""
    if len(text) <= SOFT_LIMIT:
        return None
    paragraph = text.find("\n\n", SOFT_LIMIT, HARD_LIMIT)
    if paragraph >= 0:
        return paragraph
    if len(text) <= HARD_LIMIT:
        return None
    for boundary in ("\n", " "):
        found = text.rfind(boundary, SOFT_LIMIT, HARD_LIMIT)
        if found >= 0:
            return found
    return HARD_LIMIT


def certain(text: str) -> str:
    """The beginning of a growing text that will surely stand in this message."""
    return text if len(text) <= SOFT_LIMIT else text[:SOFT_LIMIT]


def split_at(text: str, cut: int) -> tuple[str, str]:
    """The message that ends here and what goes into the next; a code block that is cut is closed and opened again."""
    head, tail = text[:cut], text[cut:].lstrip("\n ")
    if head.count(_FENCE) % 2 == 1:
        return f"{head}\n{_FENCE}", f"{_FENCE}\n{tail}"
    return head, tail


def cut(text: str) -> list[str]:
    """A whole text as messages."""
    parts = []
    while (at := next_cut(text)) is not None:
        head, text = split_at(text, at)
        parts.append(head)
    return [*parts, text]
