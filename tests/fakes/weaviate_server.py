"""A Weaviate on localhost that speaks the real protocol (REST and gRPC) to the real client, and keeps all in memory.

It knows what Journeyman asks of Weaviate and answers anything else with an error. What it refuses, limits and fuses
follows the server's own code; it says nothing about how a real server scales or replicates.
"""

import json
import math
import socket
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import RLock, Thread
from typing import Any

import grpc
import numpy as np
from google.protobuf.json_format import MessageToDict
from weaviate.proto.v1 import (
    aggregate_pb2,
    base_pb2,
    base_search_pb2,
    batch_delete_pb2,
    batch_pb2,
    properties_pb2,
    search_get_pb2,
    tenants_pb2,
    weaviate_pb2_grpc,
)

HYBRID_CANDIDATES = 100
FILTER = base_pb2.Filters


@dataclass
class Held:
    properties: dict[str, Any]
    vectors: dict[str, np.ndarray]


@dataclass
class CollectionHeld:
    definition: dict[str, Any]
    tenants: dict[str, dict[str, Held]] = field(default_factory=dict)


@dataclass
class WeaviateServerState:
    """What it holds, what it was asked, and what shall go wrong."""

    version: str = "1.40.3"
    api_key: str = ""
    nodes: int = 1
    most_results: int = 10_000
    collections: dict[str, CollectionHeld] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    refused_passages: set[str] = field(default_factory=set)
    busy_answers: int = 0  # REST requests still to be answered with 503
    asked: list[Any] = field(default_factory=list)  # gRPC requests
    changing: RLock = field(default_factory=RLock)

    def named(self, name: str) -> CollectionHeld | None:
        return self.collections.get(self.aliases.get(name, name))


class Refused(Exception):
    pass


class GrpcDoor(weaviate_pb2_grpc.WeaviateServicer):
    def __init__(self, state: WeaviateServerState) -> None:
        self.state = state

    def Search(self, request: Any, context: grpc.ServicerContext) -> Any:
        with self._answering(request, context):
            held = self._matching(request)
            limit = min(request.limit or 10, self.state.most_results)
            if request.limit > self.state.most_results:
                raise Refused("query maximum results exceeded")
            if request.HasField("hybrid_search"):
                searchable = self._tenant(request)
                ranked = _hybrid(request.hybrid_search, searchable, held)[:limit]
            else:
                ranked = [(uid, 0.0) for uid in sorted(held) if uid > request.after][:limit]
            return search_get_pb2.SearchReply(results=[_result(request, uid, held[uid], s) for uid, s in ranked])

    def BatchObjects(self, request: Any, context: grpc.ServicerContext) -> Any:
        with self._answering(request, context):
            errors = []
            for index, each in enumerate(request.objects):
                collection = self._collection(each.collection)
                if each.tenant not in collection.tenants:
                    if not collection.definition["multiTenancyConfig"].get("autoTenantCreation"):
                        raise Refused(f"tenant not found: {each.tenant}")
                    collection.tenants[each.tenant] = {}
                properties = MessageToDict(each.properties.non_ref_properties)
                if properties["passage_id"] in self.state.refused_passages:
                    errors.append(batch_pb2.BatchObjectsReply.BatchError(index=index, error="refused"))
                    continue
                _check_properties(properties, collection.definition)
                vectors = {v.name: np.frombuffer(v.vector_bytes, dtype="<f4") for v in each.vectors}
                if set(vectors) != set(collection.definition["vectorConfig"]):
                    raise Refused(f"vectors {set(vectors)}")
                collection.tenants[each.tenant][str(uuid.UUID(each.uuid))] = Held(properties, vectors)
            return batch_pb2.BatchObjectsReply(errors=errors)

    def BatchDelete(self, request: Any, context: grpc.ServicerContext) -> Any:
        with self._answering(request, context):
            doomed = list(self._matching(request))[: self.state.most_results]
            for uid in doomed:
                del self._tenant(request)[uid]
            return batch_delete_pb2.BatchDeleteReply(matches=len(doomed), successful=len(doomed), failed=0)

    def TenantsGet(self, request: Any, context: grpc.ServicerContext) -> Any:
        with self._answering(request, context):
            hot = tenants_pb2.TENANT_ACTIVITY_STATUS_HOT
            names = self._collection(request.collection).tenants
            return tenants_pb2.TenantsGetReply(tenants=[tenants_pb2.Tenant(name=n, activity_status=hot) for n in names])

    def Aggregate(self, request: Any, context: grpc.ServicerContext) -> Any:
        with self._answering(request, context):
            single = aggregate_pb2.AggregateReply.Single(objects_count=len(self._tenant(request)))
            return aggregate_pb2.AggregateReply(single_result=single)

    @contextmanager
    def _answering(self, request: Any, context: grpc.ServicerContext) -> Iterator[None]:
        sent = dict(context.invocation_metadata())
        if self.state.api_key and sent.get("authorization") != f"Bearer {self.state.api_key}":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "wrong key")
        with self.state.changing:
            self.state.asked.append(request)
            try:
                yield
            except Refused as reason:
                context.abort(grpc.StatusCode.UNKNOWN, str(reason))

    def _collection(self, name: str) -> CollectionHeld:
        collection = self.state.named(name)
        if collection is None:
            raise Refused(f"could not find class {name} in schema")
        return collection

    def _tenant(self, request: Any) -> dict[str, Held]:
        tenants = self._collection(request.collection).tenants
        if request.tenant not in tenants:
            raise Refused(f'tenant not found: "{request.tenant}"')
        return tenants[request.tenant]

    def _matching(self, request: Any) -> dict[str, Held]:
        held = self._tenant(request)
        if not request.HasField("filters"):
            return dict(held)
        definition = self._collection(request.collection).definition
        return {uid: each for uid, each in held.items() if _passes(request.filters, uid, each, definition)}


