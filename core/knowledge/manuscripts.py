"""A document as it is about to be cut: its content, and how its passages will be named, linked and dated."""

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from core.knowledge.chunking import Chunk, chunk, with_header
from core.knowledge.content import Content
from core.records.documents import Document, Passage


@dataclass(frozen=True)
class Manuscript:
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

    def passages(self, document: Document, limit: int, count_tokens: Callable[[str], int]) -> list[Passage]:
        """The document's passages, of at most `limit` tokens each with their header."""
        seen: Counter[str] = Counter()
        passages = []
        for each in chunk(self.content, limit, count_tokens, self.header, self.pause_s):
            text = with_header(each.header, each.text)
            seen[text] += 1
            passages.append(
                Passage(
                    id=passage_id(document, text, seen[text]),
                    document_id=document.id,
                    workspace_id=document.workspace_id,
                    audience=document.audience,
                    ordinal=each.ordinal,
                    header=each.header,
                    text=each.text,
                    place=each.place,
                    places=each.places,
                    source=self.name(each),
                    link=self.links.get(each.place, self.link),
                    said_at=self.dates.get(each.place, self.said_at),
                )
            )
        return passages


def passage_id(document: Document, text: str, occurrence: int) -> str:
    """The same text, for the same readers, of the same document, is the same passage; so is its second occurrence."""
    name = f"journeyman:{document.id}:{document.channel_id}:{document.audience}:{occurrence}:{text}"
    return str(uuid5(NAMESPACE_URL, name))


def written_date(moment: datetime) -> str:
    """The date as people write it: "1 March 2026"."""
    day = moment.astimezone(UTC)
    return f"{day.day} {day:%B %Y}"
