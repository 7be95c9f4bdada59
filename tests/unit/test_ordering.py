"""In which order what was found is read."""

from datetime import UTC, datetime, timedelta

from core.knowledge.ordering import BESIDE_A_BETTER_ONE, TIE, Seen, in_reading_order, rescored
from core.knowledge.stores.passage_store import Hit
from core.records.passages import Passage

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def seen(id: str, score: float, text: str = "", document="", ordinal=0, hours: float = 0) -> Seen:
    passage = Passage(
        id=id,
        document_id=document or f"document of {id}",
        ordinal=ordinal,
        text=text or f"only {id} says this",
        said_at=NOON + timedelta(hours=hours),
    )
    return Seen(Hit(id, score, similarity=0.5), passage)


def order(*found: Seen, limit=10, thread="") -> list[str]:
    return [each.passage.id for each in in_reading_order(found, limit, thread)]


def test_the_best_come_first_and_no_more_than_asked_for() -> None:
    assert order(seen("a", 0.9), seen("b", 0.5), seen("c", 0.4), limit=2) == ["a", "b"]
    assert order() == []
    assert order(thread="t") == []


def test_the_newer_wins_a_tie_and_nothing_else() -> None:
    tied = 0.9 - TIE / 2
    assert order(seen("old", 0.9), seen("new", tied, hours=1), seen("newest", 0.5, hours=2)) == ["new", "old", "newest"]


def test_what_has_no_date_loses_a_tie() -> None:
    undated = seen("undated", 0.9)
    undated.passage.said_at = None
    assert order(undated, seen("dated", 0.9)) == ["dated", "undated"]


def test_near_duplicates_share_the_place_of_the_best() -> None:
    said = "the wifi password of the second floor is sardine and it changes on the first monday of each month"
    assert order(seen("a", 0.9, said), seen("b", 0.8, said + "!"), seen("c", 0.7)) == ["a", "c"]
    other = said.replace("sardine", "mackerel").replace("second", "third")
    assert order(seen("a", 0.9, said), seen("b", 0.8, other)) == ["a", "b"], "they differ in what matters"


def test_what_stands_beside_a_better_one_makes_room() -> None:
    first, beside = seen("first", 0.9, document="d", ordinal=4), seen("beside", 0.85, document="d", ordinal=5)
    far = seen("far", 0.84, document="d", ordinal=40)
    assert order(first, beside, far) == ["first", "far", "beside"]
    assert order(first, beside, seen("weak", 0.85 * BESIDE_A_BETTER_ONE - 0.1)) == ["first", "beside", "weak"]


def test_the_thread_that_was_asked_in_comes_first_where_it_answers() -> None:
    best, own, unrelated = seen("best", 0.9), seen("own", 0.6, document="t"), seen("unrelated", 0.2, document="t")
    assert order(best, own, unrelated, thread="t") == ["own", "best", "unrelated"]
    assert order(best, own, unrelated) == ["best", "own", "unrelated"]
    assert order(best, own, limit=1, thread="t") == ["own"]


def test_other_scores_give_another_order() -> None:
    again = rescored([seen("a", 0.9), seen("b", 0.1)], [0.2, 0.7])
    assert [(each.passage.id, each.hit.score) for each in again] == [("b", 0.7), ("a", 0.2)]
