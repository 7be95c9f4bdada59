"""Weaviate stores for tests: on the server that WEAVIATE_URL names, or on the one in memory."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from weaviate.classes.config import ConsistencyLevel

from core.knowledge.stores.weaviate import WeaviateStore
from core.knowledge.stores.weaviate_connection import WeaviateConnection, WeaviateServer
from core.knowledge.stores.weaviate_index import WeaviateIndex
from core.knowledge.stores.weaviate_schema import IndexName
from core.settings import Settings
from tests.fakes.weaviate_server import RunningWeaviate, WeaviateServerState, weaviate_server
from tests.real_weaviate import REAL_WEAVIATE

VERSIONS = range(1, 4)
"""More than any test of the contract makes side by side."""

NO_SERVER = (
    "WEAVIATE_URL is not set: the store was tried on a Weaviate in memory only, not on a real server. "
    "Start one with `docker compose -f deploy/compose.yaml up --wait weaviate` and name it in WEAVIATE_URL."
)


def store_on(
    running: RunningWeaviate, embedder: str = "embedder@1", dimension: int = 3, replication: int = 1
) -> WeaviateStore:
    server = WeaviateServer(running.url, running.grpc_url, running.state.api_key)
    connection = WeaviateConnection(server, waits=(0.01, 0.02))
    return WeaviateStore(
        connection, WeaviateIndex(IndexName.of(embedder, dimension), replication), ConsistencyLevel.QUORUM
    )


@contextmanager
def store_in_memory(dimension: int) -> Iterator[WeaviateStore]:
    """The store as it is, talking to a server that keeps all in memory, by a node that hears of removals late."""
    with weaviate_server(WeaviateServerState(late=1)) as running:
        store = store_on(running, dimension=dimension)
        yield store
        store.close()


@contextmanager
def store_on_real_server(dimension: int) -> Iterator[WeaviateStore]:
    """On the server that the environment names, under a name of its own, and gone afterwards; skips without one."""
    if not REAL_WEAVIATE.get("weaviate_url"):
        pytest.skip(NO_SERVER)
    settings = Settings(_env_file=None, **REAL_WEAVIATE)
    server = WeaviateServer(
        settings.weaviate_url, settings.weaviate_grpc_url, settings.weaviate_api_key.get_secret_value()
    )
    index = WeaviateIndex(IndexName.of(f"test-{uuid.uuid4().hex[:12]}", dimension), settings.weaviate_replication)
    store = WeaviateStore(WeaviateConnection(server), index, _consistency(settings))
    try:
        yield store
    finally:
        for version in VERSIONS:
            store.beside(version).drop()
        store.close()


def _consistency(settings: Settings) -> ConsistencyLevel:
    """What the environment says, or all replicas: a search asks one, and must find what was written a moment ago."""
    if settings.weaviate_replication > 1 and "weaviate_consistency" not in REAL_WEAVIATE:
        return ConsistencyLevel.ALL
    return ConsistencyLevel[settings.weaviate_consistency.upper()]
