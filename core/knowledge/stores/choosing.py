"""Which store keeps the passages: Weaviate where one is configured, otherwise LanceDB on this machine's disk."""

import warnings

from core.errors import Misconfigured
from core.knowledge.stores.passage_store import PassageStore
from core.settings import Settings


def open_store(settings: Settings, embedder_name: str, dimension: int) -> PassageStore:
    """The store for vectors of this embedder. Misconfigured if the settings name two servers or no valid one."""
    if settings.weaviate_url or settings.weaviate_embedded:
        return _open_weaviate(settings, embedder_name, dimension)
    from core.knowledge.stores.lancedb import LanceDBStore  # noqa: PLC0415 - loads slowly, and only one is used

    return LanceDBStore(settings.passages_dir, embedder_name, dimension)


def _open_weaviate(settings: Settings, embedder_name: str, dimension: int) -> PassageStore:
    if settings.weaviate_url and settings.weaviate_embedded:
        raise Misconfigured("Set WEAVIATE_URL for a server of its own or WEAVIATE_EMBEDDED=1, not both.")
    with warnings.catch_warnings():  # the client turns every library's warnings on, for the whole process
        from weaviate.classes.config import ConsistencyLevel  # noqa: PLC0415 - the same

    from core.knowledge.stores.weaviate import WeaviateStore  # noqa: PLC0415 - the same
    from core.knowledge.stores.weaviate_connection import WeaviateConnection, WeaviateServer  # noqa: PLC0415 - the same
    from core.knowledge.stores.weaviate_index import WeaviateIndex  # noqa: PLC0415 - the same
    from core.knowledge.stores.weaviate_schema import IndexName  # noqa: PLC0415 - the same

    server = WeaviateServer(
        settings.weaviate_url,
        settings.weaviate_grpc_url,
        settings.weaviate_api_key.get_secret_value(),
        settings.data_dir.absolute() / "weaviate" if settings.weaviate_embedded else None,
    )
    index = WeaviateIndex(IndexName.of(embedder_name, dimension), settings.weaviate_replication)
    consistency = ConsistencyLevel[settings.weaviate_consistency.upper()]
    return WeaviateStore(WeaviateConnection(server), index, consistency)
