"""What the Weaviate in memory holds, what it was asked, and what shall go wrong in it."""

import re
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

import numpy as np


@dataclass
class Held:
    properties: dict[str, Any]
    vectors: dict[str, np.ndarray]


@dataclass
class CollectionHeld:
    definition: dict[str, Any]
    tenants: dict[str, dict[str, Held]] = field(default_factory=dict)

    @property
    def properties(self) -> dict[str, dict[str, Any]]:
        return {each["name"]: each for each in self.definition["properties"]}

    @property
    def stopwords(self) -> str:
        return str(self.definition.get("invertedIndexConfig", {}).get("stopwords", {}).get("preset", "en"))


@dataclass
class WeaviateServerState:
    version: str = "1.40.4"
    api_key: str = ""
    nodes: int = 1
    least_replicas: int = 1  # REPLICATION_MINIMUM_FACTOR
    most_results: int = 10_000
    largest_message: int = 10 << 20
    collections: dict[str, CollectionHeld] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    refused_passages: set[str] = field(default_factory=set)
    stalled_answers: int = 0  # REST requests still to be left without an answer
    hung: set[str] = field(default_factory=set)  # gRPC connections whose questions are left without an answer
    connections: set[str] = field(default_factory=set)  # gRPC connections that asked something
    busy_answers: int = 0  # REST requests still to be answered with 503
    failed_replicas: int = 0  # deletions still to fail for want of replicas
    silent_replicas: int = 0  # deletions still to match nothing, because no replica could look, and none says so
    behind: int = 0  # questions still to reach a node that has not heard of the collection
    late: int = 0  # questions by gRPC that a tenant or a collection still answers after its removal
    leaving: dict[tuple[str, ...], tuple[Any, int]] = field(default_factory=dict)
    leaderless: bool = False  # the schema is neither told nor changed, and nothing is written
    asked: list[Any] = field(default_factory=list)  # gRPC requests
    changing: RLock = field(default_factory=RLock)

    def named(self, name: str) -> CollectionHeld | None:
        return self.collections.get(self.aliases.get(name, name))

    def removed(self, what: Any, *names: str) -> None:
        """The leader has removed it; the node that is asked by gRPC hears of it later."""
        self.leaving[names] = (what, self.late)

    def not_yet_gone(self, *names: str) -> Any:
        what, questions = self.leaving.pop(names, (None, 0))
        if questions:
            self.leaving[names] = (what, questions - 1)
        return what if questions else None

    def is_at_least(self, *wanted: int) -> bool:
        return tuple(int(each) for each in re.findall(r"\d+", self.version)[:3]) >= wanted


class Refused(Exception):
    pass
