"""The last thing an answer passes through: nothing in it pings anybody or links where it may not.

An invisible word joiner breaks what Slack would otherwise act on, so a reader sees the text as it was written.
Nothing is ever removed here, so that no new ping or link can come together from what was around it.
"""

import re

from core.answering.links import DOMAIN, LABEL, TOP_LEVEL, URL, URL_CHARACTER, AllowedLinks
from core.answering.rewriting import Grammar, Rewriter

WORD_JOINER = "\u2060"

_SCHEME = r"[A-Za-z][A-Za-z0-9+.\-]{0,20}"
_PING = re.compile(r"@(?=channel|here|everyone)", re.IGNORECASE)
_GUARDED = Grammar(
    token=re.compile(
        rf"(?P<control><(?=[@#!]|(?:mailto|tel|sms|slack|file|data|javascript|vbscript):))"
        r"|(?P<ping>@(?=channel|here|everyone))"
        rf"|\]\((?P<target>{_SCHEME}:{URL_CHARACTER}{{0,2048}})"
        rf"|(?P<url>{URL})"
        rf"|(?P<domain>{DOMAIN})",
        re.IGNORECASE,
    ),
    unfinished=re.compile(
        r"<[a-z]{0,10}\Z"
        r"|@[a-z]{0,8}\Z"
        rf"|\](?:\((?:{_SCHEME}(?::{URL_CHARACTER}{{0,2048}})?)?)?\Z"
        rf"|{_SCHEME}(?::/?|://{URL_CHARACTER}{{0,2048}})?\Z"
        rf"|www\.{URL_CHARACTER}{{0,2048}}\Z"
        rf"|(?:{LABEL}{{1,63}}\.){{0,7}}{LABEL}{{0,63}}\Z"
        rf"|(?:{LABEL}{{1,63}}\.){{1,6}}(?:{TOP_LEVEL})/{URL_CHARACTER}{{0,2048}}\Z",
        re.IGNORECASE,
    ),
)


class Guard:
    """Breaks pings, Slack's control sequences, and every link that is not allowed."""

    def __init__(self, links: AllowedLinks) -> None:
        self._links = links
        self._rewriter = Rewriter(_GUARDED, self._break)

    def feed(self, text: str, *, last: bool = False) -> str:
        """What is certain of the guarded text now; with `last`, all the rest."""
        return self._rewriter.feed(text, last=last)

    def _break(self, token: re.Match[str]) -> tuple[str, int]:
        if token["control"] or token["ping"]:
            return token.group() + WORD_JOINER, token.end()
        target = token["target"]
        if target is not None:
            allowed = target in self._links
            return (token.group(), token.end()) if allowed else (f"]{WORD_JOINER}(", token.start("target"))
        link = token.group()
        if link in self._links:
            return link, token.end()
        broken = link.replace("://", f":{WORD_JOINER}//").replace(".", f"{WORD_JOINER}.")
        return _PING.sub(f"@{WORD_JOINER}", broken), token.end()
