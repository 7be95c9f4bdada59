"""Text for Slack's own mark-up, for the places that do not take standard Markdown."""

import re

_BOLD = re.compile(r"\*\*(\S(?:.*?\S)?)\*\*")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]\n]+)\]\((https?://[^\s)]+)\)")
_BULLET = re.compile(r"^(\s*)[-*+]\s+", re.MULTILINE)
_CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)


def escape(text: str) -> str:
    """The text with Slack's three control characters made harmless."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def link(address: str, label: str) -> str:
    """A link, or only its label where there is no address."""
    shown = escape(label).replace("|", "¦")
    return f"<{address}|{shown}>" if address else shown


def from_markdown(text: str) -> str:
    """Standard Markdown as Slack's mark-up; what stands in code is left as it is."""
    pieces = _CODE.split(text)
    return "".join(escape(piece) if index % 2 else _outside_code(piece) for index, piece in enumerate(pieces))


def _outside_code(text: str) -> str:
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(link(found[2], found[1]))
        return f"\x00{len(kept) - 1}\x00"

    text = escape(_LINK.sub(keep, text))
    text = _BULLET.sub(r"\1• ", text)
    text = _HEADING.sub(r"**\1**", text)
    text = _BOLD.sub(r"*\1*", text)
    return re.sub("\x00(\\d+)\x00", lambda found: kept[int(found[1])], text)
