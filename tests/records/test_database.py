"""Opening and migrating the record."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from core.errors import Misconfigured, Unavailable
from core.records.database import migrate, open_engine, shed_deleted
from core.records.notices import Notice
from core.records.unit_of_work import Record


def test_processes_that_start_together_migrate_once(database_url: str) -> None:
    with ThreadPoolExecutor(3) as waiting:
        processes = [get_context("spawn").Process(target=migrate, args=(database_url,)) for _ in range(3)]
        for process in processes:
            process.start()
        list(waiting.map(lambda process: process.join(60), processes))
    assert [process.exitcode for process in processes] == [0, 0, 0]


def test_an_error_of_the_database_does_not_tell_what_people_wrote(record: Record) -> None:
    words = {"workspace_id": "T1", "channel_id": "C1", "person_id": "U1", "subject": "F1", "sentence": "between us"}
    with record() as work:
        work.notices.owe(Notice(id=1, **words))
        work.commit()
    with record() as work, pytest.raises(SQLAlchemyError) as refused:
        work.notices.owe(Notice(id=1, **words | {"subject": "F2"}))
    assert "between us" not in str(refused.value)


def test_shedding_what_was_deleted_waits_for_no_busy_writer(tmp_path: Path) -> None:
    path = tmp_path / "record.db"
    migrate(f"sqlite:///{path}")
    engine = open_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=50"))
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert not shed_deleted(engine)
        writer.execute("COMMIT")
        assert shed_deleted(engine)
    engine.dispose()


def test_a_full_disk_is_said_plainly_and_passes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'record.db'}"
    migrate(url)
    engine = open_engine(url)

    def fill(connection: sqlite3.Connection, _: object) -> None:
        [(count,)] = connection.execute("PRAGMA page_count").fetchall()
        connection.execute(f"PRAGMA max_page_count={count}")

    event.listen(engine, "connect", fill)
    record = Record(engine)
    with record() as work, pytest.raises(Unavailable, match="disk of the record is full"):
        work.workspaces.ensure("T" * 1_000_000)
    event.remove(engine, "connect", fill)
    engine.dispose()
    with record() as work:
        work.workspaces.ensure("T1")
        work.commit()
    engine.dispose()


def test_a_record_that_cannot_be_reached_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "record.db").mkdir()
    with pytest.raises(Unavailable, match="DATA_DIR"):
        migrate(f"sqlite:///{tmp_path / 'record.db'}")
    with pytest.raises(Unavailable, match="DATABASE_URL"):
        migrate("postgresql://nobody@127.0.0.1:9/nothing")
    for mistyped in ("postgresq://nobody@localhost/nothing", "nothing"):
        with pytest.raises(Misconfigured, match="DATABASE_URL"):
            open_engine(mistyped)
