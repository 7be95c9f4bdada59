"""Files as they are shared, changed and fetched: in which messages they stand, and which of their bytes count."""

from pathlib import Path
from threading import Thread

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from core.knowledge.channels import set_listening
from core.knowledge.hearing import (
    HeardFile,
    HeardMessage,
    file_stored,
    hear_deletion,
    hear_file,
    hear_file_changed,
    hear_message,
)
from core.knowledge.unfetched import put_off, refuse
from core.records.base import utc_now
from core.records.files import FileState, SharedFile
from core.records.unit_of_work import Record
from core.records.workspaces import ChannelKind
from tests.databases import fresh_database, migrated_record

TEAM, CHANNEL, FILE = "T1", "C1", "F1"
BEGAN = utc_now().timestamp()
PLAN = HeardFile(FILE, "plan.txt", "text/plain", 9, "https://files/F1", "", "U1")


def ts_of(at: float) -> str:
    return f"{BEGAN + at:.6f}"


def message(at: float, thread: float | None = None, **more) -> HeardMessage:
    facts = {
        "workspace_id": TEAM,
        "channel_id": CHANNEL,
        "channel_kind": ChannelKind.PUBLIC,
        "ts": ts_of(at),
        "thread_ts": "" if thread is None else ts_of(thread),
        "person_id": "U1",
        "text": "look",
        "permalink": "",
        "revision": ts_of(at),
        "files": (PLAN,),
    }
    return HeardMessage(**{**facts, **more})


def known(record: Record) -> SharedFile:
    with record() as work:
        file = work.files.get(TEAM, FILE)
        assert file is not None
        return file


def standing(record: Record) -> list[str]:
    """The channels in which the file can be found."""
    with record() as work:
        return sorted(each.channel_id or "" for each in work.documents.of_file(TEAM, FILE) if not each.gone)


def store(record: Record) -> None:
    file_stored(record, TEAM, FILE, "T1/F1", known(record).revision)


def refused(record: Record) -> None:
    refuse(record, known(record), "Slack did not let me read plan.txt.")
    assert known(record).state is FileState.REFUSED


def test_an_edit_while_the_bytes_are_on_their_way_is_fetched_too(record: Record) -> None:
    hear_message(record, message(0))
    store(record)
    hear_file_changed(record, TEAM, PLAN)
    fetched = known(record)
    hear_file_changed(record, TEAM, PLAN)
    file_stored(record, TEAM, FILE, "T1/F1", fetched.revision)
    assert known(record).state is FileState.WANTED
    put_off(record, fetched, "Slack is away.")
    refuse(record, fetched, "plan.txt is too large.")
    assert (known(record).state, known(record).not_before, known(record).problem) == (FileState.WANTED, None, "")
    store(record)
    assert known(record).state is FileState.STORED


def test_an_edit_at_the_very_moment_of_storing_is_not_lost(postgres: str) -> None:
    with fresh_database(postgres) as url, migrated_record(url) as record:
        hear_message(record, message(0))
        with record() as editing:
            file = editing.files.ensure(TEAM, FILE)
            editing.files.lock(file)
            file.revision += 1
            storing = Thread(target=file_stored, args=(record, TEAM, FILE, "T1/F1", 0))
            storing.start()
            wait_until_blocked(url)
            editing.commit()
        storing.join()
        assert known(record).state is FileState.WANTED


