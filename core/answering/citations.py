"""From a model's words to an answer that may be shown: markers that exist, no pings, no foreign links."""

from collections.abc import Collection
from dataclasses import dataclass

from core.answering.guard import Guard
from core.answering.links import AllowedLinks
from core.answering.markup import Markup


@dataclass(frozen=True)
class Checked:
    """An answer that may be shown, and the markers it uses, in order of first use."""

    text: str
    cited: tuple[int, ...]


class SafeStream:
    """Makes an answer safe while it is written; holds back only what is still undecided.

    The pieces together are the same text however the input was cut.
    """

    def __init__(self, markers: Collection[int], links: AllowedLinks) -> None:
        self._markup = Markup(markers, links)
        self._guard = Guard(links)

    @property
    def cited(self) -> tuple[int, ...]:
        """Markers used so far, in order of first use."""
        return tuple(self._markup.cited)

    def feed(self, text: str) -> str:
        """The next piece that may be shown; often empty."""
        return self._guard.feed(self._markup.feed(text))

    def finish(self) -> str:
        """What was held back."""
        return self._guard.feed(self._markup.feed("", last=True), last=True)


def check(text: str, markers: Collection[int], links: AllowedLinks) -> Checked:
    """A whole answer made safe."""
    stream = SafeStream(markers, links)
    safe = stream.feed(text) + stream.finish()
    return Checked(safe, stream.cited)
