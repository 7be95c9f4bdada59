"""Tidies an answer's markup while it streams: citation markers, links and Slack's own sequences become plain Markdown.

Code stays as it is. What this leaves behind is made harmless by the guard after it.
"""

import re
from collections.abc import Collection

from core.answering.links import AllowedLinks
from core.answering.rewriting import Grammar, Rewriter

_WORD = r"(?:sources?|quellen?|fuentes?)"
_NUMBER = rf"(?:{_WORD}[ ]{{0,2}})?\d{{1,3}}"
_NUMBERS = rf"{_NUMBER}(?:[ ]{{0,2}}(?:,|;|-|–|&|and|und|y)[ ]{{0,2}}{_NUMBER}){{0,15}}"
_ADDRESS = r"[^()\s]{1,2048}"
_FENCE = "```"

_PROSE = Grammar(
    token=re.compile(
        r"(?P<fence>```)"
        r"|(?P<code>`[^`\n]{1,300}`)"
        rf"|(?P<space>[ \t]{{0,3}})(?:\[\^?(?P<markers>{_NUMBERS})\](?:\(https?://{_ADDRESS}\))?"
        r"|【(?P<lenticular>\d{1,3})(?:[:†][^】\n]{0,60})?】)"
        r"|!?\[(?P<label>[^\[\]\n]{0,300})\]"
        rf"\((?P<address>(?=[^()\s]*[:/]){_ADDRESS})(?:[ \t]{{1,3}}\"[^\"\n]{{0,200}}\")?\)"
        r"|<(?P<sigil>[@#!])(?P<name>[^<>\n|]{1,200})(?:\|(?P<shown>[^<>\n]{0,200}))?>"
        r"|<(?P<link>[A-Za-z][A-Za-z0-9+.\-]{0,20}:(?!:)[^<>\s|]{1,2048})(?:\|(?P<title>[^<>\n]{0,300}))?>",
        re.IGNORECASE,
    ),
    unfinished=re.compile(
        r"`{1,2}(?:[^`\n]{0,300})\Z"
        r"|[ \t]{1,3}\Z"
        r"|!\Z"
        r"|(?:[ \t]{0,3}|!)\[[^\[\]\n]{0,300}(?:\](?:\([^()\s]{0,2060}(?:[ \t]{1,3}(?:\"[^\"\n]{0,200}\"?)?)?)?)?\Z"
        r"|[ \t]{0,3}【[^】\n]{0,70}\Z"
        r"|<(?:[@#!][^<>\n]{0,402}|[A-Za-z][A-Za-z0-9+.\-]{0,20}(?::[^<>\n]{0,2400})?)?\Z",
        re.IGNORECASE,
    ),
)
_CODE = Grammar(token=re.compile(r"(?P<fence>```)"), unfinished=re.compile(r"`{1,2}\Z"))


class Markup:
    """Keeps only markers in `known`, as [n]; `cited` are those that were kept outside of code, first use first."""

    def __init__(self, known: Collection[int], links: AllowedLinks) -> None:
        self.cited: list[int] = []
        self._known = known
        self._links = links
        self._rewriter = Rewriter(_PROSE, self._tidy)

    def feed(self, text: str, *, last: bool = False) -> str:
        """What is certain of the tidied text now; with `last`, all the rest."""
        return self._rewriter.feed(text, last=last)

    def _tidy(self, token: re.Match[str]) -> tuple[str, int]:
        return self._replacement(token), token.end()

    def _replacement(self, token: re.Match[str]) -> str:
        kind = token.groupdict()
        if kind["fence"]:
            self._rewriter.grammar = _CODE if self._rewriter.grammar is _PROSE else _PROSE
            return _FENCE
        if kind["code"]:
            return token.group()
        if kind["markers"] or kind["lenticular"]:
            return self._markers(kind["space"] or "", kind["markers"] or kind["lenticular"] or "")
        if kind["address"]:
            return self._link(kind["address"], kind["label"])
        if kind["link"]:
            return self._link(kind["link"], kind["title"])
        return _plain_name(kind["sigil"] or "", kind["name"] or "", kind["shown"])

    def _markers(self, space: str, numbers: str) -> str:
        kept = [number for number in _expanded(numbers) if number in self._known]
        self.cited.extend(number for number in dict.fromkeys(kept) if number not in self.cited)
        return space + "".join(f"[{number}]" for number in kept) if kept else ""

    def _link(self, address: str, label: str | None) -> str:
        if address not in self._links:
            return label or address
        return f"[{label}]({address})" if label else address


def _expanded(numbers: str) -> list[int]:
    """The numbers of "1, 3-5" or "source 2 and 4", in order."""
    expanded: list[int] = []
    for first, last in re.findall(r"(\d+)(?:\s*[-–]\s*\D*(\d+))?", numbers):
        expanded.extend(range(int(first), int(last or first) + 1))
    return expanded


def _plain_name(sigil: str, name: str, shown: str | None) -> str:
    """Slack's <@U1|ana>, <!subteam^S1|@ops>, <!date^…|Monday> or <#C1|general> as a person would read it."""
    if name.startswith("date^"):
        return shown or ""
    sign = "#" if sigil == "#" else "@"
    return sign + (shown or name).lstrip("@#")
