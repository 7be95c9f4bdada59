"""The compose files agree with what the code speaks to."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from core.knowledge.stores.weaviate_connection import EMBEDDED_VERSION

DEPLOY = Path(__file__).parents[2] / "deploy"


def services(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / name).read_text())["services"]
    return found


@pytest.mark.parametrize(
    ("file", "nodes"),
    [("compose.yaml", ["weaviate"]), ("compose.weaviate-cluster.yaml", ["node1", "node2", "node3"])],
)
def test_every_weaviate_wants_a_key_keeps_its_data_and_is_watched(file: str, nodes: list[str]) -> None:
    for node in nodes:
        service = services(file)[node]
        environment = service["environment"]
        assert service["image"].endswith(f":{EMBEDDED_VERSION}")
        assert environment["AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED"] == "false"
        assert environment["AUTHENTICATION_APIKEY_ALLOWED_KEYS"].startswith("${WEAVIATE_API_KEY:?")
        assert environment["API_BASED_MODULES_DISABLED"] == "true"
        assert int(environment["PERSISTENCE_LSM_SEGMENTS_CLEANUP_INTERVAL_HOURS"]) > 0, "deleted is not gone from disk"
        assert int(environment["BLOCKMAX_WAND_PER_SEGMENT_LIMIT"]) >= 1000, "ranked by a part of what matches"
        assert "http://127.0.0.1:8080/v1/.well-known/ready" in service["healthcheck"]["test"]
        (volume,) = service["volumes"]
        assert volume.endswith(environment["PERSISTENCE_DATA_PATH"])


@pytest.mark.parametrize("file", ["compose.yaml", "compose.weaviate-cluster.yaml"])
def test_nothing_is_open_to_the_network(file: str) -> None:
    ports = [port for service in services(file).values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_nodes_of_the_cluster_know_each_other() -> None:
    nodes = {name: each for name, each in services("compose.weaviate-cluster.yaml").items() if name.startswith("node")}
    for name, node in nodes.items():
        assert node["environment"]["CLUSTER_HOSTNAME"] == node["hostname"] == name
        assert set(node["environment"]["RAFT_JOIN"].split(",")) == set(nodes)
        assert node["environment"]["RAFT_BOOTSTRAP_EXPECT"] == str(len(nodes))
        gossip = node["environment"]["CLUSTER_GOSSIP_BIND_PORT"]
        joined = node["environment"]["CLUSTER_JOIN"].split(",")
        assert joined[0] == f"{name}:{gossip}", "a node joins nobody where it does not know the first name"
        assert sorted(joined) == sorted(f"{each}:{gossip}" for each in nodes)
