"""Opening the record: one engine per process, SQLite made safe for several of them."""

from pathlib import Path
from sqlite3 import SQLITE_BUSY, SQLITE_LOCKED, OperationalError
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ArgumentError

from core.errors import Misconfigured
from core.records.outages import as_outage

BUSY_TIMEOUT_S = 15.0
"""How long a writer waits for another process's transaction; transactions here take milliseconds."""

_PRIMARY_CODE = 0xFF
"""SQLite's error codes say more in their higher bits."""

_ROOT = Path(__file__).resolve().parents[2]


def open_engine(url: str) -> Engine:
    """An engine for the record at `url`; a SQLite file's folder is made if it is missing.

    Raises Misconfigured for a URL that names no database.
    """
    try:
        parsed = make_url(url)
        parsed.get_dialect()
    except ArgumentError:
        raise Misconfigured(
            "DATABASE_URL is no address of a database: it looks like postgresql://user:password@host/name."
        ) from None
    if parsed.get_backend_name() == "postgresql" and parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite":
        engine = create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
        event.listen(engine, "handle_error", as_outage)
        return engine
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    # Errors name the statement, never its values: those are what people wrote.
    engine = create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_S}, hide_parameters=True)
    event.listen(engine, "handle_error", as_outage)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # SQLAlchemy's documented recipe: stop the driver from opening transactions of its own accord.
    connection.isolation_level = None
    cursor = connection.cursor()
    # What is deleted is overwritten on the disk, too: people ask for things to be forgotten.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def shed_deleted(engine: Engine) -> bool:
    """Leave nothing of what was deleted in SQLite's files; PostgreSQL's own vacuum sees to its files.

    False when others kept the database too busy for that; then it is to be tried again. Writers wait meanwhile.
    """
    if engine.dialect.name != "sqlite":
        return True
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        # secure_delete leaves copies of rows in the unused room of pages that were split or merged: only writing the
        # whole file anew is sure. The log of changes has the old pages until it is cut off.
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        ((busy, *_),) = cursor.fetchall()
        return not busy
    except OperationalError as error:
        if error.sqlite_errorcode & _PRIMARY_CODE not in (SQLITE_BUSY, SQLITE_LOCKED):
            raise
        return False
    finally:
        connection.close()


def _begin_sqlite(connection: Connection) -> None:
    # Taking the write lock at once avoids the dead end of two readers who both want to write.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def migrate(url: str) -> None:
    """Bring the record's schema to the newest revision."""
    config = Config(toml_file=str(_ROOT / "pyproject.toml"))
    config.attributes["url"] = url
    command.upgrade(config, "head")
