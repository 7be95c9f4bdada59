"""Passages in LanceDB: on disk, in process, read by the bot while the worker writes."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Lock
from typing import Any

import lancedb
import numpy as np
from lancedb.expr import Expr, col, lit
from numpy.typing import NDArray

from core.errors import Misconfigured, StoreUnavailable
from core.knowledge.access import AccessScope
from core.knowledge.stores.lancedb_erasing import erase_deleted, writing
from core.knowledge.stores.lancedb_queries import best_of, in_workspace
from core.knowledge.stores.lancedb_schema import (
    make_missing_graph,
    make_missing_indexes,
    rows_of,
    schema_of,
    table_name,
)
from core.knowledge.stores.passage_store import Hit, StoredPassage
from core.knowledge.stores.shared_heaps import give_back, share_heaps

# Otherwise LanceDB writes a warning into the log whenever indexes are listed, and reads what nobody asked for.
os.environ.setdefault("LANCE_INCLUDE_VECTOR_CENTROIDS", "false")

# The words' indexes are brought up to date by one worker at a time, not by one a core, each with memory of its own.
os.environ.setdefault("LANCE_FTS_NUM_SHARDS", "1")

OLD_VERSIONS_KEPT = timedelta(minutes=10)
"""How long a superseded state of the table stays on disk; no search reads one state for that long."""


class LanceDBStore:
    """A `PassageStore` in a folder. Every version of every embedder's index is a table, so that vectors never mix.

    Each write is one atomic commit; each search sees the newest commit of any process.
    """

    def __init__(self, folder: Path, embedder_name: str, dimension: int, version: int = 1) -> None:
        self._folder = folder
        self._embedder_name = embedder_name
        self._dimension = dimension
        self._version = version
        self._name = table_name(embedder_name, version)
        self._schema = schema_of(embedder_name, dimension)
        share_heaps()
        with _translated():
            folder.mkdir(parents=True, exist_ok=True)
            self._connection = lancedb.connect(folder)
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
                merge.execute(rows_of(new, self._schema))
            kept = [passage_id for ids in keep.values() for passage_id in ids]
            ours = in_workspace(workspace_id) & col("document_id").isin(list(keep))
            self._delete(ours & ~col("id").isin(kept))

    def held(self, workspace_id: str, passage_ids: Sequence[str]) -> set[str]:
        """Those of these passages that stand in the store."""
        with _translated():
            wanted = in_workspace(workspace_id) & col("id").isin(list(passage_ids))
            rows = self._table.search().where(wanted).select(["id"]).limit(len(passage_ids)).to_arrow()
        return set(rows["id"].to_pylist())

    def delete_documents(self, workspace_id: str, document_ids: Sequence[str]) -> None:
        """Remove every passage of these documents."""
        with _translated(), writing(self._folder):
            self._delete(in_workspace(workspace_id) & col("document_id").isin(list(document_ids)))

    def delete_channel(self, workspace_id: str, channel_id: str) -> None:
        """Remove every passage heard in the channel."""
        with _translated(), writing(self._folder):
            self._delete(in_workspace(workspace_id) & (col("channel_id") == lit(channel_id)))

    def delete_workspace(self, workspace_id: str) -> None:
        """Remove every passage of the workspace."""
        with _translated(), writing(self._folder):
            self._delete(in_workspace(workspace_id))

    def search(
        self, question: str, vector: NDArray[np.float32], scope: AccessScope, limit: int, dense_weight: float
    ) -> list[Hit]:
        """The best `limit` passages that the scope may see, best first."""
        with _translated():
            return best_of(self._table, question, vector, scope, limit, dense_weight)

    def count(self, workspace_id: str) -> int:
        """Passages held for the workspace."""
        with _translated():
            return int(self._table.count_rows(in_workspace(workspace_id).to_sql()))

    def tidy(self) -> None:
        """Merge small writes, bring indexes up to date, let go of old states; an HNSW graph once it pays."""
        # Alone: LanceDB gives up merging what another process removes from meanwhile.
        with _translated(), writing(self._folder, alone=True):
            table = self._table
            make_missing_graph(table)
            table.optimize(cleanup_older_than=OLD_VERSIONS_KEPT)
        give_back()

    def words(self, workspace_id: str) -> Iterator[tuple[str, str]]:
        """Every passage held, by id, with the words that it is found by."""
        with _translated():
            held = self._table.search().where(in_workspace(workspace_id)).select(["id", "words"]).to_arrow()
        yield from zip(held["id"].to_pylist(), held["words"].to_pylist(), strict=True)

    def erase_deleted(self, grace_s: float) -> None:
        """Leave nothing on the disk of what was removed; takes as long as indexing all passages' words anew."""
        with _translated():
            erase_deleted(self._table, self._folder, grace_s)

    def close(self) -> None:
        """Let go of files."""
        self._opened = None
        del self._connection  # which closes it: LanceDB's synchronous handles have no close()

    @property
    def _table(self) -> Any:
        """The table in its newest state, made when it is first used."""
        with self._opening:
            if self._opened is None:
                self._opened = self._open()
            else:
                # Asked once for all queries of a search; a read_consistency_interval of 0 would ask before each.
                self._opened.checkout_latest()
            return self._opened

    def _open(self) -> Any:
        table = self._connection.create_table(self._name, schema=self._schema, exist_ok=True)
        dimension = table.schema.field("vector").type.list_size
        if dimension != self._dimension:
            raise Misconfigured(
                f"The passages in {self._folder} were embedded with {dimension} dimensions, "
                "which is not what the embedder of that name gives now. Move that folder away and index anew."
            )
        make_missing_indexes(table)
        return table

    def _delete(self, doomed: Expr) -> None:
        # A deletion that finds nothing would still write a new state of the table.
        if self._table.count_rows(doomed.to_sql()):
            self._table.delete(doomed)


@contextmanager
def _translated() -> Iterator[None]:
    """LanceDB's errors as ours."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        raise StoreUnavailable(
            "The passage store cannot be read or written just now. Check the disk, then try again."
        ) from error
