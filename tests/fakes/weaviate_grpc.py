"""The gRPC door of the Weaviate in memory: objects in, objects out, questions."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import numpy as np
from google.protobuf.json_format import MessageToDict
from weaviate.proto.v1 import (
    aggregate_pb2,
    batch_delete_pb2,
    batch_pb2,
    search_get_pb2,
    tenants_pb2,
    weaviate_pb2_grpc,
)

from tests.fakes.weaviate_queries import hybrid, matches, result
from tests.fakes.weaviate_rules import TENANT_NAME
from tests.fakes.weaviate_state import CollectionHeld, Held, Refused, WeaviateServerState


class GrpcDoor(weaviate_pb2_grpc.WeaviateServicer):
    def __init__(self, state: WeaviateServerState) -> None:
        self.state = state

    def Search(self, request: Any, context: grpc.ServicerContext) -> Any:
        with self._answering(request, context):
            collection, held = self._collection(request), self._matching(request)
            limit = request.limit or 10
            if limit > self.state.most_results:
                raise Refused("query maximum results exceeded")
            if request.after and (request.HasField("filters") or request.HasField("hybrid_search")):
                raise Refused("other params cannot be set with after and limit parameters")
            if request.HasField("hybrid_search"):
                asked = request.hybrid_search
                alpha = self._alpha(asked)
                ranked = hybrid(asked, alpha, collection, self._tenant(request), held)
            else:
                ranked = [(uid, 0.0) for uid in sorted(held) if uid > request.after]
            found = [result(request, uid, held[uid], score, collection) for uid, score in ranked[:limit]]
            return search_get_pb2.SearchReply(results=found)

    def BatchObjects(self, request: Any, context: grpc.ServicerContext) -> Any:
        with self._answering(request, context):
            errors = []
            for index, each in enumerate(request.objects):
                if wrong := self._put(each):
                    errors.append(batch_pb2.BatchObjectsReply.BatchError(index=index, error=wrong))
            return batch_pb2.BatchObjectsReply(errors=errors)

    def BatchDelete(self, request: Any, context: grpc.ServicerContext) -> Any:
        with self._answering(request, context):
            if not request.HasField("filters"):
                raise Refused("no filters in batch delete request")
            matching = list(self._matching(request))
            if self.state.silent_replicas:
                self.state.silent_replicas -= 1
                matching = []
            at_once = matching[: self.state.most_results]
            count = min(len(matching), self.state.most_results + 1)
            if at_once and self.state.failed_replicas:
                self.state.failed_replicas -= 1
                return batch_delete_pb2.BatchDeleteReply(matches=count, successful=0, failed=len(at_once))
            objects = [batch_delete_pb2.BatchDeleteObject(uuid=_short(u), successful=True) for u in at_once]
            if not request.dry_run:
                for uid in at_once:
                    del self._tenant(request)[uid]
            return batch_delete_pb2.BatchDeleteReply(
                matches=count, successful=len(at_once), failed=0, objects=objects if request.verbose else []
            )

    def TenantsGet(self, request: Any, context: grpc.ServicerContext) -> Any:
        with self._answering(request, context):
            hot = tenants_pb2.TENANT_ACTIVITY_STATUS_HOT
            names = self._collection(request).tenants
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
        self.state.connections.add(context.peer())
        while context.peer() in self.state.hung and context.is_active():
            time.sleep(0.01)
        with self.state.changing:
            self.state.asked.append(request)
            try:
                yield
            except Refused as reason:
                context.abort(grpc.StatusCode.UNKNOWN, str(reason))

    def _alpha(self, asked: Any) -> float:
        """Servers before 1.36.7 know only the older of the two fields."""
        if self.state.is_at_least(1, 36, 7) and asked.use_alpha_param:
            return float(asked.alpha_param)
        return float(asked.alpha)

    def _collection(self, request: Any) -> CollectionHeld:
        collection = self.state.named(request.collection) or self.state.not_yet_gone(request.collection)
        if collection is None or self.state.behind:
            self.state.behind = max(0, self.state.behind - 1)
            raise Refused(f"could not find class {request.collection} in schema")
        return collection

    def _tenant(self, request: Any) -> dict[str, Held]:
        tenants = self._collection(request).tenants
        if request.tenant in tenants:
            return tenants[request.tenant]
        leaving = self.state.not_yet_gone(request.collection, request.tenant)
        if leaving is None:
            raise Refused(f'tenant not found: "{request.tenant}"')
        return leaving

    def _matching(self, request: Any) -> dict[str, Held]:
        held = self._tenant(request)
        if not request.HasField("filters"):
            return dict(held)
        collection = self._collection(request)
        return {uid: each for uid, each in held.items() if matches(request.filters, uid, each, collection)}

    def _put(self, sent: Any) -> str:
        """Write one object over what has its id; what is wrong with it, if something is."""
        if self.state.leaderless:
            return "leader not found"
        collection = self.state.named(sent.collection)
        if collection is None:
            return f"class '{sent.collection}' not present in schema"
        properties = MessageToDict(sent.properties.non_ref_properties)
        if properties["passage_id"] in self.state.refused_passages:
            return "refused"
        vectors = {v.name: np.frombuffer(v.vector_bytes, dtype="<f4") for v in sent.vectors}
        if wrong := _wrong_with(properties, collection) or _wrong_with_vectors(vectors, collection):
            return wrong
        if sent.tenant not in collection.tenants:
            if not collection.definition["multiTenancyConfig"].get("autoTenantCreation"):
                return f'tenant not found: "{sent.tenant}"'
            if not TENANT_NAME.fullmatch(sent.tenant):
                raise Refused("auto create tenants: tenant name should only contain alphanumeric characters")
            collection.tenants[sent.tenant] = {}
        collection.tenants[sent.tenant][str(uuid.UUID(sent.uuid))] = Held(properties, vectors)
        return ""


def _wrong_with(properties: dict[str, Any], collection: CollectionHeld) -> str:
    for name, value in properties.items():
        kind = collection.properties.get(name, {}).get("dataType")
        if kind is None:
            return f"no such prop with name '{name}' found in class"
        if not (isinstance(value, str) if kind == ["text"] else float(value).is_integer()):
            return f"invalid {kind[0]} property '{name}'"
    return ""


def _wrong_with_vectors(vectors: dict[str, np.ndarray], collection: CollectionHeld) -> str:
    for name, vector in vectors.items():
        if name not in collection.definition["vectorConfig"]:
            return f"named vector {name} is not configured"
        there = next((each for held in collection.tenants.values() for each in held.values()), None)
        if there is not None and len(there.vectors[name]) != len(vector):
            return f"new node has a vector with length {len(vector)}, existing nodes have {len(there.vectors[name])}"
    return "" if vectors else "no vectors"


def _short(uid: str) -> bytes:
    """An id as a deletion reports it: without the zeros it may begin with."""
    return uuid.UUID(uid).bytes.lstrip(b"\0")