def wait_until_blocked(url: str) -> None:
    """Until somebody waits for a lock in this database, or nobody will."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with engine.connect() as connection:
        deadline = utc_now().timestamp() + 10
        while not connection.scalar(text(waiting)):
            assert utc_now().timestamp() < deadline, "nobody waits"
    engine.dispose()


@pytest.mark.parametrize(
    "again",
    [
        lambda record: hear_message(record, message(0)),
        lambda record: hear_message(record, message(60)),
        lambda record: hear_file(record, TEAM, "C2", ChannelKind.PUBLIC, PLAN, ts_of(70)),
    ],
    ids=["its message is read again", "in another message", "in another channel"],
)
def test_a_refused_file_is_wanted_again_when_it_is_heard_of_again(record: Record, again) -> None:
    hear_message(record, message(0))
    refused(record)
    again(record)
    assert (known(record).state, known(record).attempts) == (FileState.WANTED, 0)


def test_a_file_that_was_put_off_is_wanted_at_once_when_its_message_is_read_again(record: Record) -> None:
    hear_message(record, message(0))
    put_off(record, known(record), "Slack is away.")
    hear_message(record, message(0))
    assert (known(record).not_before, known(record).attempts) == (None, 0)


def test_a_file_that_is_here_is_not_read_again_with_its_message(record: Record) -> None:
    hear_message(record, message(0))
    store(record)
    for _ in range(2):
        hear_message(record, message(0))
    with record() as work:
        [document] = work.documents.of_file(TEAM, FILE)
        assert document.revision == 1


def test_a_deleted_message_that_is_read_again_brings_no_file_back(record: Record) -> None:
    hear_message(record, message(0))
    refused(record)
    hear_deletion(record, message(0, revision=ts_of(5)))
    hear_message(record, message(0))
    assert known(record).state is FileState.REFUSED
    with record() as work:
        assert work.files.shares(TEAM, FILE) == []


def test_a_question_where_nobody_listens_leaves_its_file_alone_until_somebody_does(record: Record) -> None:
    hear_message(record, message(0, files=()))
    set_listening(record, TEAM, CHANNEL, listening=False)
    assert hear_message(record, message(5, asks_journeyman=True))
    with record() as work:
        assert work.files.get(TEAM, FILE) is None
    set_listening(record, TEAM, CHANNEL, listening=True)
    hear_message(record, message(5, asks_journeyman=True))
    assert known(record).state is FileState.WANTED


@pytest.mark.parametrize(("first", "last"), [(0, 60), (60, 0)])
def test_a_file_stands_in_a_channel_until_the_last_message_with_it_is_gone(
    record: Record, first: float, last: float
) -> None:
    for at in (0, 60):
        hear_message(record, message(at))
    store(record)
    with record() as work:
        assert [each.revision for each in work.documents.of_file(TEAM, FILE)] == [1]
    hear_deletion(record, message(first, revision=ts_of(100)))
    assert standing(record) == [CHANNEL]
    hear_deletion(record, message(last, revision=ts_of(100)))
    assert standing(record) == []


def test_a_file_heard_of_before_its_message_is_told_of_in_the_messages_thread(record: Record) -> None:
    hear_message(record, message(0, files=()))
    hear_file(record, TEAM, CHANNEL, ChannelKind.PUBLIC, PLAN, ts_of(3))
    hear_message(record, message(3, thread=0))
    with record() as work:
        assert [(each.message_ts, each.thread_ts) for each in work.files.shares(TEAM, FILE)] == [(ts_of(3), ts_of(0))]


def test_shares_of_before_are_kept_and_a_step_back_leaves_one_in_each_channel(database_url: str) -> None:
    config = Config(toml_file=str(Path(__file__).parents[2] / "pyproject.toml"))
    config.attributes["url"] = database_url
    engine = create_engine(database_url)
    add = text("INSERT INTO file_shares VALUES ('T1', 'F1', 'C1', :ts, '')")
    shares = text("SELECT message_ts FROM file_shares ORDER BY message_ts")
    command.upgrade(config, "6c1e84d0b7f3")
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO files VALUES ('T1', 'F1', 'plan.txt', '', 9, '', '', 'U1', 'stored', '', '', 0,"
                " NULL, CURRENT_TIMESTAMP, NULL)"
            )
        )
        connection.execute(add, {"ts": "1.5"})
    command.upgrade(config, "b3d90e27c5a4")
    with engine.begin() as connection:
        connection.execute(add, {"ts": "2.5"})
        assert list(connection.scalars(shares)) == ["1.5", "2.5"]
        assert connection.scalar(text("SELECT revision FROM files")) == 0
    command.downgrade(config, "6c1e84d0b7f3")
    with engine.begin() as connection:
        assert list(connection.scalars(shares)) == ["1.5"]
    engine.dispose()
