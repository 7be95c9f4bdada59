"""Versions of the index in Weaviate: one collection each, and an alias that points at the one that answers."""

from collections.abc import Callable
from contextlib import suppress

from weaviate import WeaviateClient
from weaviate.exceptions import UnexpectedStatusCodeError, WeaviateUnsupportedFeatureError

from core.knowledge.stores.weaviate_schema import IndexName, definition


class WeaviateIndex:
    """One version of an embedder's index.

    Tenants cannot be managed under an alias, and Weaviate has aliases only from 1.32 on. So we use collections by their
    own names; the alias is for people and tools that look at the server beside us.
    """

    def __init__(self, name: IndexName, replication: int, version: int = 1) -> None:
        self._name = name
        self._replication = replication
        self.version = version

    def beside(self, version: int) -> "WeaviateIndex":
        """Another version of the same embedder's index."""
        return WeaviateIndex(self._name, self._replication, version)

    def collection(self, client: WeaviateClient) -> str:
        """The collection to use, made if there is none.

        Asked for anew each time: it finds out quickly whether the server is there, and whether it lost what it held.
        """
        collection = self._name.version(self.version)
        if not client.collections.exists(collection):
            made = definition(self._replication)
            _unless_there(lambda: client.collections.create(collection, description=self._name.description, **made))
        return collection

    def take_over(self, client: WeaviateClient) -> None:
        """Point the alias here; nothing happens if it does already."""
        alias, collection = self._name.alias, self.collection(client)
        with suppress(WeaviateUnsupportedFeatureError):
            there = client.alias.get(alias_name=alias)
            if there is None:
                _unless_there(lambda: client.alias.create(alias_name=alias, target_collection=collection))
            elif there.collection != collection:
                client.alias.update(alias_name=alias, new_target_collection=collection)

    def drop(self, client: WeaviateClient) -> None:
        """Remove this version, and the alias if it points here."""
        collection = self._name.version(self.version)
        with suppress(WeaviateUnsupportedFeatureError):
            there = client.alias.get(alias_name=self._name.alias)
            if there is not None and there.collection == collection:
                client.alias.delete(alias_name=self._name.alias)
        client.collections.delete(collection)


def _unless_there(make: Callable[[], object]) -> None:
    """Make it, unless another process was faster."""
    try:
        make()
    except UnexpectedStatusCodeError as error:
        if "already exists" not in str(error):
            raise
