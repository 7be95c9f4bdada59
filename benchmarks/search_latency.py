"""How long does a scoped hybrid search take beside the bare store's own call, on the same table in the same minute?

    python -m benchmarks.search_latency [--json] [--passages N] [--searches N] [--million]

Synthetic passages: words drawn as often as those of a language (Zipf), vectors drawn around some hundreds of topics.
Every fifth is public and every hundredth is of one private channel: the scopes of 20 % and of 1 %. The bare call is
LanceDB's hybrid query (words and vectors, reciprocal rank) with the same filter, on the same indexes; ours also looks
for pieces of words, compares exactly and fuses by score. The two take turns, question by question. `--million` does
the same once more with 1,000,000 passages and states the growth; it takes long and some 10 GB of disk.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import lancedb
import numpy as np
from numpy.typing import NDArray

from benchmarks.reporting import Goal, print_table, report
from core.knowledge.access import AccessScope
from core.knowledge.stores.lancedb import LanceDBStore
from core.knowledge.stores.lancedb_queries import HNSW_EFFORT
from core.knowledge.stores.passage_store import StoredPassage
from core.knowledge.stores.terms import terms_of
from core.records.workspaces import PUBLIC

WORKSPACE = "T1"
DIMENSION = 384
TOPICS = 400
WORDS = 30_000
WORDS_PER_PASSAGE = 80
WORDS_PER_QUESTION = 9
WRITTEN_AT_ONCE = 5_000
LIMIT = 32  # what retrieval asks of the store for an answer
WARM_UP = 20
RATIO_GOAL = 1.2
SCOPES = {"20": frozenset({PUBLIC}), "1": frozenset({"G1"})}

Vector = NDArray[np.float32]
Call = Callable[[str, Vector, frozenset[str]], object]


class World:
    """Where passages and questions are drawn from, the same ones each time."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(11)
        letters = self._random.integers(0, 26, (WORDS, 9)) + ord("a")
        lengths = self._random.integers(3, 10, WORDS)
        words = ["".join(map(chr, row[:length])) for row, length in zip(letters, lengths, strict=True)]
        self._vocabulary = np.array(words)
        self._topics = self._random.standard_normal((TOPICS, DIMENSION)).astype(np.float32)

    def texts(self, count: int, length: int) -> list[str]:
        """Texts of so many words."""
        drawn = np.minimum(self._random.zipf(1.2, (count, length)), WORDS) - 1
        return [" ".join(self._vocabulary[row]) for row in drawn]

    def vectors(self, count: int) -> Vector:
        """Unit vectors, each near to a topic."""
        near = self._topics[self._random.integers(0, TOPICS, count)]
        moved: Vector = near + self._random.standard_normal((count, DIMENSION)).astype(np.float32)
        unit: Vector = moved / np.linalg.norm(moved, axis=1, keepdims=True)
        return unit

    def passages(self, count: int) -> Iterator[list[StoredPassage]]:
        """Passages, some thousands at a time."""
        for start in range(0, count, WRITTEN_AT_ONCE):
            some = min(WRITTEN_AT_ONCE, count - start)
            drawn = zip(
                range(start, start + some), self.texts(some, WORDS_PER_PASSAGE), self.vectors(some), strict=True
            )
            yield [_passage(number, text, vector) for number, text, vector in drawn]


def _passage(number: int, text: str, vector: Vector) -> StoredPassage:
    audience = PUBLIC if number % 5 == 0 else "G1" if number % 100 == 1 else "G2"
    return StoredPassage(f"p{number}", f"d{number // 50}", WORKSPACE, "C1", audience, text, vector)


def fill(store: LanceDBStore, world: World, count: int) -> None:
    """Write the passages and bring the indexes up to date."""
    for some in world.passages(count):
        documents: dict[str, list[str]] = {}
        for passage in some:
            documents.setdefault(passage.document_id, []).append(passage.id)
        store.replace(WORKSPACE, documents, some)
    store.tidy()