def _check_properties(properties: dict[str, Any], definition: dict[str, Any]) -> None:
    kinds = {each["name"]: each["dataType"] for each in definition["properties"]}
    for name, value in properties.items():
        if kinds[name] != (["text"] if isinstance(value, str) else ["int"]):
            raise Refused(f"invalid value for {name}")


def _passes(wanted: Any, uid: str, held: Held, definition: dict[str, Any]) -> bool:
    if wanted.operator == FILTER.OPERATOR_AND:
        return all(_passes(each, uid, held, definition) for each in wanted.filters)
    name = wanted.target.property
    if name == "_id":
        there: Any = uid
    else:
        filterable = {each["name"] for each in definition["properties"] if each.get("indexFilterable")}
        if name not in filterable:
            raise Refused(f"no filterable index on {name}")
        there = held.properties[name]
    if wanted.operator == FILTER.OPERATOR_EQUAL:
        return bool(
            there == (wanted.value_int if wanted.WhichOneof("test_value") == "value_int" else wanted.value_text)
        )
    if wanted.operator == FILTER.OPERATOR_CONTAINS_ANY:
        return there in set(wanted.value_text_array.values)
    raise Refused(f"operator {wanted.operator}")


def _hybrid(query: Any, searchable: dict[str, Held], allowed: dict[str, Held]) -> list[tuple[str, float]]:
    if query.fusion_type != base_search_pb2.Hybrid.FUSION_TYPE_RELATIVE_SCORE:
        raise Refused("another fusion")
    alpha = query.alpha_param if query.use_alpha_param else query.alpha
    fused: Counter[str] = Counter()
    lists = []
    if alpha > 0:
        (target,) = query.targets.target_vectors
        asked = np.frombuffer(query.vector_bytes, dtype="<f4")
        lists.append((alpha, {uid: _cosine(each.vectors[target], asked) for uid, each in allowed.items()}))
    if alpha < 1:
        lists.append((1 - alpha, _bm25(query, searchable, allowed)))
    for weight, scores in lists:
        best = dict(sorted(scores.items(), key=lambda item: -item[1])[:HYBRID_CANDIDATES])
        low, high = min(best.values(), default=0.0), max(best.values(), default=0.0)
        for uid, score in best.items():
            fused[uid] += weight * ((score - low) / (high - low) if high > low else 1.0)
    return fused.most_common()


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    if one.shape != other.shape:
        raise Refused(f"vector lengths don't match: {len(one)} vs {len(other)}")
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other) or 1.0))


def _bm25(query: Any, searchable: dict[str, Held], allowed: dict[str, Held]) -> dict[str, float]:
    terms = set(query.query.split())
    scores: Counter[str] = Counter()
    for searched in query.properties:
        name, _, boost = searched.partition("^")
        counts = {uid: Counter(each.properties[name].split()) for uid, each in searchable.items()}
        average = sum(c.total() for c in counts.values()) / max(1, len(counts)) or 1.0
        for term in terms:
            having = [uid for uid, count in counts.items() if count[term]]
            rarity = math.log(1 + (len(counts) - len(having) + 0.5) / (len(having) + 0.5))
            for uid in having:
                often, length = counts[uid][term], counts[uid].total()
                scores[uid] += (
                    float(boost or 1) * rarity * often * 2.2 / (often + 1.2 * (0.25 + 0.75 * length / average))
                )
    return {uid: score for uid, score in scores.items() if uid in allowed}


def _result(request: Any, uid: str, held: Held, score: float) -> Any:
    wanted = {name: held.properties[name] for name in request.properties.non_ref_properties}
    fields = {name: properties_pb2.Value(text_value=value) for name, value in wanted.items()}
    vectors = [
        base_pb2.Vectors(
            name=name, vector_bytes=held.vectors[name].tobytes(), type=base_pb2.Vectors.VECTOR_TYPE_SINGLE_FP32
        )
        for name in request.metadata.vectors
    ]
    metadata = search_get_pb2.MetadataResult(
        id_as_bytes=uuid.UUID(uid).bytes, vectors=vectors, score=score, score_present=request.metadata.score
    )
    properties = search_get_pb2.PropertiesResult(non_ref_props=properties_pb2.Properties(fields=fields))
    return search_get_pb2.SearchResult(properties=properties, metadata=metadata)


