"""Passages in LanceDB: on disk, in process, read by the bot while the worker writes."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Lock
from typing import Any

import lancedb
import numpy as np
import pyarrow as pa
from lancedb.expr import Expr, col, lit
from lancedb.index import FTS, Bitmap, BTree, HnswSq
from lancedb.query import MatchQuery
from numpy.typing import NDArray

from core.errors import Misconfigured, StoreUnavailable
from core.knowledge.access import AccessScope
from core.knowledge.stores.fusion import fuse
from core.knowledge.stores.lancedb_erasing import erase_deleted, writing
from core.knowledge.stores.passage_store import Hit, StoredPassage
from core.knowledge.stores.terms import terms_of

KEYS = ("id", "document_id", "workspace_id", "channel_id", "audience")

CANDIDATES = 50
"""Passages that each ranker brings to the fusion, at least: by words, by pieces of words, and by meaning.

The first two are asked for apart: LanceDB skips what cannot be among the best of one column, but of two columns
together it weighs every passage that shares anything with the question, which takes several times as long as both."""

HNSW_FROM = 20_000
"""Passages above which an HNSW graph beats comparing with every vector."""

HNSW_EFFORT = 200
"""Nodes of the graph that a search looks at."""

OLD_VERSIONS_KEPT = timedelta(minutes=10)
"""How long a superseded state of the table stays on disk; no search reads one state for that long."""

# The terms are made in terms.py, for every script; LanceDB has only to split them at the spaces. No stemming and no
# stop words: they are for one language, and people here write several.
TERMS = FTS(base_tokenizer="whitespace", stem=False, remove_stop_words=False, ascii_folding=False, lower_case=False)

SCALAR_INDEXES = {
    "words": TERMS,
    "pieces": TERMS,
    "id": BTree(),
    "workspace_id": Bitmap(),
    "document_id": BTree(),
    "channel_id": BTree(),
    "audience": Bitmap(),
}

WORD_WEIGHT = 3.0
"""What a word counts against a piece of a word. On XQuAD, words with pieces put the right paragraph first for .934 of
the English questions, .928 of the German, .935 of the Spanish; words alone for .919, .848 and .907."""

QUESTION_TERMS = 512
"""Different terms of a question that are searched: a pasted log would otherwise be a query of thousands."""


class LanceDBStore:
    """A `PassageStore` in a folder. Every version of every embedder's index is a table, so that vectors never mix.

    Each write is one atomic commit; each search sees the newest commit of any process.
    """

    def __init__(self, folder: Path, embedder_name: str, dimension: int, version: int = 1) -> None:
        self._folder = folder
        self._embedder_name = embedder_name
        self._dimension = dimension
        self._version = version
        self._name = _table_name(embedder_name, version)
        self._schema = _schema(embedder_name, dimension)
        with _translated():
            folder.mkdir(parents=True, exist_ok=True)
            self._connection = lancedb.connect(folder, read_consistency_interval=timedelta(0))
        self._opening = Lock()
        self._opened: Any = None

    @property
    def version(self) -> int:
        """Which of its embedder's tables this is."""
        return self._version

    def beside(self, version: int) -> "LanceDBStore":
        """Another table of the same embedder."""
        return LanceDBStore(self._folder, self._embedder_name, self._dimension, version)

    def take_over(self) -> None:
        """Nothing to do: a table has no other name than its own."""

    def drop(self) -> None:
        """Remove this table."""
        with _translated(), writing(self._folder, alone=True):
            self._connection.drop_table(self._name, ignore_missing=True)
            self._opened = None

    def replace(self, workspace_id: str, keep: Mapping[str, Sequence[str]], new: Sequence[StoredPassage]) -> None:
        """Make the store hold exactly the passages in `keep`, of which `new` are written."""
        with _translated(), writing(self._folder):
            if new:
                merge = self._table.merge_insert("id").when_matched_update_all().when_not_matched_insert_all()
                merge.execute(_rows(new, self._schema))
            kept = [passage_id for ids in keep.values() for passage_id in ids]
            ours = _in_workspace(workspace_id) & col("document_id").isin(list(keep))
            self._delete(ours & ~col("id").isin(kept))

    def held(self, workspace_id: str, passage_ids: Sequence[str]) -> set[str]:
        """Those of these passages that stand in the store."""
        with _translated():
            wanted = _in_workspace(workspace_id) & col("id").isin(list(passage_ids))
            rows = self._table.search().where(wanted).select(["id"]).limit(len(passage_ids)).to_arrow()
        return set(rows["id"].to_pylist())

    def delete_documents(self, workspace_id: str, document_ids: Sequence[str]) -> None:
        """Remove every passage of these documents."""
        with _translated(), writing(self._folder):
            self._delete(_in_workspace(workspace_id) & col("document_id").isin(list(document_ids)))

    def delete_channel(self, workspace_id: str, channel_id: str) -> None:
        """Remove every passage heard in the channel."""
        with _translated(), writing(self._folder):
            self._delete(_in_workspace(workspace_id) & (col("channel_id") == lit(channel_id)))

    def delete_workspace(self, workspace_id: str) -> None:
        """Remove every passage of the workspace."""
        with _translated(), writing(self._folder):
            self._delete(_in_workspace(workspace_id))

    def search(
        self, question: str, vector: NDArray[np.float32], scope: AccessScope, limit: int, dense_weight: float
    ) -> list[Hit]:
        """The best `limit` passages that the scope may see, best first."""
        candidates = max(CANDIDATES, limit)
        with _translated():
            inside, table = _inside(scope), self._table
            by_meaning = table.search(vector, query_type="vector").distance_type("cosine").ef(HNSW_EFFORT)
            by_words = [table.search(query, query_type="fts") for query in _words_of(question)]
            with ThreadPoolExecutor(1 + len(by_words)) as side_by_side:
                near = side_by_side.submit(_answer, by_meaning, inside, candidates, "_distance")
                named = [side_by_side.submit(_answer, query, inside, candidates, "_score") for query in by_words]
            found_by_words = [each.result() for each in named]
            found = [near.result(), *found_by_words]
        documents, similarities = _compare(found, vector)
        scores = fuse(_sum_of_scores(found_by_words), similarities, dense_weight)
        best = sorted(scores, key=lambda passage_id: (-scores[passage_id], passage_id))[:limit]
        return [Hit(each, documents[each], scores[each], similarities[each]) for each in best]

    def count(self, workspace_id: str) -> int:
        """Passages held for the workspace."""
        with _translated():
            return int(self._table.count_rows(_in_workspace(workspace_id).to_sql()))

    def tidy(self) -> None:
        """Merge small writes, bring indexes up to date, let go of old states; an HNSW graph once it pays."""
        # Alone: LanceDB gives up merging what another process removes from meanwhile.
        with _translated(), writing(self._folder, alone=True):
            self._table.checkout_latest()
            indexed = {column for index in self._table.list_indices() for column in index.columns}
            if "vector" not in indexed:
                self._make_graph()
            self._table.optimize(cleanup_older_than=OLD_VERSIONS_KEPT)

    def words(self, workspace_id: str) -> Iterator[tuple[str, str]]:
        """Every passage held, by id, with the words that it is found by."""
        with _translated():
            held = self._table.search().where(_in_workspace(workspace_id)).select(["id", "words"]).to_arrow()
        yield from zip(held["id"].to_pylist(), held["words"].to_pylist(), strict=True)

    def erase_deleted(self, grace_s: float) -> None:
        """Leave nothing on the disk of what was removed; takes as long as indexing all passages' words anew."""
        with _translated():
            erase_deleted(self._table, self._folder, self._make_indexes, grace_s)

    def close(self) -> None:
        """Let go of files."""
        self._opened = None
        del self._connection  # which closes it: LanceDB's synchronous handles have no close()

    @property
    def _table(self) -> Any:
        """The table, made when it is first used."""
        with self._opening:
            if self._opened is None:
                self._opened = self._open()
            return self._opened

    def _open(self) -> Any:
        table = self._connection.create_table(self._name, schema=self._schema, exist_ok=True)
        dimension = table.schema.field("vector").type.list_size
        if dimension != self._dimension:
            raise Misconfigured(
                f"The passages in {self._folder} were embedded with {dimension} dimensions, "
                "which is not what the embedder of that name gives now. Move that folder away and index anew."
            )
        indexed = {column for index in table.list_indices() for column in index.columns}
        for column, config in SCALAR_INDEXES.items():
            if column not in indexed:
                table.create_index(column, config=config)
        return table

    def _make_indexes(self) -> None:
        """Every index anew; the old ones know what was removed."""
        for column, config in SCALAR_INDEXES.items():
            self._table.create_index(column, config=config)
        for index in self._table.list_indices():
            if index.columns == ["vector"]:
                self._table.drop_index(index.name)
        self._make_graph()

    def _make_graph(self) -> None:
        if self._table.count_rows() >= HNSW_FROM:
            self._table.create_index("vector", config=HnswSq(distance_type="cosine"))

    def _delete(self, doomed: Expr) -> None:
        # A deletion that finds nothing would still write a new state of the table.
        if self._table.count_rows(doomed.to_sql()):
            self._table.delete(doomed)


