"""A document as it is about to be cut: its content, and how its passages will be named, linked and dated."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from core.knowledge.chunking import Chunk, chunk, with_header
from core.knowledge.content import Content
from core.knowledge.neighbours import widened
from core.records.documents import Document
from core.records.passages import Passage


@dataclass(frozen=True)
class PreparedDocument:
    """Everything that the passages of one document are made of.

    `links` and `dates` are by place; what they do not name gets `link` and `said_at`.
    Messages further apart than `pause_s` seconds do not share a passage.
    """

    content: Content
    header: str
    name: Callable[[Chunk], str]
    """How a reader knows the source of a chunk."""
    link: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    said_at: datetime | None = None
    dates: Mapping[str, datetime] = field(default_factory=dict)
    pause_s: float = math.inf
    places: tuple[str, ...] = ()
    """Places that every passage is from, such as the message that a thread's title is made of."""

    def cuts(self, document: Document, limit: int, count_tokens: Callable[[str], int], edition: int) -> list["Cut"]:
        """The document's passages in an edition of the index, in reading order.

        Each has at most `limit` tokens with its header.
        """
        seen: Counter[str] = Counter()
        chunks = chunk(self.content, limit, count_tokens, self.header, self.pause_s)
        cuts = []
        for each, around in zip(chunks, _texts_around(chunks), strict=True):
            found_by = "\n".join((with_header(each.header, each.text), *around))
            seen[found_by] += 1
            passage = Passage(
                id=passage_id(document, found_by, seen[found_by], edition),
                edition=edition,
                document_id=document.id,
                workspace_id=document.workspace_id,
                audience=document.audience,
                ordinal=each.ordinal,
                header=each.header,
                text=each.text,
                place=each.place,
                places=tuple(dict.fromkeys((*each.places, *self.places))),
                source=self.name(each),
                link=self.links.get(each.place, self.link),
                said_at=self.dates.get(each.place, self.said_at),
            )
            cuts.append(Cut(passage, around))
        return cuts


@dataclass(frozen=True)
class Cut:
    """A passage, and the texts beside it in the same section or stretch of talk, by whose words it is found too.

    A paragraph often names its subject once, and speaks of "it" in the passages after that.
    """

    passage: Passage
    around: tuple[str, ...]


def _texts_around(chunks: Sequence[Chunk]) -> list[tuple[str, ...]]:
    runs: dict[int, dict[int, int]] = {}
    for each in chunks:
        runs.setdefault(each.run, {})[each.ordinal] = len(each.text)
    return [
        tuple(chunks[at].text for at in widened(each.ordinal, runs[each.run]) if at != each.ordinal) for each in chunks
    ]


def passage_id(document: Document, found_by: str, occurrence: int, edition: int) -> str:
    """The same text with the same neighbours, document, readers and edition has the same id.

    So comparing ids tells whether the store is up to date, also when only a neighbour changed.
    """
    name = f"journeyman:{document.id}:{document.channel_id}:{document.audience}:{edition}:{occurrence}:{found_by}"
    return str(uuid5(NAMESPACE_URL, name))


def written_date(moment: datetime) -> str:
    """The date as people write it: "1 March 2026"."""
    day = moment.astimezone(UTC)
    return f"{day.day} {day:%B %Y}"