def ours(store: LanceDBStore) -> Call:
    """The search that retrieval makes."""

    def call(question: str, vector: Vector, audiences: frozenset[str]) -> object:
        return store.search(question, vector, AccessScope(WORKSPACE, audiences), LIMIT, 0.5)

    return call


def bare(table: Any) -> Call:
    """LanceDB's own hybrid query."""

    def call(question: str, vector: Vector, audiences: frozenset[str]) -> object:
        inside = " OR ".join(f"audience = '{each}'" for each in sorted(audiences))
        query = table.search(query_type="hybrid", fts_columns=["words"], vector_column_name="vector")
        query = query.vector(vector).text(" ".join(terms_of(question).words)).distance_type("cosine").ef(HNSW_EFFORT)
        return query.where(f"workspace_id = '{WORKSPACE}' AND ({inside})", prefilter=True).limit(LIMIT).to_arrow()

    return call


def milliseconds(calls: dict[str, Call], world: World, audiences: frozenset[str], searches: int) -> dict[str, Vector]:
    """How long each call takes for each question; they take turns at going first."""
    texts, vectors = world.texts(WARM_UP + searches, WORDS_PER_QUESTION), world.vectors(WARM_UP + searches)
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for number, (text, vector) in enumerate(zip(texts, vectors, strict=True)):
        for name in sorted(calls, reverse=number % 2 == 1):
            began = time.perf_counter()
            calls[name](text, vector, audiences)
            taken[name].append(1000 * (time.perf_counter() - began))
    return {name: np.array(list(islice(each, WARM_UP, None)), dtype=np.float32) for name, each in taken.items()}


def measure(count: int, searches: int) -> dict[str, tuple[float, float]]:
    """p50 and p95 of each call in each scope, with so many passages."""
    world = World()
    with TemporaryDirectory() as folder:
        store = LanceDBStore(Path(folder), "synthetic", DIMENSION)
        began = time.perf_counter()
        fill(store, world, count)
        print(f"{count} passages written and indexed in {time.perf_counter() - began:.0f} s", flush=True)
        connection = lancedb.connect(folder)
        (name,) = connection.list_tables().tables
        calls = {"ours": ours(store), "bare": bare(connection.open_table(name))}
        found = {}
        for scope, audiences in SCOPES.items():
            for caller, taken in milliseconds(calls, world, audiences, searches).items():
                found[f"{caller} {scope} %"] = (float(np.percentile(taken, 50)), float(np.percentile(taken, 95)))
        store.close()
    return found


def main() -> None:
    """Print the table and, with --json, the figures and goals as the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="accepted for uniformity; this bench makes its own")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--searches", type=int, default=200, help="questions for each scope")
    parser.add_argument("--million", action="store_true", help="once more with 1,000,000 passages")
    options = parser.parse_args()
    figures: dict[str, float] = {}
    sizes = [options.passages, *([1_000_000] if options.million else [])]
    by_size: dict[int, dict[str, tuple[float, float]]] = {}
    for size in sizes:
        by_size[size] = found = measure(size, options.searches)
        print_table(["p50 ms", "p95 ms"], {f"{size}: {name}": times for name, times in found.items()})
        for name, (p50, p95) in found.items():
            key = name.replace(" %", "").replace(" ", "_")
            figures |= {f"p50_ms_{key}_{size}": p50, f"p95_ms_{key}_{size}": p95}
    at_first = by_size[options.passages]
    goals = [
        Goal(f"p95_ratio_{scope}", at_first[f"ours {scope} %"][1] / at_first[f"bare {scope} %"][1], RATIO_GOAL, "<=")
        for scope in SCOPES
    ]
    if options.million:
        for scope in SCOPES:
            growth = by_size[1_000_000][f"ours {scope} %"][1] / at_first[f"ours {scope} %"][1]
            figures[f"p95_growth_{scope}"] = growth
            print(f"p95 of ours at {scope} %, 1,000,000 against {options.passages}: {growth:.1f} times")
    report("search_latency", figures, goals, as_json=options.json)


if __name__ == "__main__":
    main()
