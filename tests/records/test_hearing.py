"""What was heard becomes rows: whatever the order, however often, on every database."""

from itertools import permutations

import pytest

from core.knowledge.channels import ChannelFacts, bot_ejected, bot_joined, bot_left, learn_channel
from core.knowledge.hearing import (
    HeardFile,
    HeardMessage,
    file_stored,
    hear_deletion,
    hear_file_deleted,
    hear_message,
)
from core.records.documents import DocumentKind, document_id
from core.records.unit_of_work import Record
from core.records.workspaces import PUBLIC, ChannelKind

TEAM, GENERAL = "T1", "C1"
NOON = 1_760_000_000


def said(text: str, ts: str = f"{NOON}.000100", **more: object) -> HeardMessage:
    facts = {
        "workspace_id": TEAM,
        "channel_id": GENERAL,
        "channel_kind": ChannelKind.PUBLIC,
        "ts": ts,
        "thread_ts": "",
        "person_id": "U1",
        "text": text,
        "permalink": "",
        "revision": ts,
    }
    return HeardMessage(**{**facts, **more})  # type: ignore[arg-type]  # a test's shorthand


def standing(record: Record) -> list[str]:
    with record() as work:
        day = work.messages.loose_of_day(TEAM, GENERAL, "2025-10-09")
        return [message.text for message in day]


def wanted(record: Record) -> set[tuple[DocumentKind, str]]:
    with record() as work:
        return {(d.kind, d.key) for d in work.documents.all_of(TEAM) if not d.gone}


def test_a_message_and_its_edits_in_any_order_leave_the_newest(record: Record) -> None:
    versions = [said("first"), said("second", revision=f"{NOON + 5}.0"), said("third", revision=f"{NOON + 9}.0")]
    for number, order in enumerate(permutations(versions)):
        ts = f"{NOON}.{number:06d}"
        for version in order:
            revision = ts if version.text == "first" else version.revision
            hear_message(record, said(version.text, ts, revision=revision))
    assert standing(record) == ["third"] * 6


def test_hearing_the_same_twice_changes_nothing(record: Record) -> None:
    assert hear_message(record, said("once"))
    assert not hear_message(record, said("once"))
    with record() as work:
        (day,) = work.documents.all_of(TEAM)
        assert day.revision == 1


@pytest.mark.parametrize("deletion_first", [True, False])
def test_a_deleted_message_stays_gone_and_keeps_no_words(record: Record, deletion_first: bool) -> None:
    steps = [
        lambda: hear_message(record, said("secret plan")),
        lambda: hear_deletion(record, said("secret plan", revision=f"{NOON + 1}.0")),
    ]
    for step in reversed(steps) if deletion_first else steps:
        step()
    hear_message(record, said("secret plan, edited", revision=f"{NOON + 60}.0"))
    assert standing(record) == []
    with record() as work:
        tombstone = work.messages.get(TEAM, GENERAL, f"{NOON}.000100")
        assert tombstone is not None
        assert tombstone.text == ""


def test_a_first_reply_moves_its_root_from_the_day_to_the_thread(record: Record) -> None:
    root, reply = f"{NOON}.000100", f"{NOON + 90_000}.000100"
    hear_message(record, said("How hot?", root))
    hear_message(record, said("221 °C", reply, thread_ts=root))
    assert standing(record) == []
    with record() as work:
        assert [m.text for m in work.messages.thread(TEAM, GENERAL, root)] == ["How hot?", "221 °C"]
    assert (DocumentKind.THREAD, f"{GENERAL}:{root}") in wanted(record)
    hear_deletion(record, said("", reply, thread_ts=root, revision=f"{NOON + 90_001}.0"))
    assert standing(record) == ["How hot?"]


def test_a_reply_heard_before_its_root_still_makes_one_thread(record: Record) -> None:
    root = f"{NOON}.000100"
    hear_message(record, said("221 °C", f"{NOON + 9}.000100", thread_ts=root))
    hear_message(record, said("How hot?", root))
    assert standing(record) == []


HANDBOOK = HeardFile("F1", "handbook.pdf", "application/pdf", 10, "https://files/F1", "https://link/F1", "U1")


def test_a_file_is_wanted_once_its_bytes_are_here_in_each_channel_it_stands_in(record: Record) -> None:
    hear_message(record, said("look", files=(HANDBOOK,)))
    hear_message(record, said("here too", channel_id="G1", channel_kind=ChannelKind.PRIVATE, files=(HANDBOOK,)))
    with record() as work:
        assert work.documents.of_file(TEAM, "F1") == []
    file_stored(record, TEAM, "F1", "T1/F1")
    with record() as work:
        assert {d.audience for d in work.documents.of_file(TEAM, "F1")} == {PUBLIC, "G1"}
    hear_deletion(record, said("look", revision=f"{NOON + 1}.0"))
    with record() as work:
        assert {d.audience for d in work.documents.of_file(TEAM, "F1") if not d.gone} == {"G1"}
    hear_file_deleted(record, TEAM, "F1")
    with record() as work:
        assert all(d.gone for d in work.documents.of_file(TEAM, "F1"))


def test_a_file_deleted_before_it_was_heard_stays_gone(record: Record) -> None:
    hear_file_deleted(record, TEAM, "F1")
    hear_message(record, said("look", files=(HANDBOOK,)))
    file_stored(record, TEAM, "F1", "T1/F1")
    with record() as work:
        assert [d for d in work.documents.of_file(TEAM, "F1") if not d.gone] == []
        assert work.files.shares(TEAM, "F1") == []


def test_leaving_a_channel_forgets_it_and_late_messages_change_nothing(record: Record) -> None:
    hear_message(record, said("kept?", files=(HANDBOOK,)))
    file_stored(record, TEAM, "F1", "T1/F1")
    bot_left(record, TEAM, GENERAL, ChannelKind.PUBLIC)
    assert not hear_message(record, said("late", f"{NOON + 1}.000100"))
    assert standing(record) == []
    assert wanted(record) == set()
    bot_joined(record, TEAM, GENERAL, ChannelKind.PUBLIC)
    assert hear_message(record, said("kept?"))
    assert standing(record) == ["kept?"]


def test_archiving_forgets_nothing_and_late_messages_are_still_heard(record: Record) -> None:
    hear_message(record, said("kept"))
    bot_ejected(record, TEAM, GENERAL)
    assert hear_message(record, said("late", f"{NOON + 1}.000100"))
    assert standing(record) == ["kept", "late"]


def test_a_public_channel_turned_private_changes_the_audience_of_all_that_was_said(record: Record) -> None:
    hear_message(record, said("open talk"))
    learn_channel(record, TEAM, ChannelFacts(GENERAL, ChannelKind.PRIVATE, name="general"))
    with record() as work:
        day = work.documents.get(document_id(TEAM, DocumentKind.DAY, f"{GENERAL}:2025-10-09"))
        assert day is not None
        assert day.audience == GENERAL
        assert day.due
