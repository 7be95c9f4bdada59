"""Editions of the index and which documents they hold, on every database."""

from concurrent.futures import ThreadPoolExecutor, TimeoutError
from datetime import timedelta

import pytest

from core.records.base import utc_now
from core.records.documents import DocumentKind
from core.records.editions import LIVE, NEXT, Edition
from core.records.passages import Passage
from core.records.unit_of_work import Record

DAYS = frozenset({DocumentKind.DAY})
HOLD = timedelta(minutes=1)


def edition(slot: str) -> Edition:
    return Edition(slot=slot, embedder="minilm", embedder_name="model@1", dimension=3, passage_tokens=128, terms=1)


def two_editions(record: Record) -> tuple[int, int]:
    live, coming = edition(LIVE), edition(NEXT)
    with record() as work:
        assert work.editions.add(live)
        assert work.editions.add(coming)
        work.commit()
    return live.id, coming.id


def passage(document_id: str, number: int) -> Passage:
    return Passage(
        id=f"{document_id}-{number}",
        document_id=document_id,
        workspace_id="T1",
        edition=number,
        audience="public",
        ordinal=0,
        text="words",
    )


def indexed_in(record: Record, key: str, number: int) -> str:
    """A document that the live edition of this number holds."""
    with record() as work:
        document = work.documents.want("T1", DocumentKind.DAY, key, channel_id="C1", audience="public")
        work.commit()
    with record() as work:
        (taken,) = work.claims.take_due("a", utc_now(), HOLD, 1, DAYS)
        assert work.claims.indexed(taken.id, "a", taken.revision, [passage(taken.id, number)], "", number)
        work.commit()
    return document.id


def test_of_two_who_begin_an_edition_one_is_faster(record: Record) -> None:
    two_editions(record)
    with record() as work:
        assert not work.editions.add(edition(NEXT))
        work.commit()
    with record() as work:
        assert work.editions.next() is not None


def test_a_document_is_missing_until_the_new_edition_holds_it_as_it_stands(record: Record) -> None:
    live, coming = two_editions(record)
    document_id = indexed_in(record, "C1:2026-03-01", live)
    with record() as work:
        assert (work.documents.count_missing(coming), work.documents.count_held(coming)) == (1, 0)
        (taken,) = work.claims.take_missing("b", utc_now(), HOLD, 5, DAYS, coming)
        assert work.claims.take_missing("c", utc_now(), HOLD, 5, DAYS, coming) == []
        assert work.claims.held_beside(taken.id, "b", taken.revision, [passage(taken.id, coming)], "", coming)
        assert (work.documents.count_missing(coming), work.documents.count_held(coming)) == (0, 1)
        assert work.passages.count("T1") == 1, "the live edition's alone"
        assert len(work.passages.ids("T1")) == 2
        work.commit()
    indexed_in(record, "C1:2026-03-01", live)
    with record() as work:
        assert work.documents.count_missing(coming) == 1, "what is indexed live meanwhile is done again"
        document = work.documents.get(document_id)
        assert document is not None
        work.documents.drop_passages(document, "nowhere")
        (taken,) = work.claims.take_missing("b", utc_now(), HOLD, 5, DAYS, coming)
        old = taken.forgotten_revision - 1
        assert work.claims.held_beside(taken.id, "b", old, [passage(taken.id, coming)], "", coming)
        assert work.documents.count_missing(coming) == 1, "what was read before words were forgotten does not count"


def test_what_cannot_be_in_the_new_edition_is_passed_over_and_wanted_again_when_it_answers(record: Record) -> None:
    live, coming = two_editions(record)
    document_id = indexed_in(record, "C1:2026-03-01", live)
    with record() as work:
        work.claims.take_missing("b", utc_now(), HOLD, 5, DAYS, coming)
        work.claims.pass_over(document_id, "b", coming)
        assert work.documents.count_missing(coming) == 0
        assert work.documents.count_passed_over(coming) == 1
        there, taking_over = work.editions.moving()
        assert there is not None
        assert taking_over is not None
        work.editions.retire(there)
        work.editions.make_live(taking_over)
        work.documents.want_missing_again(coming)
        work.commit()
    with record() as work:
        assert [each.id for each in work.editions.retired()] == [live]
        assert [each.id for each in work.claims.take_due("a", utc_now(), HOLD, 5, DAYS)] == [document_id]


def test_while_one_closes_only_what_is_to_vanish_is_taken_up(record: Record) -> None:
    live, _coming = two_editions(record)
    document_id = indexed_in(record, "C1:2026-03-01", live)
    with record() as work:
        document = work.documents.get(document_id)
        assert document is not None
        work.documents.want("T1", DocumentKind.DAY, "C1:2026-03-02", channel_id="C1", audience="public")
        work.documents.unwant(document)
        taken = work.claims.take_due("a", utc_now(), HOLD, 5, DAYS, only_gone=True)
        assert [each.id for each in taken] == [document_id]


def test_nobody_says_what_is_indexed_while_another_edition_takes_over(record: Record) -> None:
    """On SQLite there is one writer anyway; PostgreSQL has to be told."""
    live, coming = two_editions(record)

    def is_live() -> bool:
        with record() as work:
            return work.editions.kept_in(LIVE, live)

    with ThreadPoolExecutor(1) as pool:
        with record() as work:
            there, taking_over = work.editions.moving()
            assert there is not None
            assert taking_over is not None
            waiting = pool.submit(is_live)
            with pytest.raises(TimeoutError):
                waiting.result(0.3)
            work.editions.retire(there)
            work.editions.make_live(taking_over)
            work.commit()
        assert waiting.result(20) is False
    with record() as work:
        assert work.editions.kept_in(LIVE, coming)
