"""Versions of the index in Weaviate: one collection each, and an alias that points at the one that answers."""

from collections.abc import Callable
from contextlib import suppress

from weaviate import WeaviateClient
from weaviate.exceptions import UnexpectedStatusCodeError, WeaviateUnsupportedFeatureError

from core.knowledge.stores.weaviate_errors import NotYet
from core.knowledge.stores.weaviate_schema import IndexName, definition


class WeaviateIndex:
    """One version of an embedder's index.

    Tenants cannot be managed under an alias, and Weaviate has aliases only from 1.32 on. So we use collections by their
    own names; the alias is for people and tools that look at the server beside us.
    """

    def __init__(self, name: IndexName, replication: int, version: int = 1) -> None:
        self._name = name
        self._replication = replication
        self._made = False
        self.version = version

    @property
    def collection(self) -> str:
        """The collection of this version, which need not be there."""
        return self._name.version(self.version)

    def beside(self, version: int) -> "WeaviateIndex":
        """Another version of the same embedder's index."""
        return WeaviateIndex(self._name, self._replication, version)

    def has(self, client: WeaviateClient, tenant: str) -> bool:
        """Whether the tenant is there, in a collection that is. The leader is asked: what it says holds for all."""
        if not client.collections.exists(self.collection):
            return False
        return client.collections.use(self.collection).tenants.exists(tenant)

    def make(self, client: WeaviateClient) -> None:
        """Make the collection if there is none; the server is asked once, until `lost` says that it may be gone."""
        if self._made:
            return
        if not client.collections.exists(self.collection):
            made = definition(self._replication)
            _unless_there(
                lambda: client.collections.create(self.collection, description=self._name.description, **made)
            )
        self._made = True

    def lost(self) -> None:
        """A write failed: the server may have lost its collections, so look before the next."""
        self._made = False

    def take_over(self, client: WeaviateClient) -> None:
        """Point the alias here; nothing happens if it does already."""
        self.lost()
        self.make(client)
        alias = self._name.alias
        with suppress(WeaviateUnsupportedFeatureError):
            there = client.alias.get(alias_name=alias)
            if there is None:
                _unless_there(lambda: client.alias.create(alias_name=alias, target_collection=self.collection))
            elif there.collection != self.collection and not client.alias.update(
                alias_name=alias, new_target_collection=self.collection
            ):
                raise NotYet(f"Weaviate did not point {alias} at {self.collection}. Its log says why; then try again.")

    def drop(self, client: WeaviateClient) -> None:
        """Remove this version, and the alias if it points here."""
        with suppress(WeaviateUnsupportedFeatureError):
            there = client.alias.get(alias_name=self._name.alias)
            if there is not None and there.collection == self.collection:
                client.alias.delete(alias_name=self._name.alias)
        client.collections.delete(self.collection)
        self._made = False


def _unless_there(make: Callable[[], object]) -> None:
    """Make it, unless another process was faster."""
    try:
        make()
    except UnexpectedStatusCodeError as error:
        if "already exists" not in str(error):
            raise
