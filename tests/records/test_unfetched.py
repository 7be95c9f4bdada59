"""Files whose bytes do not come: tried again ever more seldom, or refused; never in the way of others."""

import pytest

from core.errors import NotAllowed
from core.knowledge.hearing import HeardFile, HeardMessage, file_stored, hear_message
from core.knowledge.pages import page_id, want_pages
from core.knowledge.unfetched import put_off, refuse
from core.records.base import utc_now
from core.records.files import FileState, SharedFile
from core.records.unit_of_work import Record
from core.records.workspaces import ChannelKind

TEAM, CHANNEL, FILE = "T1", "C1", "F1"
TS = f"{utc_now().timestamp():.6f}"


def share(record: Record, ts: str = TS) -> SharedFile:
    """Hears a message with the file; the file as it then stands."""
    file = HeardFile(FILE, "plan.txt", "text/plain", 9, "https://files/F1", "", "U1")
    message = HeardMessage(TEAM, CHANNEL, ChannelKind.PUBLIC, ts, "", "U1", "look", "", revision=ts, files=(file,))
    hear_message(record, message)
    return known(record)


def known(record: Record, file_id: str = FILE) -> SharedFile:
    with record() as work:
        file = work.files.get(TEAM, file_id)
        assert file is not None
        return file


def told(record: Record) -> list[str]:
    with record() as work:
        return [notice.sentence for notice in work.notices.undelivered()]


def test_what_does_not_come_is_tried_ever_more_seldom_and_told_of_once(record: Record) -> None:
    share(record)
    pauses = []
    for _ in range(12):
        before = utc_now()
        put_off(record, known(record), "Slack is away.")
        waiting = known(record)
        assert waiting.state is FileState.WANTED
        assert waiting.not_before is not None
        pauses.append((waiting.not_before - before).total_seconds())
    assert pauses == pytest.approx([20, 60, 180, 540, 1620, 4860] + [14580] * 6, abs=5)
    assert told(record) == ["Slack is away."]


def test_what_was_forgotten_while_it_was_fetched_leaves_no_word_of_it(record: Record) -> None:
    fetched = share(record)
    with record() as work:
        work.files.empty(work.files.ensure(TEAM, FILE))
        work.commit()
    put_off(record, fetched, "plan.txt does not come.")
    refuse(record, fetched, "plan.txt is too large.")
    assert (known(record).state, known(record).problem) == (FileState.FORGOTTEN, "")
    assert told(record) == []


def test_who_wants_to_be_forgotten_asks_for_no_page_and_takes_none_from_others(record: Record) -> None:
    share(record)
    address = "https://wiki.example/hours"
    with record() as work:
        channel = work.workspaces.channel(TEAM, CHANNEL)
        assert channel is not None
        work.workspaces.ensure_person(TEAM, "U2").opted_out = True
        work.commit()
    want_pages(record, channel, [address], "U1")
    file_stored(record, TEAM, page_id(address), "T1/page", known(record, page_id(address)).revision)
    with pytest.raises(NotAllowed, match="forget"):
        want_pages(record, channel, [address], "U2")
    page = known(record, page_id(address))
    assert (page.state, page.deleted_at, page.person_id) == (FileState.STORED, None, "U1")
