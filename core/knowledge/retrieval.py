"""A question and a scope → the passages that answer best, each with as much around it as helps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.knowledge.access import AccessScope
from core.knowledge.chunking import with_header
from core.knowledge.coverage import Coverage, content_terms
from core.knowledge.dense_weight import dense_weight
from core.knowledge.embedding import Embedder
from core.knowledge.neighbours import NEIGHBOURS, as_one_stretch, widened
from core.knowledge.ordering import Seen, in_reading_order, rescored
from core.knowledge.reranking import Reranker
from core.knowledge.stores.passage_store import Hit, PassageStore
from core.records.documents import DocumentKind, document_id
from core.records.passages import Passage
from core.records.unit_of_work import Record

CANDIDATES_PER_PLACE = 4
"""Hits asked of the store for each passage of the result: near-duplicates among them are dropped."""

QUESTION_CHARACTERS = 2000
"""A question is searched for by its beginning; what is longer is a text, not a question."""


@dataclass(frozen=True)
class Found:
    """A passage that may answer. `quote` is its own text, `context` the same with the neighbours that fit.

    `score` is the store's fused score in 0…1, `similarity` the cosine to the question, `coverage` how much of the
    question the passage speaks of by itself and with its context, `readability` how well the embedder reads that.
    `places` are those that `context` is from, in the document's channel.
    """

    passage_id: str
    document_id: str
    source: str
    link: str
    quote: str
    context: str
    header: str
    audience: str
    said_at: datetime | None
    place: str
    score: float
    similarity: float
    coverage: float
    readability: float = 1.0
    channel_id: str = ""
    places: tuple[str, ...] = ()


class Retrieval:
    """Finds passages. Nothing outside the scope is ever returned, whatever the store says."""

    def __init__(
        self, record: Record, store: PassageStore, embedder: Embedder, reranker: Reranker | None = None
    ) -> None:
        self._record = record
        self._store = store
        self._embedder = embedder
        self._reranker = reranker

    def find(self, question: str, scope: AccessScope, limit: int, thread: str = "") -> list[Found]:
        """The best `limit` passages for the question inside the scope, best first.

        `thread` is where it was asked, as channel and root ts ("C1:1700000000.000100"): what was said there and answers
        comes first. Raises StoreUnavailable.
        """
        asked = question[:QUESTION_CHARACTERS]
        if not scope.audiences or not content_terms(asked):
            return []
        vector = self._embedder.embed_question(asked)
        readability = self._embedder.readability(asked)
        hits = self._store.search(asked, vector, scope, limit * CANDIDATES_PER_PLACE, dense_weight(readability))
        seen, heard_in = self._known(hits, scope)
        texts = [with_header(each.passage.header, each.passage.text) for each in seen]
        covers = Coverage(asked, texts)
        if self._reranker is not None:
            seen = rescored(seen, self._reranker.scores(asked, texts))
        best = in_reading_order(seen, limit, _document_of(scope, thread))
        with self._record() as work:
            around = [work.passages.neighbours(each.passage, NEIGHBOURS) for each in best]
        return [
            _found(each, beside, covers, readability, heard_in[each.passage.document_id])
            for each, beside in zip(best, around, strict=True)
        ]

    def _known(self, hits: Sequence[Hit], scope: AccessScope) -> tuple[list[Seen], dict[str, str]]:
        """Those hits that the record knows inside the scope, and the channel of each of their documents."""
        with self._record() as work:
            passages = work.passages.by_id(hit.passage_id for hit in hits)
            heard_in = work.passages.channels_of({passage.document_id for passage in passages.values()})
        seen = [Seen(hit, passages[hit.passage_id]) for hit in hits if hit.passage_id in passages]
        return [each for each in seen if _is_inside(scope, each.passage, heard_in[each.passage.document_id])], heard_in


def _is_inside(scope: AccessScope, passage: Passage, channel_id: str) -> bool:
    return passage.workspace_id == scope.workspace_id and scope.admits(passage.audience, channel_id)


def _document_of(scope: AccessScope, thread: str) -> str:
    return document_id(scope.workspace_id, DocumentKind.THREAD, thread) if thread else ""


def _found(seen: Seen, around: Sequence[Passage], covers: Coverage, readability: float, channel_id: str) -> Found:
    passage, read = seen.passage, _widened(seen.passage, around)
    context = as_one_stretch([(each.header, each.text) for each in read])
    return Found(
        passage_id=passage.id,
        document_id=passage.document_id,
        source=passage.source,
        link=passage.link,
        quote=passage.text,
        context=context,
        header=passage.header,
        audience=passage.audience,
        said_at=passage.said_at,
        place=passage.place,
        score=seen.hit.score,
        similarity=seen.hit.similarity,
        coverage=sum(covers.of(with_header(passage.header, text)) for text in (passage.text, context)) / 2,
        readability=readability,
        channel_id=channel_id,
        places=tuple(dict.fromkeys(place for each in read for place in each.places)),
    )


def _widened(passage: Passage, around: Sequence[Passage]) -> list[Passage]:
    """The passage with neighbours of its document, as long as they fit; in reading order."""
    by_ordinal = {each.ordinal: each for each in around} | {passage.ordinal: passage}
    return [by_ordinal[at] for at in widened(passage.ordinal, {at: len(each.text) for at, each in by_ordinal.items()})]
