"""Proof: everything that Journeyman keeps is searched for an id or a text, and what is found is listed."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.knowledge.stores.passage_store import PassageStore
from core.knowledge.stores.terms import terms_of
from core.records.searching import TOMBSTONES
from core.records.unit_of_work import Record

_AT_ONCE = 1 << 20
_DATABASE = (".db", ".db-wal", ".db-journal")


@dataclass(frozen=True)
class Trace:
    """Where something was found: "table messages", "passage store", "file datasets/3f….jsonl"; and what it is in there.

    A tombstone is what is meant to stay.
    """

    place: str
    what: str
    is_tombstone: bool = False


def traces_of(sought: str, record: Record, store: PassageStore, folders: Sequence[Path]) -> list[Trace]:
    """Every trace of an id or a text in the tables, the passage store, and the raw bytes of all files in the folders.

    Deleted rows and older states of the store are found by their bytes, as are words left in the database's file.
    """
    in_tables = list(_in_tables(sought, record))
    # The tombstone itself stands in the database's file.
    skipped = _DATABASE if any(trace.is_tombstone for trace in in_tables) else ()
    files = [trace for folder in folders for trace in _in_files(sought, folder, skipped)]
    return [*in_tables, *_in_store(sought, record, store), *files]


def _in_tables(sought: str, record: Record) -> Iterator[Trace]:
    with record() as work:
        rows = work.search(sought)
    for row in rows:
        yield Trace(f"table {row.table}", f"{row.column} of {row.key}", is_tombstone=row.table == TOMBSTONES)


def _in_store(sought: str, record: Record, store: PassageStore) -> Iterator[Trace]:
    """Passages that hold these words or this id, and passages that the record does not know at all."""
    words = " ".join(terms_of(sought).words)
    with record() as work:
        workspaces = {each.id: set(work.passages.ids(each.id)) for each in work.workspaces.all()}
        due = work.documents.count_due()
    for workspace_id, known in workspaces.items():
        for passage_id, held in store.words(workspace_id):
            if passage_id == sought or (words and f" {words} " in f" {held} "):
                yield Trace("passage store", f"passage {passage_id}")
            elif not due and passage_id not in known:
                yield Trace("passage store", f"passage {passage_id}, which the record does not know")


def _in_files(sought: str, folder: Path, skipped: Sequence[str]) -> Iterator[Trace]:
    spelled = {sought.encode(), json.dumps(sought)[1:-1].encode()}
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name.endswith(tuple(skipped) or ("\0",)):
            continue
        name = f"file {path.relative_to(folder.parent)}"
        if sought in path.name:
            yield Trace(name, "its name")
        if _holds(path, spelled):
            yield Trace(name, "its bytes")


def _holds(path: Path, spelled: set[bytes]) -> bool:
    longest = max(map(len, spelled))
    rest = b""
    try:
        with path.open("rb") as file:
            while some := file.read(_AT_ONCE):
                window = rest + some
                if any(each in window for each in spelled):
                    return True
                rest = window[-longest:]
    except FileNotFoundError:
        return False  # a file that went meanwhile holds nothing
    return False
