"""In which order what was found is read: ties, repeats, neighbours and the thread that was asked in. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from core.knowledge.neighbours import NEIGHBOURS
from core.knowledge.stores.passage_store import Hit
from core.knowledge.stores.terms import terms_of
from core.records.passages import Passage

NEAR_DUPLICATE = 0.9
"""Two passages whose terms overlap so far (Jaccard similarity) are shown once."""

TIE = 0.01
"""Scores closer than this are a tie, which the newer passage wins."""

BESIDE_A_BETTER_ONE = 0.8
"""Factor on a passage's score for each better one beside it, since it is read in that one's context anyway. In a
channel's history, a right passage was among the first five for .487 of the questions so, and .474 without."""

ITS_OWN_THREAD = 0.5
"""Share of the best score from which a passage of the thread that was asked in comes before all others."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Seen:
    """A hit with what the record knows of it."""

    hit: Hit
    passage: Passage


def rescored(seen: Sequence[Seen], scores: Sequence[float]) -> list[Seen]:
    """The same by other scores, best first."""
    scored = [replace(each, hit=replace(each.hit, score=score)) for each, score in zip(seen, scores, strict=True)]
    return sorted(scored, key=lambda each: -each.hit.score)


def in_reading_order(seen: Sequence[Seen], limit: int, thread: str = "") -> list[Seen]:
    """The `limit` to read, best first, of what was found (best first); `thread` is a document's id."""
    found = _newer_first_in_ties(seen)
    chosen = _Chosen(limit)
    if thread:
        enough = found[0].hit.score * ITS_OWN_THREAD if found else 0.0
        own = [each for each in found if each.passage.document_id == thread and each.hit.score >= enough]
        chosen.take_from(own)
    chosen.take_from(found)
    return chosen.so_far


def _newer_first_in_ties(seen: Sequence[Seen]) -> list[Seen]:
    """By score; those within a tie share the best score among them, and the newer come first."""
    groups: list[list[Seen]] = []
    for each in seen:
        if groups and groups[-1][0].hit.score - each.hit.score <= TIE:
            groups[-1].append(each)
        else:
            groups.append([each])
    return [each for group in groups for each in rescored(sorted(group, key=_age), [group[0].hit.score] * len(group))]


def _age(seen: Seen) -> float:
    return -(seen.passage.said_at or _LONG_AGO).timestamp()


class _Chosen:
    """What will be read, up to a limit: no passage twice, nor one that says nearly the same as another."""

    def __init__(self, limit: int) -> None:
        self.so_far: list[Seen] = []
        self._limit = limit
        self._words: list[set[str]] = []

    def take_from(self, found: Sequence[Seen]) -> None:
        """Each time the best of those left, where standing beside chosen ones counts against it."""
        left = [each for each in found if each not in self.so_far]
        worth = {each.passage.id: _worth(each, self.so_far) for each in left}
        while left and len(self.so_far) < self._limit:
            best = max(left, key=lambda each: worth[each.passage.id])  # of equals the first: the order stands
            left.remove(best)
            words = set(terms_of(best.passage.text).words)
            if any(_say_the_same(words, other) for other in self._words):
                continue
            self.so_far.append(best)
            self._words.append(words)
            for each in left:
                if _are_neighbours(each, best):
                    worth[each.passage.id] *= BESIDE_A_BETTER_ONE


def _say_the_same(one: set[str], other: set[str]) -> bool:
    fewer, more = sorted((len(one), len(other)))
    if fewer < NEAR_DUPLICATE * more:
        return False  # found without comparing a single word
    return len(one & other) >= NEAR_DUPLICATE * len(one | other)


def _worth(each: Seen, chosen: Sequence[Seen]) -> float:
    return each.hit.score * float(BESIDE_A_BETTER_ONE ** sum(_are_neighbours(each, other) for other in chosen))


def _are_neighbours(one: Seen, other: Seen) -> bool:
    same = one.passage.document_id == other.passage.document_id
    return same and abs(one.passage.ordinal - other.passage.ordinal) <= NEIGHBOURS
