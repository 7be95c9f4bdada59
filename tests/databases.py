"""Real databases for tests: a PostgreSQL server in a temporary folder, where its binaries are on the machine."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, text

from core.records.database import migrate, open_engine
from core.records.unit_of_work import Record


def postgres_binaries() -> Path | None:
    """The folder of initdb and postgres, newest version first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    return next(iter(found), None) or (Path(on_path).parent if on_path else None)


@contextmanager
def postgres_server(folder: Path) -> Iterator[str]:
    """A server on a free loopback port; gives its URL, without a database's name."""
    binaries = postgres_binaries()
    assert binaries is not None
    # PostgreSQL refuses to run as root.
    user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    if user:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    _run(*user, binaries / "initdb", "-D", data, "-U", "journeyman", "-A", "trust", "-E", "UTF8", "--no-sync")
    pg_ctl = [*user, binaries / "pg_ctl", "-D", data, "-w", "-t", "120"]
    port = _free_port()
    _run(*pg_ctl, "-o", f"-p {port} -k {folder} -h 127.0.0.1 -F", "-l", folder / "log", "start")
    try:
        yield f"postgresql+psycopg://journeyman@127.0.0.1:{port}"
    finally:
        _run(*pg_ctl, "-m", "immediate", "stop")


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """An empty database on the server."""
    name = f"test_{uuid4().hex}"
    admin = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield f"{server}/{name}"
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


@contextmanager
def migrated_record(url: str) -> Iterator[Record]:
    """A record with the newest schema."""
    migrate(url)
    record = Record(open_engine(url))
    try:
        yield record
    finally:
        record.close()
