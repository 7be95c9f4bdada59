"""A question and a scope → the passages that answer best, each with as much around it as helps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from core.knowledge.access import AccessScope
from core.knowledge.coverage import content_terms, coverage
from core.knowledge.embedding import Embedder
from core.knowledge.stores.passage_store import Hit, PassageStore
from core.knowledge.stores.terms import terms_of
from core.knowledge.weighing import dense_weight
from core.knowledge.widening import NEIGHBOURS, widened
from core.records.documents import Passage
from core.records.unit_of_work import Record

CANDIDATES_PER_PLACE = 4
"""Hits asked of the store for each place in the result, since near-duplicates share one."""

NEAR_DUPLICATE = 0.9
"""Share of their terms that two passages have in common when a reader would call them the same."""

TIE = 0.01
"""Scores closer than this are a tie, which the newer passage wins."""

QUESTION_CHARACTERS = 2000
"""A question is searched for by its beginning; what is longer is a text, not a question."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Found:
    """A passage that may answer. `quote` is its own text, `context` the same with the neighbours that fit.

    `score` is the store's fused score in 0…1, `similarity` the cosine to the question, `coverage` the share of the
    question's terms that the passage contains. `places` are those that `context` is from, in the document's channel.
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
    channel_id: str = ""
    places: tuple[str, ...] = ()


class Retrieval:
    """Finds passages. Nothing outside the scope is ever returned, whatever the store says."""

    def __init__(self, record: Record, store: PassageStore, embedder: Embedder) -> None:
        self._record = record
        self._store = store
        self._embedder = embedder

    def find(self, question: str, scope: AccessScope, limit: int) -> list[Found]:
        """The best `limit` passages for the question inside the scope, best first. Raises StoreUnavailable."""
        asked = question[:QUESTION_CHARACTERS]
        if not scope.audiences or not content_terms(asked):
            return []
        vector = self._embedder.embed_question(asked)
        weight = dense_weight(self._embedder.readability(asked))
        hits = self._store.search(asked, vector, scope, limit * CANDIDATES_PER_PLACE, weight)
        with self._record() as work:
            known = work.documents.passages(hit.passage_id for hit in hits)
            seen = [(hit, known[hit.passage_id]) for hit in hits if hit.passage_id in known]
            heard_in = work.documents.channels_of({passage.document_id for _, passage in seen})
            inside = [each for each in seen if _is_inside(scope, each[1], heard_in[each[1].document_id])]
            best = _without_duplicates(_newer_first_in_ties(inside))[:limit]
            around = {passage.id: work.documents.neighbours(passage, NEIGHBOURS) for _, passage in best}
        return [_found(asked, hit, passage, around[passage.id], heard_in[passage.document_id]) for hit, passage in best]


def _is_inside(scope: AccessScope, passage: Passage, channel_id: str) -> bool:
    return passage.workspace_id == scope.workspace_id and scope.admits(passage.audience, channel_id)


def _newer_first_in_ties(seen: Sequence[tuple[Hit, Passage]]) -> list[tuple[Hit, Passage]]:
    """By score; of those that follow each other within a tie, the newer first."""
    ordered: list[tuple[Hit, Passage]] = []
    tied: list[tuple[Hit, Passage]] = []
    for each in seen:
        if tied and tied[0][0].score - each[0].score > TIE:
            ordered += sorted(tied, key=_age)
            tied = []
        tied.append(each)
    return ordered + sorted(tied, key=_age)


def _age(found: tuple[Hit, Passage]) -> float:
    return -(found[1].said_at or _LONG_AGO).timestamp()


def _without_duplicates(found: Sequence[tuple[Hit, Passage]]) -> list[tuple[Hit, Passage]]:
    """The first of each group of passages that say nearly the same."""
    kept: list[tuple[Hit, Passage]] = []
    known: list[set[str]] = []
    for each in found:
        words = set(terms_of(each[1].text).words)
        if not any(_share(words, other) >= NEAR_DUPLICATE for other in known):
            kept.append(each)
            known.append(words)
    return kept


def _share(one: set[str], other: set[str]) -> float:
    """Terms in common, of all terms of both."""
    return len(one & other) / max(1, len(one | other))


def _found(question: str, hit: Hit, passage: Passage, around: Sequence[Passage], channel_id: str) -> Found:
    read = _widened(passage, around)
    return Found(
        passage_id=passage.id,
        document_id=passage.document_id,
        source=passage.source,
        link=passage.link,
        quote=passage.text,
        context="\n".join(each.text for each in read),
        header=passage.header,
        audience=passage.audience,
        said_at=passage.said_at,
        place=passage.place,
        score=hit.score,
        similarity=hit.similarity,
        coverage=coverage(question, f"{passage.header}\n{passage.text}"),
        channel_id=channel_id,
        places=tuple(dict.fromkeys(place for each in read for place in each.places)),
    )


def _widened(passage: Passage, around: Sequence[Passage]) -> list[Passage]:
    """The passage with neighbours of its document, as long as they fit; in reading order."""
    by_ordinal = {each.ordinal: each for each in around} | {passage.ordinal: passage}
    return [by_ordinal[at] for at in widened(passage.ordinal, {at: len(each.text) for at, each in by_ordinal.items()})]
