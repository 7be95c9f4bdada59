"""Rewriting a text while it streams: what comes out never depends on how the text was cut into pieces."""

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Grammar:
    """What to look for. `token` is rewritten; `unfinished` matches, at the end of what has come so far, all that may
    still grow into a token. An `unfinished` that matches too much only delays; one that matches too little is a bug.
    """

    token: re.Pattern[str]
    unfinished: re.Pattern[str]


Rewrite = Callable[[re.Match[str]], tuple[str, int]]
"""From a token to its replacement and the index in the text from which to look on."""


class Rewriter:
    """Replaces tokens of the current grammar; the rewriting function may change `grammar` for what follows."""

    def __init__(self, grammar: Grammar, rewrite: Rewrite) -> None:
        self.grammar = grammar
        self._rewrite = rewrite
        self._waiting = ""

    def feed(self, text: str, *, last: bool = False) -> str:
        """What is certain of the output now; with `last`, all the rest."""
        text = self._waiting + text
        written: list[str] = []
        at = 0
        while at < len(text):
            token = self.grammar.token.search(text, at)
            unfinished = None if last else self.grammar.unfinished.search(text, at)
            if unfinished and (token is None or unfinished.start() <= token.start()):
                written.append(text[at : unfinished.start()])
                at = unfinished.start()
                break
            if token is None:
                written.append(text[at:])
                at = len(text)
                break
            written.append(text[at : token.start()])
            replacement, at = self._rewrite(token)
            written.append(replacement)
        self._waiting = text[at:]
        return "".join(written)
