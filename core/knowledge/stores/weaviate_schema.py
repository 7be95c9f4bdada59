"""How passages lie in Weaviate: the names of collections and tenants, the collection's definition, and filters."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from weaviate.classes.config import (
    Configure,
    DataType,
    Property,
    ReplicationDeletionStrategy,
    StopwordsPreset,
    Tokenization,
    VectorDistances,
    VectorFilterStrategy,
)
from weaviate.classes.data import DataObject
from weaviate.classes.query import Filter, FilterReturn
from weaviate.util import generate_uuid5

from core.knowledge.access import AccessScope
from core.knowledge.stores.passage_store import StoredPassage
from core.knowledge.stores.terms import WORD_WEIGHT, query_terms

VECTOR = "default"
"""Name of the one vector that each passage has."""

SEARCHED = ["words", "pieces"]
"""What BM25 looks at. Neither is boosted (words^2): Weaviate then skips passages that are among the best (its pull
request 12018)."""

SHELVES = 64
"""Parts that a document's passages are spread over, so that even the longest can be listed within the server's limit
on what it lists at once (QUERY_MAXIMUM_RESULTS)."""

TENANT_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class IndexName:
    """Names for one embedder: its collections, one a version, and the alias of the one that answers.

    Each embedder has an alias of its own, so that vectors of different embedders never mix.
    """

    alias: str
    description: str

    @classmethod
    def of(cls, embedder_name: str, dimension: int) -> "IndexName":
        """The names for an embedder, readable at the front and told apart by a hash."""
        readable = re.sub(r"[^A-Za-z0-9]+", "_", embedder_name).strip("_")[:60]
        hashed = hashlib.sha256(f"{embedder_name}\n{dimension}".encode()).hexdigest()[:8]
        description = f"Journeyman's passages, embedded by {embedder_name} ({dimension} dimensions)"
        return cls(f"JourneymanPassages_{readable}_{hashed}", description)

    def version(self, number: int) -> str:
        """The collection of this version of the index."""
        return f"{self.alias}_v{number}"


def definition(replication: int) -> dict[str, Any]:
    """What a collection of passages is made with: arguments for the client's `collections.create`."""
    return {
        "multi_tenancy_config": Configure.multi_tenancy(
            enabled=True, auto_tenant_creation=True, auto_tenant_activation=True
        ),
        "replication_config": Configure.replication(
            factor=replication,
            async_enabled=replication > 1,  # needed before Weaviate 1.38, where it became a matter of course
            # A node that slept through a deletion must not bring the passage back, nor undo a later return of it.
            deletion_strategy=ReplicationDeletionStrategy.TIME_BASED_RESOLUTION,
        ),
        "vector_config": Configure.Vectors.self_provided(
            name=VECTOR,
            vector_index_config=Configure.VectorIndex.hnsw(
                distance_metric=VectorDistances.COSINE,
                # Scopes are often a small part of the passages, and have little to do with what was asked.
                filter_strategy=VectorFilterStrategy.ACORN,
            ),
        ),
        # People here write several languages, so there are no stop words of one of them.
        "inverted_index_config": Configure.inverted_index(stopwords_preset=StopwordsPreset.NONE),
        "properties": [
            _searched("words"),
            _searched("pieces"),
            _filtered("passage_id"),
            _filtered("document_id"),
            _filtered("channel_id"),
            _filtered("audience"),
            Property(name="shelf", data_type=DataType.INT, index_filterable=True),
        ],
    }


def _searched(name: str) -> Property:
    # The terms are made here (terms.py): the server has only to split them at the spaces.
    return Property(
        name=name,
        data_type=DataType.TEXT,
        tokenization=Tokenization.WHITESPACE,
        index_searchable=True,
        index_filterable=False,
    )


def _filtered(name: str) -> Property:
    return Property(
        name=name,
        data_type=DataType.TEXT,
        tokenization=Tokenization.FIELD,
        index_searchable=False,
        index_filterable=True,
    )


def tenant_of(workspace_id: str) -> str:
    """The tenant of a workspace: its id, or a hash where that is no name for a tenant."""
    if TENANT_NAME.fullmatch(workspace_id):
        return workspace_id
    return "hashed-" + hashlib.sha256(workspace_id.encode()).hexdigest()[:40]


def uuid_of(passage_id: str) -> str:
    """The object id of a passage, the same every time, so that writing twice writes over."""
    return str(generate_uuid5(passage_id))


def as_object(passage: StoredPassage) -> DataObject[dict[str, Any], None]:
    """A passage as it is written. Its text is not kept, only what it is found by: the record has the text."""
    uuid, terms = uuid_of(passage.id), passage.terms
    properties = {
        "words": " ".join(terms.words),
        "pieces": " ".join(terms.pieces),
        "passage_id": passage.id,
        "document_id": passage.document_id,
        "audience": passage.audience,
        "shelf": int(uuid[:2], 16) % SHELVES,
    }
    if passage.channel_id:  # Weaviate has lost whole indexes over an empty value (its pull requests 6303 and 8959)
        properties["channel_id"] = passage.channel_id
    return DataObject(uuid=uuid, vector={VECTOR: passage.vector.tolist()}, properties=properties)


def query_of(question: str) -> str | None:
    """The question as BM25 is asked it, where what is said twice counts twice; None where it has no words."""
    terms = query_terms(question)
    return " ".join([*terms.words * WORD_WEIGHT, *terms.pieces]) or None


def inside(scope: AccessScope) -> FilterReturn | None:
    """The scope as a filter; None where nothing can be inside it."""
    if not scope.audiences or (scope.channels is not None and not scope.channels):
        return None
    allowed = Filter.by_property("audience").contains_any(sorted(scope.audiences))
    if scope.channels is None:
        return allowed
    return allowed & Filter.by_property("channel_id").contains_any(sorted(scope.channels))


def of_documents(document_ids: Sequence[str]) -> FilterReturn:
    """All passages of the documents, of which there must be one at least."""
    return Filter.by_property("document_id").contains_any(list(document_ids))


def of_channel(channel_id: str) -> FilterReturn:
    """All passages heard in the channel."""
    return Filter.by_property("channel_id").equal(channel_id)


def on_shelf(document_id: str, shelf: int) -> FilterReturn:
    """One part of a document's passages."""
    return of_documents([document_id]) & Filter.by_property("shelf").equal(shelf)


def of_passages(passage_ids: Iterable[str]) -> FilterReturn:
    """These passages, of which there must be one at least."""
    return of_objects([uuid_of(each) for each in passage_ids])


def of_objects(uuids: Sequence[str]) -> FilterReturn:
    """The objects with these ids, of which there must be one at least."""
    return Filter.by_id().contains_any(list(uuids))
