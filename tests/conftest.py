"""Fixtures for every kind of test: the record on each database, and the packaged embedder, loaded once."""

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from core.knowledge.embedding import Embedder
from core.records.unit_of_work import Record
from tests.databases import fresh_database, migrated_record, postgres_binaries, postgres_server
from tests.real_weaviate import REAL_WEAVIATE


@pytest.fixture(scope="session")
def minilm() -> Embedder:
    from core.knowledge.minilm import MiniLM

    return MiniLM()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    if postgres_binaries() is None:
        pytest.skip("PostgreSQL's server is not installed here: install postgresql to run this on it too")
    # Its user must be able to reach the folder, and each run of pytest closes pytest's own folders to others.
    with TemporaryDirectory(prefix="journeyman-postgres-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with postgres_server(folder) as server:
            yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'record.db'}"
        return
    with fresh_database(request.getfixturevalue("postgres")) as url:
        yield url


@pytest.fixture
def record(database_url: str) -> Iterator[Record]:
    """A migrated record, on SQLite and on a real PostgreSQL."""
    with migrated_record(database_url) as migrated:
        yield migrated


@pytest.fixture
def sqlite_record(tmp_path: Path) -> Iterator[Record]:
    """A migrated record on SQLite only, for tests whose subject is not the record."""
    with migrated_record(f"sqlite:///{tmp_path / 'record.db'}") as migrated:
        yield migrated


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Phi-3 checkpoint."""
    from tests.tiny_phi3 import build_tiny_phi3

    return build_tiny_phi3(tmp_path_factory.mktemp("phi3"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it loudly whether the Weaviate store was tried on a real server."""
    stats = terminalreporter.stats
    finished = [*stats.get("passed", []), *stats.get("failed", [])]
    if ran := [each for each in finished if re.search(r"\[weaviate[-\]]", each.nodeid)]:
        terminalreporter.section("Weaviate", green=True, bold=True)
        terminalreporter.line(f"{len(ran)} tests of the contract ran on the server at {REAL_WEAVIATE['weaviate_url']}.")
    reasons = {str(report.longrepr[2]) for report in stats.get("skipped", [])}
    for reason in sorted(reason for reason in reasons if "WEAVIATE_URL" in reason):
        terminalreporter.section("Weaviate", yellow=True, bold=True)
        terminalreporter.line(reason.removeprefix("Skipped: "), yellow=True, bold=True)
