"""What a LanceDB table of passages holds, and by what it is indexed."""

import hashlib
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from lancedb.index import FTS, Bitmap, BTree, HnswSq

from core.knowledge.stores.passage_store import StoredPassage

KEYS = ("id", "document_id", "workspace_id", "channel_id", "audience")

HNSW_FROM = 20_000
"""Passages above which an HNSW graph beats comparing with every vector."""

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


def table_name(embedder_name: str, version: int) -> str:
    """Letters, digits and dashes, told apart by a hash where that makes two names alike."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", embedder_name).strip("-")[:60]
    first = f"passages-{readable}-{hashlib.sha256(embedder_name.encode()).hexdigest()[:8]}"
    return first if version == 1 else f"{first}-v{version}"


def schema_of(embedder_name: str, dimension: int) -> pa.Schema:
    """The columns; the embedder's name stands beside them."""
    names = (*KEYS, "words", "pieces")
    fields = [pa.field(name, pa.string(), nullable=False) for name in names]
    fields.append(pa.field("vector", pa.list_(pa.float32(), dimension), nullable=False))
    return pa.schema(fields, metadata={"embedder": embedder_name})


def rows_of(passages: Sequence[StoredPassage], schema: pa.Schema) -> pa.Table:
    """The passages as they are kept: not their text, only what it is found by. The record has the text."""
    columns: dict[str, Any] = {name: [getattr(each, name) for each in passages] for name in KEYS}
    terms = [each.terms for each in passages]
    columns["words"] = [" ".join(each.words) for each in terms]
    columns["pieces"] = [" ".join(each.pieces) for each in terms]
    vectors = np.concatenate([each.vector.astype(np.float32, copy=False) for each in passages])
    dimension = schema.field("vector").type.list_size
    columns["vector"] = pa.FixedSizeListArray.from_arrays(pa.array(vectors), dimension)
    return pa.table(columns, schema=schema)


def make_missing_indexes(table: Any) -> None:
    """The indexes that a table has from its beginning, where they are not there yet."""
    indexed = _indexed(table)
    for column, config in SCALAR_INDEXES.items():
        if column not in indexed:
            table.create_index(column, config=config)


def make_missing_graph(table: Any) -> None:
    """The graph of the vectors, once it pays."""
    if "vector" not in _indexed(table) and table.count_rows() >= HNSW_FROM:
        table.create_index("vector", config=HnswSq(distance_type="cosine"))


def make_indexes_anew(table: Any) -> None:
    """Every index once more, from the rows that stand: the old ones know what was removed."""
    for column, config in SCALAR_INDEXES.items():
        table.create_index(column, config=config)
    for index in table.list_indices():
        if index.columns == ["vector"]:
            table.drop_index(index.name)
    make_missing_graph(table)


def _indexed(table: Any) -> set[str]:
    return {column for index in table.list_indices() for column in index.columns}
