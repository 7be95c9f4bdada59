import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import Misconfigured
from core.knowledge.access import AccessScope
from core.knowledge.stores.choosing import open_store
from core.knowledge.stores.lancedb import LanceDBStore
from core.knowledge.stores.weaviate import WeaviateStore
from core.settings import Settings
from tests.fakes.weaviate_server import WeaviateServerState, weaviate_server


def settings(folder: Path, **given: object) -> Settings:
    return Settings.model_validate({"data_dir": folder, **given})


def test_without_a_server_passages_stay_on_this_machine(tmp_path: Path) -> None:
    store = open_store(settings(tmp_path), "embedder@1", 3)
    assert isinstance(store, LanceDBStore)
    store.close()


def test_a_url_means_that_server_and_its_settings_reach_it(tmp_path: Path) -> None:
    with weaviate_server(WeaviateServerState(api_key="key", nodes=3)) as running:
        store = open_store(
            settings(
                tmp_path,
                weaviate_url=running.url,
                weaviate_grpc_url=running.grpc_url,
                weaviate_api_key="key",
                weaviate_replication=3,
                weaviate_consistency="all",
            ),
            "embedder@1",
            3,
        )
        assert isinstance(store, WeaviateStore)
        store.take_over()
        (made,) = running.state.collections.values()
        assert made.definition["replicationConfig"]["factor"] == 3
        store.close()


def test_a_server_that_is_down_is_noticed_when_it_is_needed_and_not_before(tmp_path: Path) -> None:
    store = open_store(settings(tmp_path, weaviate_url="http://127.0.0.1:9"), "embedder@1", 3)
    assert store.search("fox", [], AccessScope("T1", frozenset()), 5, 0.5) == []
    store.close()


def test_an_embedded_server_keeps_its_data_with_ours(tmp_path: Path) -> None:
    store = open_store(settings(tmp_path, weaviate_embedded=True), "embedder@1", 3)
    assert isinstance(store, WeaviateStore)
    assert store._connection.server.embedded_in == tmp_path / "weaviate"


@pytest.mark.parametrize(
    "given", [{"weaviate_url": "http://w:8080", "weaviate_embedded": True}, {"weaviate_url": "w:8080"}]
)
def test_contradictions_are_said_at_the_start(tmp_path: Path, given: dict[str, object]) -> None:
    with pytest.raises(Misconfigured, match="WEAVIATE"):
        open_store(settings(tmp_path, **given), "embedder@1", 3)


def test_the_client_does_not_turn_everybodys_warnings_on() -> None:
    program = """
import warnings
from core.knowledge.stores.choosing import open_store
from core.settings import Settings
before = list(warnings.filters)
open_store(Settings(_env_file=None, weaviate_url="http://127.0.0.1:9"), "embedder@1", 3)
assert warnings.filters == before, warnings.filters
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
