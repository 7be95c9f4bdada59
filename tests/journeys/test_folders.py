"""Folders as they lie about: names from old systems, links that lead out, rooms that are locked."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import Unavailable
from core.knowledge import ingesting
from core.knowledge.extraction import ExtractionLimits
from core.knowledge.ingesting import ingest_paths
from core.knowledge.source_files import SourceFile, read_source_file
from core.records.unit_of_work import Record


def titles(record: Record) -> set[str]:
    with record() as work:
        return {document.title for document in work.documents.all_of("T1") if not document.gone}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "locked").mkdir(parents=True)
    (folder / "a.txt").write_text("The key hangs on hook 12.")
    (folder / "locked" / "b.txt").write_text("The ferry leaves at six.")
    return folder


def test_a_name_that_is_not_utf_8_stops_nothing(sqlite_record: Record, folder: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.txt")).write_text("Open till ten.")
    except OSError:
        pytest.skip("This disk takes only names in UTF-8")
    done = ingest_paths(sqlite_record, "T1", [folder])
    assert titles(sqlite_record) == {"a.txt", "locked/b.txt"}
    [sentence] = done.left_out
    assert sentence.startswith("caf�.txt has a name that is not UTF-8")


def test_a_link_that_leads_out_is_left_out(sqlite_record: Record, folder: Path) -> None:
    (folder.parent / "secret.txt").write_text("The safe's code is 7731.")
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    (folder / "dead.txt").symlink_to(folder / "nowhere")
    (folder / "inside.txt").symlink_to(folder / "a.txt")
    done = ingest_paths(sqlite_record, "T1", [folder])
    assert titles(sqlite_record) == {"a.txt", "inside.txt", "locked/b.txt"}
    assert done.left_out == ["link.txt is a link that leads out of the folder, so I left it out."]


def test_what_lies_in_a_locked_folder_stays_known(
    sqlite_record: Record, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest_paths(sqlite_record, "T1", [folder])
    walk = os.walk

    def locked(top: Path, onerror) -> Iterator[tuple[str, list[str], list[str]]]:
        for path, folders, names in walk(top):
            if "locked" in folders:  # root, who may run the tests, is let in everywhere
                folders.remove("locked")
                onerror(PermissionError(13, "Permission denied", str(folder / "locked")))
            yield path, folders, names

    monkeypatch.setattr(ingesting.os, "walk", locked)
    (folder / "a.txt").unlink()
    done = ingest_paths(sqlite_record, "T1", [folder])
    assert titles(sqlite_record) == {"locked/b.txt"}
    assert done.left_out == ["The folder locked cannot be opened, so I left it out. Check its permissions."]


def test_a_file_that_may_not_be_opened_is_not_called_broken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    file = SourceFile(folder / "a.txt", "a.txt", "", "", None, was_ingested=True)
    with pytest.raises(Unavailable, match="Check its disk and its permissions"):
        read_source_file(file, ExtractionLimits())
