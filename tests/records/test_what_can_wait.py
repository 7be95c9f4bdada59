"""What is said just now does not wait behind a past that is being read."""

import time
from datetime import timedelta

from core.knowledge.hearing import HeardFile, HeardMessage, file_stored, hear_messages
from core.knowledge.wanting import day_of
from core.records.base import utc_now
from core.records.documents import DocumentKind
from core.records.unit_of_work import Record
from core.records.workspaces import ChannelKind

DAY_S = 86_400.0
KINDS = (DocumentKind.DAY, DocumentKind.THREAD, DocumentKind.FILE)


def hear(
    record: Record, days_ago: int, minute: int = 0, *, edited: bool = False, files: tuple[HeardFile, ...] = ()
) -> str:
    """Hears a message: of just now, or of noon of a past day. Edited only now, if so. Returns its document's key."""
    now = time.time()
    noon = (now // DAY_S - days_ago + 0.5) * DAY_S
    ts = f"{noon + 60 * minute if days_ago else now:.6f}"
    revision = f"{now:.6f}" if edited else ts
    message = HeardMessage("T1", "C1", ChannelKind.PUBLIC, ts, "", "U1", "words", "", revision=revision, files=files)
    hear_messages(record, [message])
    return f"C1:{day_of(ts)}"


def taken(record: Record, limit: int) -> list[str]:
    with record() as work:
        documents = work.claims.take_due("w", utc_now(), timedelta(minutes=1), limit, KINDS)
        work.commit()
        return [document.key for document in documents]


def a_file(name: str) -> HeardFile:
    return HeardFile(name, f"{name}.txt", "text/plain", 1, f"https://example.com/{name}", "", "U1")


def test_live_words_go_before_those_of_the_past(record: Record) -> None:
    past = [hear(record, days) for days in range(30, 10, -1)]
    live, edited = hear(record, 0), hear(record, 5, edited=True)
    assert taken(record, 2) == [live, edited]
    assert taken(record, 100) == past


def test_what_waits_goes_first_once_somebody_changes_it_and_stays_there(record: Record) -> None:
    first, second = hear(record, 30), hear(record, 20)
    assert hear(record, 20, minute=1, edited=True) == second
    hear(record, 20, minute=2)  # more of the past of that day is read, before the edit is indexed
    assert taken(record, 1) == [second]
    assert taken(record, 1) == [first]


def test_a_file_that_is_shared_now_is_fetched_and_read_first(record: Record) -> None:
    for name, days in (("old", 30), ("older", 40), ("new", 0)):
        hear(record, days, files=(a_file(name),))
    with record() as work:
        assert [file.id for file in work.files.wanted(utc_now(), 10)] == ["new", "old", "older"]
    for name in ("old", "older", "new"):
        file_stored(record, "T1", name, name)
    with record() as work:
        first = work.claims.take_due("w", utc_now(), timedelta(minutes=1), 1, (DocumentKind.FILE,))
        assert [document.key for document in first] == ["new:C1"]