class RestDoor(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes: the second would wait for the first's receipt
    state: WeaviateServerState

    def do_GET(self) -> None:
        self._answer("GET")

    def do_HEAD(self) -> None:
        self._answer("HEAD")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def do_DELETE(self) -> None:
        self._answer("DELETE")

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _answer(self, method: str) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        path = self.path.removeprefix("/v1").strip("/").split("/")
        with self.state.changing:
            status, said = self._said(method, path, body)
        sent = b"" if said is None or method == "HEAD" else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def _said(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        if self.state.busy_answers:
            self.state.busy_answers -= 1
            return 503, {"error": [{"message": "leader not found"}]}
        if self.state.api_key and self.headers.get("authorization") != f"Bearer {self.state.api_key}":
            return 401, {"error": [{"message": "wrong key"}]}
        match method, path:
            case "GET", ["meta"]:
                return 200, {"version": self.state.version, "grpcMaxMessageSize": 104858000}
            case "POST", ["schema"]:
                return self._create(body)
            case _, ["schema", name]:
                return self._collection(method, name)
            case _, ["schema", name, "tenants", *tenant]:
                return self._tenants(method, name, tenant, body)
            case _, ["aliases", *name]:
                return self._aliases(method, name, body)
        return 404, None

    def _create(self, body: dict[str, Any]) -> tuple[int, Any]:
        name = body["class"]
        if name in self.state.collections or name in self.state.aliases:
            return 422, {"error": [{"message": f"class name {name} already exists"}]}
        if body["replicationConfig"]["factor"] > self.state.nodes:
            return 422, {"error": [{"message": "not enough storage replicas"}]}
        self.state.collections[name] = CollectionHeld(body)
        return 200, body

    def _collection(self, method: str, name: str) -> tuple[int, Any]:
        held = self.state.named(name)
        if method == "DELETE":
            self.state.collections.pop(name, None)
            return 200, None
        return (200, held.definition) if held else (404, None)

    def _tenants(self, method: str, name: str, tenant: list[str], body: Any) -> tuple[int, Any]:
        held = self.state.collections.get(name)  # its own name, not an alias
        if held is None:
            return 404, None
        if method == "DELETE":
            for each in body:
                held.tenants.pop(each, None)
            return 200, None
        return (200 if tenant[0] in held.tenants else 404), None

    def _aliases(self, method: str, name: list[str], body: Any) -> tuple[int, Any]:
        match method, name:
            case "POST", []:
                if body["alias"] in self.state.aliases:
                    return 422, {"error": [{"message": f"alias {body['alias']} already exists"}]}
                if body["class"] not in self.state.collections:
                    return 422, {"error": [{"message": "collection does not exist"}]}
                self.state.aliases[body["alias"]] = body["class"]
                return 200, body
            case "PUT", [alias]:
                if body["class"] not in self.state.collections:
                    return 422, None
                self.state.aliases[alias] = body["class"]
                return 200, {"alias": alias, "class": body["class"]}
            case "DELETE", [alias]:
                return (204 if self.state.aliases.pop(alias, None) else 404), None
            case "GET", [alias] if alias in self.state.aliases:
                return 200, {"alias": alias, "class": self.state.aliases[alias]}
        return 404, None


class RestServer(ThreadingHTTPServer):
    def __init__(self, port: int, state: WeaviateServerState) -> None:
        super().__init__(("127.0.0.1", port), type("Door", (RestDoor,), {"state": state}))
        self.lines: list[socket.socket] = []

    def get_request(self) -> Any:
        line, address = super().get_request()
        self.lines.append(line)
        return line, address

    def server_close(self) -> None:
        super().server_close()
        for line in self.lines:  # a server that dies hangs up on those who keep their line open
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


@dataclass(frozen=True)
class RunningWeaviate:
    url: str
    grpc_url: str
    state: WeaviateServerState


@contextmanager
def weaviate_server(
    state: WeaviateServerState | None = None, ports: tuple[int, int] = (0, 0)
) -> Iterator[RunningWeaviate]:
    """One on this machine, on free ports or on those given (REST, gRPC)."""
    state = state or WeaviateServerState()
    rest = RestServer(ports[0], state)
    Thread(target=rest.serve_forever, args=(0.05,), daemon=True).start()
    door = grpc.server(ThreadPoolExecutor(8))
    weaviate_pb2_grpc.add_WeaviateServicer_to_server(GrpcDoor(state), door)
    grpc_port = door.add_insecure_port(f"127.0.0.1:{ports[1]}")
    door.start()
    try:
        yield RunningWeaviate(f"http://127.0.0.1:{rest.server_port}", f"127.0.0.1:{grpc_port}", state)
    finally:
        door.stop(None).wait(5)
        rest.shutdown()
        rest.server_close()
