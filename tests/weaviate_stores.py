"""Weaviate stores for tests: on the server that WEAVIATE_URL names, or on the one in memory."""

import os
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
from tests.fakes.weaviate_server import RunningWeaviate, weaviate_server

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
    """The store as it is, talking to a server that keeps all in memory."""
    with weaviate_server() as running:
        store = store_on(running, dimension=dimension)
        yield store
        store.close()


@contextmanager
def store_on_real_server(dimension: int) -> Iterator[WeaviateStore]:
    """On the server that the environment names, under a name of its own, and gone afterwards; skips without one."""
    if not os.environ.get("WEAVIATE_URL"):
        pytest.skip(NO_SERVER)
    settings = Settings(_env_file=None)
    server = WeaviateServer(
        settings.weaviate_url, settings.weaviate_grpc_url, settings.weaviate_api_key.get_secret_value()
    )
    index = WeaviateIndex(IndexName.of(f"test-{uuid.uuid4().hex[:12]}", dimension), settings.weaviate_replication)
    consistency = ConsistencyLevel[settings.weaviate_consistency.upper()]
    store = WeaviateStore(WeaviateConnection(server), index, consistency)
    yield store
    store.drop()
    store.close()
