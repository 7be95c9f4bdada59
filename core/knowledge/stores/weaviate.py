"""Passages in Weaviate: a server, a cluster or Weaviate Cloud, with a tenant for each workspace."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from weaviate import WeaviateClient
from weaviate.classes.config import ConsistencyLevel
from weaviate.classes.query import FilterReturn, HybridFusion, MetadataQuery
from weaviate.collections import Collection
from weaviate.exceptions import WeaviateInsertManyAllFailedError, WeaviateQueryError

from core.errors import StoreUnavailable
from core.knowledge.access import AccessScope
from core.knowledge.stores.passage_store import Hit, StoredPassage
from core.knowledge.stores.weaviate_connection import WeaviateConnection
from core.knowledge.stores.weaviate_errors import NotYet, is_lost
from core.knowledge.stores.weaviate_index import WeaviateIndex
from core.knowledge.stores.weaviate_requests import PassageObject, requests_of
from core.knowledge.stores.weaviate_schema import (
    SEARCHED,
    SHELVES,
    VECTOR,
    inside,
    of_channel,
    of_documents,
    of_objects,
    of_passages,
    on_shelf,
    query_of,
    tenant_of,
    uuid_of,
)

T = TypeVar("T")

DOCUMENTS_AT_ONCE = 100
NAMED_AT_ONCE = 500
READ_AT_ONCE = 500

ROUNDS = 1_000
"""Times that one deletion is repeated; each removes up to the server's limit on results."""

Passages = Collection[Mapping[str, Any], None]


