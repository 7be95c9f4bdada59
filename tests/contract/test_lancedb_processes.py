"""LanceDB with several processes at it, and with one that dies in the middle of a write."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.errors import StoreUnavailable
from core.knowledge.access import AccessScope
from core.knowledge.stores import lancedb_schema
from core.knowledge.stores.lancedb import LanceDBStore
from core.knowledge.stores.passage_store import StoredPassage
from tests.fakes.embedder import FakeEmbedder

EMBEDDER = FakeEmbedder()
SCOPE = AccessScope("T1", frozenset({"public"}))
SPAWN = multiprocessing.get_context("spawn")  # a forked LanceDB would share the parent's threads


def document(number: int, revision: int, passages: int = 20) -> tuple[dict[str, list[str]], list[StoredPassage]]:
    """A document whose passages are all of one revision, so that a mixture shows."""
    texts = [f"document {number} revision {revision} passage {at}" for at in range(passages)]
    vectors = EMBEDDER.embed_passages(texts)
    stored = [
        StoredPassage(f"{number}.{revision}.{at}", f"d{number}", "T1", "C1", "public", text, vectors[at])
        for at, text in enumerate(texts)
    ]
    return {f"d{number}": [each.id for each in stored]}, stored


def write_for_ever(folder: Path, first: int) -> None:
    store = LanceDBStore(folder, EMBEDDER.name, EMBEDDER.dimension)
    for revision in range(10_000):
        store.replace("T1", *document(first, revision))
        if revision % 10 == 9:
            store.tidy()


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[multiprocessing.process.BaseProcess]:
    process = SPAWN.Process(target=write_for_ever, args=(tmp_path, 1), daemon=True)
    process.start()
    yield process
    process.kill()
    process.join(10)


def open_store(folder: Path) -> LanceDBStore:
    return LanceDBStore(folder, EMBEDDER.name, EMBEDDER.dimension)


def found(store: LanceDBStore, question: str) -> list[str]:
    return [hit.passage_id for hit in store.search(question, EMBEDDER.embed_question(question), SCOPE, 50, 0.5)]


def until(condition, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


def test_a_reader_sees_each_write_of_another_process(tmp_path: Path, writer) -> None:
    store = open_store(tmp_path)
    seen: set[str] = set()

    def several_revisions_seen() -> bool:
        ids = found(store, "document 1 revision passage")
        assert len(ids) == len(set(ids))
        seen.update(id.split(".")[1] for id in ids)
        return len(seen) > 5

    until(several_revisions_seen)


def test_two_writers_do_not_lose_each_others_passages(tmp_path: Path, writer) -> None:
    store = open_store(tmp_path)
    for number in range(100, 115):
        store.replace("T1", *document(number, 0))
        store.tidy()
    for number in range(100, 115):
        assert store.held("T1", document(number, 0)[0][f"d{number}"]) == set(document(number, 0)[0][f"d{number}"])


@pytest.mark.parametrize("attempt", range(4))
def test_a_writer_killed_in_the_middle_leaves_a_table_that_reads_and_writes(tmp_path: Path, writer, attempt) -> None:
    store = open_store(tmp_path)
    until(lambda: store.count("T1") > 0)
    time.sleep(0.05 + 0.07 * attempt)  # not a wait for anything: the kill is to land at different instructions
    os.kill(writer.pid, signal.SIGKILL)
    writer.join(10)
    again = open_store(tmp_path)
    assert again.count("T1") >= 20
    assert found(again, "document 1 revision")
    again.replace("T1", *document(1, 99_999))
    assert again.count("T1") == 20
    assert all(id.startswith("1.99999.") for id in found(again, "document 1 revision 99999"))
    again.tidy()
    assert again.count("T1") == 20


def test_the_graph_finds_what_comparing_with_every_vector_finds(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(lancedb_schema, "HNSW_FROM", 2000)
    rng = np.random.default_rng(7)
    vectors = rng.normal(size=(3000, EMBEDDER.dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    store = open_store(tmp_path)
    audience = ["public" if at % 5 == 0 else "G1" for at in range(3000)]
    store.replace(
        "T1",
        {"d1": [f"p{at}" for at in range(3000)]},
        [StoredPassage(f"p{at}", "d1", "T1", "C1", audience[at], f"text {at}", vectors[at]) for at in range(3000)],
    )
    store.tidy()
    hits = 0
    for question in vectors[1:200:10] + 0.02:
        best = [f"p{at}" for at in np.argsort(-(vectors @ question)) if audience[at] == "public"][:10]
        hits += len(set(best) & {hit.passage_id for hit in store.search("", question, SCOPE, 10, 1.0)})
    assert hits / 200 >= 0.98


def test_a_folder_that_cannot_be_used_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "passages").write_text("a file, not a folder")
    with pytest.raises(StoreUnavailable) as refused:
        open_store(tmp_path / "passages")
    assert "Check the disk" in refused.value.sentence
