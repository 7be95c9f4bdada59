"""Versions of the index in Weaviate: one collection each, and an alias that says which of them is live."""

from collections.abc import Callable
from contextlib import suppress

from weaviate import WeaviateClient
from weaviate.exceptions import UnexpectedStatusCodeError, WeaviateUnsupportedFeatureError

from core.errors import StoreUnavailable
from core.knowledge.stores.weaviate_schema import IndexName, definition


class WeaviateIndex:
    """The live version of an embedder's index or, with `beside`, one that is being made.

    Aliases came with Weaviate 1.32: before that the first version is the live one for good, and no other is begun.
    """

    def __init__(self, name: IndexName, replication: int, beside: str | None = None) -> None:
        self._name = name
        self._replication = replication
        self._beside = beside

    def collection(self, client: WeaviateClient) -> str:
        """The collection to use now, made if there is none.

        Asked anew each time, so that a switch is seen by every process at once; and tenants are managed under the
        collection's own name, not the alias. It also finds out quickly whether the server is there.
        """
        if self._beside is not None:
            return self._beside
        first = self._name.version(1)
        try:
            alias = client.alias.get(alias_name=self._name.alias)
        except WeaviateUnsupportedFeatureError:
            self._make(client, first)
            return first
        if alias is not None:
            return str(alias.collection)
        self._make(client, first)
        _unless_there(lambda: client.alias.create(alias_name=self._name.alias, target_collection=first))
        return first

    def begin_beside(self, client: WeaviateClient) -> "WeaviateIndex":
        """The next version, empty; what an earlier, unfinished attempt left of it is removed."""
        following = self._name.after(self.collection(client))
        try:
            client.alias.exists(alias_name=self._name.alias)
        except WeaviateUnsupportedFeatureError as error:
            raise StoreUnavailable(
                "This Weaviate has no aliases, which came with 1.32. Upgrade it to rebuild beside the live index."
            ) from error
        if client.collections.exists(following):
            client.collections.delete(following)
        self._make(client, following)
        return WeaviateIndex(self._name, self._replication, beside=following)

    def take_over(self, client: WeaviateClient) -> None:
        """Make this version the live one and remove the one that was; nothing happens if it is live already."""
        alias = client.alias.get(alias_name=self._name.alias)
        if self._beside is not None and alias is not None and alias.collection != self._beside:
            client.alias.update(alias_name=self._name.alias, new_target_collection=self._beside)
            client.collections.delete(alias.collection)
        self._beside = None

    def drop(self, client: WeaviateClient) -> None:
        """Remove this version and, if it is the live one, its alias."""
        collection = self.collection(client)
        if self._beside is None:
            with suppress(WeaviateUnsupportedFeatureError):  # before 1.32 there is none
                client.alias.delete(alias_name=self._name.alias)
        client.collections.delete(collection)

    def _make(self, client: WeaviateClient, collection: str) -> None:
        if not client.collections.exists(collection):
            made = definition(self._replication)
            _unless_there(lambda: client.collections.create(collection, description=self._name.description, **made))


def _unless_there(make: Callable[[], object]) -> None:
    """Make it, unless another process was faster."""
    try:
        make()
    except UnexpectedStatusCodeError as error:
        if "already exists" not in str(error):
            raise