class WeaviateStore:
    """A `PassageStore` on a Weaviate server, 1.30 or newer. Threads may share it, and all versions one connection.

    Writes and deletions wait for as many replicas as `consistency` says. Questions are put to one: with more,
    Weaviate finds nothing else, and waits for a node that is away.
    """

    def __init__(self, connection: WeaviateConnection, index: WeaviateIndex, consistency: ConsistencyLevel) -> None:
        self._connection = connection
        self._index = index
        self._consistency = consistency

    @property
    def version(self) -> int:
        """Which of its embedder's collections this is."""
        return self._index.version

    def beside(self, version: int) -> "WeaviateStore":
        """Another collection for the same embedder, on the same connection."""
        return WeaviateStore(self._connection, self._index.beside(version), self._consistency)

    def take_over(self) -> None:
        """Point the embedder's alias at this collection, for all who look at the server without our record."""
        self._connection.run(self._index.take_over)

    def drop(self) -> None:
        """Remove this collection, and the alias if it points here."""
        self._connection.run(self._index.drop)

    def replace(self, workspace_id: str, keep: Mapping[str, Sequence[str]], new: Sequence[StoredPassage]) -> None:
        """Make the store hold exactly the passages in `keep`, of which `new` are written."""
        self._write(workspace_id, new)
        for document_ids in _chunks(sorted(keep), DOCUMENTS_AT_ONCE):
            kept = {uuid_of(passage_id) for each in document_ids for passage_id in keep[each]}
            self._keep_only(tenant_of(workspace_id), document_ids, kept)

    def held(self, workspace_id: str, passage_ids: Sequence[str]) -> set[str]:
        """Those of these passages that stand in the store."""
        found: set[str] = set()
        for some in _chunks(passage_ids, NAMED_AT_ONCE):
            page = self._page(tenant_of(workspace_id), ["passage_id"], len(some), of_passages(some))
            found.update(str(each.properties["passage_id"]) for each in page)
        return found

    def delete_documents(self, workspace_id: str, document_ids: Sequence[str]) -> None:
        """Remove every passage of these documents."""
        for some in _chunks(document_ids, NAMED_AT_ONCE):
            self._delete(tenant_of(workspace_id), of_documents(some))

    def delete_channel(self, workspace_id: str, channel_id: str) -> None:
        """Remove every passage heard in the channel."""
        self._delete(tenant_of(workspace_id), of_channel(channel_id))

    def delete_workspace(self, workspace_id: str) -> None:
        """Remove the workspace's tenant, until the node that answers us knows of it."""
        tenant = tenant_of(workspace_id)

        def remove(client: WeaviateClient) -> None:
            if self._index.has(client, tenant):
                client.collections.use(self._index.collection).tenants.remove([tenant])
            if self._answers(client, tenant):
                raise NotYet("Weaviate still answers for a workspace that was removed. Try again in a minute.")

        self._connection.run(remove)

    def search(
        self, question: str, vector: NDArray[np.float32], scope: AccessScope, limit: int, dense_weight: float
    ) -> list[Hit]:
        """The best `limit` passages that the scope may see, best first."""
        allowed = inside(scope)
        if allowed is None:
            return []
        query = query_of(question)

        def ask(passages: Passages) -> list[Hit]:
            found = passages.query.hybrid(
                query,
                vector=vector.tolist(),
                target_vector=VECTOR,
                alpha=dense_weight if query else 1.0,
                query_properties=SEARCHED,
                fusion_type=HybridFusion.RELATIVE_SCORE,
                filters=allowed,
                limit=limit,
                include_vector=[VECTOR],
                return_metadata=MetadataQuery(score=True),
                return_properties=["passage_id"],
            )
            hits = [_hit(each, vector) for each in found.objects]
            return sorted(hits, key=lambda hit: (-hit.score, hit.passage_id))

        return self._in_tenant(tenant_of(scope.workspace_id), ask, otherwise=[])

    def count(self, workspace_id: str) -> int:
        """Passages held for the workspace."""

        def total(passages: Passages) -> int:
            return passages.aggregate.over_all(total_count=True).total_count or 0

        return self._in_tenant(tenant_of(workspace_id), total, otherwise=0)

    def tidy(self) -> None:
        """Nothing to do: the server merges its files and keeps its indexes up to date by itself."""

    def words(self, workspace_id: str) -> Iterator[tuple[str, str]]:
        """Every passage held, by id, with the words that it is found by."""
        last: UUID | None = None
        while page := self._page(tenant_of(workspace_id), ["passage_id", "words"], READ_AT_ONCE, after=last):
            yield from ((str(each.properties["passage_id"]), str(each.properties["words"])) for each in page)
            last = page[-1].uuid

    def erase_deleted(self, grace_s: float) -> None:
        """Nothing that we could do: what was removed leaves the server's disk when its own compaction comes to it."""

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _passages(self, client: WeaviateClient, tenant: str) -> Passages:
        collection = client.collections.use(self._index.collection)
        return collection.with_tenant(tenant).with_consistency_level(ConsistencyLevel.ONE)

    def _answers(self, client: WeaviateClient, tenant: str) -> bool:
        """Whether the node that we ask has the tenant; the leader is ahead of it for some milliseconds."""
        try:
            self._passages(client, tenant).aggregate.over_all(total_count=True)
        except WeaviateQueryError as error:
            if is_lost(error):
                raise
            return False
        return True

    def _in_tenant(self, tenant: str, call: Callable[[Passages], T], otherwise: T) -> T:
        """The call's result, or `otherwise` where the workspace has no tenant yet, or the index no collection."""

        def attempt(client: WeaviateClient) -> T:
            try:
                return call(self._passages(client, tenant))
            except WeaviateQueryError:
                if not self._index.has(client, tenant):
                    return otherwise
                raise

        return self._connection.run(attempt)

    def _agreed(self, passages: Passages) -> Passages:
        return passages.with_consistency_level(self._consistency)

    def _page(
        self,
        tenant: str,
        wanted: list[str],
        limit: int,
        matching: FilterReturn | None = None,
        after: UUID | None = None,
    ) -> list[Any]:
        def fetch(passages: Passages) -> list[Any]:
            found = passages.query.fetch_objects(filters=matching, after=after, limit=limit, return_properties=wanted)
            return list(found.objects)

        nothing: list[Any] = []
        return self._in_tenant(tenant, fetch, otherwise=nothing)

    def _write(self, workspace_id: str, passages: Sequence[StoredPassage]) -> None:
        tenant = tenant_of(workspace_id)
        for objects in requests_of(passages):

            def insert(client: WeaviateClient, objects: list[PassageObject] = objects) -> None:
                self._index.make(client)
                try:
                    failed = len(self._agreed(self._passages(client, tenant)).data.insert_many(objects).errors)
                except WeaviateInsertManyAllFailedError:
                    failed = len(objects)
                except WeaviateQueryError:
                    self._index.lost()
                    raise
                if failed:
                    self._index.lost()
                    said = f"Weaviate did not take {failed} of {len(objects)} passages. Its log says why"
                    raise NotYet(f"{said}; they are sent again.")

            self._connection.run(insert)

    def _keep_only(self, tenant: str, document_ids: Sequence[str], kept: set[str]) -> None:
        there = self._objects_of(tenant, document_ids, expected=bool(kept))
        for some in _chunks(sorted(there - kept), NAMED_AT_ONCE):
            self._delete(tenant, of_objects(some))

    def _objects_of(self, tenant: str, document_ids: Sequence[str], expected: bool = False) -> set[str]:
        """Ids of all objects of the documents, however many the server lists at once; `expected` if there are some."""
        found, complete = self._doomed(tenant, of_documents(document_ids), expected)
        if complete:
            return found
        if len(document_ids) > 1:
            return set().union(*(self._objects_of(tenant, [each]) for each in document_ids))
        shelves = [self._doomed(tenant, on_shelf(document_ids[0], shelf)) for shelf in range(SHELVES)]
        if not all(complete for _, complete in shelves):
            raise StoreUnavailable("A document has more passages than Weaviate lists. Raise its QUERY_MAXIMUM_RESULTS.")
        return set().union(*(listed for listed, _ in shelves))

    def _doomed(self, tenant: str, matching: FilterReturn, expected: bool = False) -> tuple[set[str], bool]:
        """Ids of the objects that a deletion would remove, and whether these are all.

        A deletion looks for them on as many replicas as the consistency level says; a search would ask only one.
        """

        def tell(passages: Passages) -> tuple[set[str], bool]:
            report = self._agreed(passages).data.delete_many(matching, verbose=True, dry_run=True)
            _check_all(report.failed, "list")
            if expected and not report.matches:  # some servers say nothing of replicas that could not look
                raise NotYet("Weaviate did not list passages that it holds. Its log says why; then try again.")
            return {str(each.uuid) for each in report.objects}, report.matches <= len(report.objects)

        nothing: set[str] = set()
        return self._in_tenant(tenant, tell, otherwise=(nothing, True))

    def _delete(self, tenant: str, doomed: FilterReturn) -> None:
        """Remove all that the filter matches, however many one call is allowed to remove.

        Where it matched nothing we look ourselves: some servers say nothing of replicas that could not look.
        """

        def some(passages: Passages) -> int:
            report = self._agreed(passages).data.delete_many(doomed)
            _check_all(report.failed, "remove")
            if not report.matches and passages.query.fetch_objects(filters=doomed, limit=1).objects:
                raise NotYet("Weaviate did not remove passages that it still finds. Its log says why; then try again.")
            return report.matches

        for _ in range(ROUNDS):
            if not self._in_tenant(tenant, some, otherwise=0):
                return
        raise StoreUnavailable("Weaviate does not come to an end with removing passages. Look at its log.")


def _check_all(failed: int, to_do: str) -> None:
    """NotYet if something of it failed: too few of the replicas did it, or a disk is full."""
    if failed:
        raise NotYet(f"Weaviate could not {to_do} {failed} passages. Its log says why; then try again.")


def _hit(found: Any, vector: NDArray[np.float32]) -> Hit:
    held = np.asarray(found.vector[VECTOR], dtype=np.float32)
    lengths = float(np.linalg.norm(held) * np.linalg.norm(vector))
    return Hit(
        str(found.properties["passage_id"]),
        min(1.0, max(0.0, found.metadata.score or 0.0)),
        float(held @ vector) / lengths if lengths else 0.0,
    )


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    remaining = iter(items)
    while chunk := list(islice(remaining, size)):
        yield chunk
