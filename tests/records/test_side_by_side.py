"""What is told of one thing at the same moment by several threads leaves the newest, on every database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Any, Self

import pytest

from core.curation.forget_requests import forget_message
from core.knowledge.channels import ChannelFacts, learn_channel
from core.knowledge.hearing import hear_deletion, hear_message
from core.records.base import utc_now
from core.records.documents import DocumentKind
from core.records.messages import Message
from core.records.unit_of_work import Record, UnitOfWork
from core.records.workspaces import PUBLIC, ChannelKind
from tests.records.test_hearing import GENERAL, NOON, TEAM, said

TS = f"{NOON}.000100"
LONG_ENOUGH_S = 0.5
"""For whoever does not wait to be done, when nobody else is."""


class HeldUpUnit(UnitOfWork):
    """Stops where it has read what is known, and has written nothing."""

    def __init__(self, record: Record, has_read: Event, may_write: Event) -> None:
        super().__init__(record.engine)
        self._has_read, self._may_write = has_read, may_write

    def __enter__(self) -> Self:
        super().__enter__()
        self._person = self.workspaces.person
        self.workspaces.person = self._after_a_while  # type: ignore[method-assign]  # to stop there
        return self

    def _after_a_while(self, *asked: str) -> Any:
        self._has_read.set()
        assert self._may_write.wait(30)
        return self._person(*asked)


@contextmanager
def heard_slowly(record: Record, **message: object) -> Iterator[None]:
    """Within it, a thread has read what is known of this message, and writes only afterwards."""
    has_read, may_write = Event(), Event()

    def held_up() -> UnitOfWork:
        return HeldUpUnit(record, has_read, may_write)

    thread = Thread(target=hear_message, args=(held_up, said(**message)))  # type: ignore[arg-type]  # as above
    thread.start()
    assert has_read.wait(30)
    try:
        yield
    finally:
        may_write.set()
        thread.join()


def at_the_same_time(doing: Callable[[], object]) -> Thread:
    """Begin it in a thread; it is done when this returns, or waits for somebody."""
    thread = Thread(target=doing)
    thread.start()
    thread.join(LONG_ENOUGH_S)
    return thread


def known(record: Record) -> Message:
    with record() as work:
        message = work.messages.get(TEAM, GENERAL, TS)
    assert message is not None
    return message


def test_of_two_edits_heard_at_once_the_newer_stays(record: Record) -> None:
    hear_message(record, said("first", TS))
    newest = said("newest", TS, revision=f"{NOON + 20}.0")
    with heard_slowly(record, text="older edit", ts=TS, revision=f"{NOON + 10}.0"):
        other = at_the_same_time(lambda: hear_message(record, newest))
    other.join()
    assert known(record).text == "newest"
    assert known(record).revision == f"{NOON + 20}.0"


@pytest.mark.parametrize("how", ["in Slack", "by us"])
def test_a_deletion_beside_an_edit_leaves_no_words(record: Record, how: str) -> None:
    hear_message(record, said("first", TS))
    gone = said("", TS, revision=f"{NOON + 20}.0")
    with heard_slowly(record, text="the password is plum", ts=TS, revision=f"{NOON + 10}.0"):
        if how == "in Slack":
            other = at_the_same_time(lambda: hear_deletion(record, gone))
        else:
            other = at_the_same_time(lambda: forget_message(record, TEAM, GENERAL, TS))
    other.join()
    assert known(record).deleted_at is not None
    assert known(record).text == ""


def test_what_is_heard_while_a_channel_is_made_private_is_private(record: Record) -> None:
    hear_message(record, said("first", f"{NOON - 90_000}.000100"))
    private = ChannelFacts(GENERAL, ChannelKind.PRIVATE)
    with heard_slowly(record, text="salaries", ts=TS):
        other = at_the_same_time(lambda: learn_channel(record, TEAM, private))
    other.join()
    with record() as work:
        assert {document.audience for document in work.documents.all_of(TEAM)} == {GENERAL}


def test_what_is_said_while_a_worker_finishes_is_still_due(record: Record) -> None:
    day = {"channel_id": GENERAL, "audience": PUBLIC}
    with record() as work:
        work.workspaces.ensure_channel(TEAM, GENERAL, ChannelKind.PUBLIC)
        document = work.documents.want(TEAM, DocumentKind.DAY, "C1:2025-10-09", **day)
        work.commit()
    with record() as work:
        kinds = list(DocumentKind)
        (claimed,) = work.claims.take_due("worker", utc_now(), timedelta(minutes=1), 1, kinds)
        work.commit()

    def finish() -> None:
        with record() as finishing:
            finishing.claims.indexed(document.id, "worker", claimed.revision, [], "", 1)
            finishing.commit()

    with record() as hearing:
        read_before = hearing.documents.get(document.id)
        worker = at_the_same_time(finish)
        hearing.documents.want(TEAM, DocumentKind.DAY, "C1:2025-10-09", **day)
        hearing.commit()
    worker.join()
    assert read_before is not None
    with record() as work:
        assert work.documents.count_due() == 1
