"""Passages on their way to Weaviate, in portions that it takes."""

from collections.abc import Iterable, Iterator
from typing import Any

from weaviate.classes.data import DataObject

from core.knowledge.stores.passage_store import StoredPassage
from core.knowledge.stores.weaviate_schema import as_object

PassageObject = DataObject[dict[str, Any], None]

WRITTEN_AT_ONCE = 200
WRITTEN_BYTES = 4 << 20
"""Of one request; a server may be set to take no more than ten millions (GRPC_MAX_MESSAGE_SIZE)."""


def requests_of(passages: Iterable[StoredPassage]) -> Iterator[list[PassageObject]]:
    """The passages' objects, a list for each request: neither too many nor too large together."""
    portion: list[PassageObject] = []
    size = 0
    for each in passages:
        made = as_object(each)
        weight = each.vector.nbytes + sum(
            len(text.encode()) for text in made.properties.values() if isinstance(text, str)
        )
        if portion and (len(portion) == WRITTEN_AT_ONCE or size + weight > WRITTEN_BYTES):
            yield portion
            portion, size = [], 0
        portion.append(made)
        size += weight
    if portion:
        yield portion
