"""A file with a table → a question for one of its cells → the row, with its columns' names and the page."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.answering.drafts import Draft, Finished
from core.bootstrap import Services, build_services
from core.knowledge.access import AccessScope
from core.knowledge.ingesting import ingest_paths
from core.records.workspaces import PUBLIC
from core.settings import Settings

FILES = Path(__file__).parents[2] / "examples" / "files"
PUBLIC_SCOPE = AccessScope("T1", frozenset({PUBLIC}))


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("tables")
    made = build_services(Settings(_env_file=None, data_dir=folder, language_model="extractive"))
    made.migrate()
    ingest_paths(made.record, "T1", [FILES])
    made.indexer.index_everything("test")
    yield made
    made.close()


def answered(services: Services, question: str) -> Draft:
    *_, last = services.answering.answer(question, PUBLIC_SCOPE)
    assert isinstance(last, Finished)
    return last.draft


@pytest.mark.parametrize(
    ("question", "row", "source"),
    [
        ("Plum Lane drop?", "Coffee: Plum Lane (filter), Charge: 205 °C, First crack: 8:30, Drop: **207 °C**", "p. 5"),
        ("Charge temperature of Night Ferry?", "Coffee: Night Ferry (espresso), Charge: **198 °C**", "p. 5"),
        ("When is the first crack of Quiet Hours?", "First crack: **8:50**, Drop: 208 °C, Development: 16 %", "p. 5"),
        ("When can I call Tomasz Wren?", "What: Lorries, pallets, keys, Who: Tomasz Wren, When: 7:00 to 18:00", "p. 8"),
    ],
)
def test_a_cell_of_a_pdf_is_quoted_with_its_column_and_page(
    services: Services, question: str, row: str, source: str
) -> None:
    draft = answered(services, question)
    assert row in draft.text
    assert [citation.source for citation in draft.citations] == [f"handbook.pdf, {source}"]
