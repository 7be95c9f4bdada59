"""Journey 5 on the real parts: SQLite, LanceDB, the worker's steps, and the command line that proves it."""

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from core.answering.drafts import citation_of, ground_of
from core.cli import app
from core.curation.traces import traces_of
from core.errors import JourneymanError
from core.knowledge.access import AccessScope
from core.knowledge.stores.lancedb import LanceDBStore
from core.records.questions import Verdict
from core.records.unit_of_work import Record
from tests.fakes.embedder import FakeEmbedder
from tests.forgetful import TEAM, Company

SECRET = "The vault code is xylophone."


@pytest.fixture
def company(sqlite_record: Record, tmp_path: Path) -> Iterator[Company]:
    embedder = FakeEmbedder()
    store = LanceDBStore(tmp_path / "passages", embedder.name, embedder.dimension)
    with sqlite_record() as work:
        work.workspaces.ensure(TEAM)
        work.commit()
    yield Company(tmp_path, sqlite_record, store, embedder)
    store.close()


def answer_from_search(company: Company, at: float, question: str) -> str:
    found = company.retrieval.find(question, AccessScope(TEAM, frozenset({"public"})), 1)
    return company.answered(
        at,
        question,
        " ".join(one.context for one in found),
        [citation_of(1, one) for one in found],
        [ground_of(one) for one in found],
        verdict=Verdict.QUOTED,
    )


def places_of(company: Company, sought: str) -> set[str]:
    found = traces_of(sought, company.record, company.store, [company.folder])
    return {trace.place.split(" ")[0] for trace in found if not trace.is_tombstone}


def test_from_the_deletion_to_the_last_byte_on_the_disk(company: Company) -> None:
    company.say(10, SECRET)
    for number in range(40):
        company.say(3600.0 * number, f"The roaster ran at {200 + number} degrees.")
    company.indexer.index_everything("test")
    secret = answer_from_search(company, 900_000, "What is the vault code?")
    innocent = answer_from_search(company, 900_010, "Did the roaster run at 222 degrees?")
    company.vote(900_000)
    company.vote(900_010)
    company.freeze()
    company.store.tidy()
    company.indexer.index_everything("test")
    assert places_of(company, "xylophone") == {"table", "passage", "file"}

    company.delete(10)
    company.forgetting.carry_out()
    company.indexer.index_everything("test")
    found = company.retrieval.find("vault code xylophone", AccessScope(TEAM, frozenset({"public"})), 5)
    assert not any("xylophone" in one.context for one in found)
    assert places_of(company, "xylophone") <= {"file"}
    assert list(company.folder.glob("passages/*/_deletions/*"))  # a deletion only marks rows

    assert company.forgetting.erase(0.0)
    assert places_of(company, "xylophone") == set()
    assert list(company.folder.glob("passages/*/_deletions/*")) == []
    assert company.question(secret).answer.text == ""  # type: ignore[union-attr]
    assert "222" in company.question(innocent).answer.text  # type: ignore[union-attr]
    assert company.examples() == ["Did the roaster run at 222 degrees?"]
    assert len(list(company.store.words(TEAM))) > 10


@pytest.fixture
def journeyman(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DATABASE_URL", "")
    return lambda *words: CliRunner().invoke(app, words)


def test_the_command_line_forgets_and_proves_it(tmp_path: Path, journeyman: Callable[..., Result]) -> None:
    library = tmp_path / "library"
    library.mkdir()
    (library / "vault.md").write_text(SECRET)
    (library / "roaster.md").write_text("The roaster runs at 221 degrees.")
    assert journeyman("ingest", str(library)).exit_code == 0
    before = journeyman("forget", "--check", "xylophone")
    assert before.exit_code == 1
    assert "passage store" in before.output
    assert "table passages" in before.output
    assert journeyman("forget", str(library / "vault.md")).exit_code == 0
    after = journeyman("forget", "--check", "xylophone")
    assert (after.exit_code, after.output) == (0, "Nothing is left of it.\n")
    assert journeyman("forget", "--check", "221 degrees").exit_code == 1
    assert isinstance(journeyman("forget", str(library / "never.md")).exception, JourneymanError)


def test_no_page_of_the_database_keeps_a_copy(company: Company) -> None:
    """Rows of many sizes, some edited, so that SQLite splits and merges pages, which leaves copies in unused room."""
    luck = random.Random(7)
    doomed = luck.sample(range(400), 200)
    for number in range(400):
        company.say(60.0 * number, f"zq{number:04d} " + "The pump needs oil. " * luck.randint(1, 60))
    company.indexer.index_everything("test")
    for number in doomed:
        company.edit(60.0 * number, f"zq{number:04d} is longer now. " * luck.randint(1, 90))
    company.indexer.index_everything("test")
    for number in doomed:
        company.delete(60.0 * number)
    company.settle()
    files = [path for path in company.folder.rglob("*") if path.is_file()]
    assert any(path.name.startswith("record.db") for path in files)
    left = {word for path in files for word in re.findall(rb"zq\d{4}", path.read_bytes())}
    assert left == {f"zq{number:04d}".encode() for number in range(400) if number not in doomed}