def _table_name(embedder_name: str, version: int) -> str:
    """Letters, digits and dashes, told apart by a hash where that makes two names alike."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", embedder_name).strip("-")[:60]
    first = f"passages-{readable}-{hashlib.sha256(embedder_name.encode()).hexdigest()[:8]}"
    return first if version == 1 else f"{first}-v{version}"


def _schema(embedder_name: str, dimension: int) -> pa.Schema:
    names = (*KEYS, "words", "pieces")
    fields = [pa.field(name, pa.string(), nullable=False) for name in names]
    fields.append(pa.field("vector", pa.list_(pa.float32(), dimension), nullable=False))
    return pa.schema(fields, metadata={"embedder": embedder_name})


def _rows(passages: Sequence[StoredPassage], schema: pa.Schema) -> pa.Table:
    """The passages as they are kept: not their text, only what it is found by. The record has the text."""
    columns: dict[str, Any] = {name: [getattr(each, name) for each in passages] for name in KEYS}
    terms = [each.terms for each in passages]
    columns["words"] = [" ".join(each.words) for each in terms]
    columns["pieces"] = [" ".join(each.pieces) for each in terms]
    vectors = np.concatenate([each.vector.astype(np.float32, copy=False) for each in passages])
    dimension = schema.field("vector").type.list_size
    columns["vector"] = pa.FixedSizeListArray.from_arrays(pa.array(vectors), dimension)
    return pa.table(columns, schema=schema)


def _words_of(question: str) -> list[MatchQuery]:
    """The question's words, and the pieces of them, as plain terms: nothing that a person types is an operator."""
    terms = terms_of(question)
    words = list(dict.fromkeys(terms.words))[:QUESTION_TERMS]
    pieces = list(dict.fromkeys(terms.pieces))[:QUESTION_TERMS]
    by_word = MatchQuery(" ".join(words), "words", boost=WORD_WEIGHT)
    return [by_word, MatchQuery(" ".join(pieces), "pieces")] if pieces else [by_word]


