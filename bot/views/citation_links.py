"""The markers in a finished answer become links to what they stand for."""

import re
from collections.abc import Sequence
from urllib.parse import quote

from core.answering.drafts import DraftCitation

MOST_CHARACTERS = 12_000
"""Slack takes no more Markdown in a message."""

# Code, and links that stand already, stay as they are.
_TOKEN = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|\[[^\[\]\n]*\]\([^()\s]*\)|\[(?P<marker>\d{1,3})\]", re.DOTALL)
_KEPT = "%/:?#@!$&'*+,;=~-._"
"""Round brackets would end the link."""


def with_links(text: str, citations: Sequence[DraftCitation]) -> str:
    """The text with each [n] that has a citation as a link; as many of them as a message has room for."""
    links = {citation.marker: citation.link for citation in citations}
    room = MOST_CHARACTERS - len(text)

    def linked(token: re.Match[str]) -> str:
        nonlocal room
        address = quote(links.get(int(token["marker"] or 0), ""), safe=_KEPT)
        link = f"[{token['marker']}]({address})"
        if not address.startswith(("https://", "http://")) or room < len(link):
            return token.group()
        room -= len(link) - len(token.group())
        return link

    return _TOKEN.sub(linked, text)