def _in_workspace(workspace_id: str) -> Expr:
    return col("workspace_id") == lit(workspace_id)


def _inside(scope: AccessScope) -> Expr:
    """The scope as a filter. Expressions, never SQL made of strings: an id can hold anything."""
    inside = _in_workspace(scope.workspace_id) & col("audience").isin(sorted(scope.audiences))
    if scope.channels is not None:
        inside = inside & col("channel_id").isin(sorted(scope.channels))
    return inside


def _answer(query: Any, inside: Expr, limit: int, measure: str) -> pa.Table:
    query = query.where(inside, prefilter=True) if measure == "_distance" else query.where(inside)
    return query.select(["id", "document_id", "vector", measure]).limit(limit).to_arrow()


def _compare(found: Sequence[pa.Table], vector: NDArray[np.float32]) -> tuple[dict[str, str], dict[str, float]]:
    """Each passage's document, and its exact cosine similarity to the question, whichever ranker found it."""
    documents: dict[str, str] = {}
    similarities: dict[str, float] = {}
    for table in found:
        ids = table["id"].to_pylist()
        vectors = (
            table["vector"].combine_chunks().flatten().to_numpy(zero_copy_only=False).reshape(len(ids), len(vector))
        )
        documents.update(zip(ids, table["document_id"].to_pylist(), strict=True))
        similarities.update(zip(ids, (vectors @ vector).tolist(), strict=True))
    return documents, similarities


def _sum_of_scores(found: Sequence[pa.Table]) -> dict[str, float]:
    """What each passage scored in all of these together."""
    scores: dict[str, float] = defaultdict(float)
    for table in found:
        for passage_id, score in zip(table["id"].to_pylist(), table["_score"].to_pylist(), strict=True):
            scores[passage_id] += score
    return scores


@contextmanager
def _translated() -> Iterator[None]:
    """LanceDB's errors as ours."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        raise StoreUnavailable(
            "The passage store cannot be read or written just now. Check the disk, then try again."
        ) from error
