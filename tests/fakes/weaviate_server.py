"""A Weaviate on localhost that speaks the real protocol (REST and gRPC) to the real client, and keeps all in memory.

It knows what Journeyman asks of Weaviate and answers anything else with an error. What it refuses, limits and fuses
follows the server's own code; it says nothing about how a real server scales or replicates.
"""

import json
import select
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import grpc
from weaviate.proto.v1 import weaviate_pb2_grpc

from tests.fakes.weaviate_grpc import GrpcDoor
from tests.fakes.weaviate_rules import CLASS_NAME, TENANT_NAME, wrong_with
from tests.fakes.weaviate_state import CollectionHeld, WeaviateServerState

__all__ = ["RunningWeaviate", "WeaviateServerState", "weaviate_server"]


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
        if self.state.stalled_answers:
            self.state.stalled_answers -= 1
            select.select([self.connection], [], [])  # until the other side hangs up
            return
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
            return 503, _error("not ready")
        if self.state.api_key and self.headers.get("authorization") != f"Bearer {self.state.api_key}":
            return 401, _error("wrong key")
        if method == "GET" and path == ["meta"]:
            return 200, {"version": self.state.version, "grpcMaxMessageSize": self.state.largest_message}
        if self.state.leaderless:
            return (500 if method in {"GET", "HEAD"} else 422), _error("leader not found")
        match method, path:
            case "POST", ["schema"]:
                return self._create(body)
            case "GET", ["schema", name]:
                held = self.state.collections.get(name)  # by its own name, not by an alias
                return (200, held.definition) if held else (404, None)
            case "DELETE", ["schema", name]:
                if name in self.state.collections:
                    self.state.removed(self.state.collections.pop(name), name)
                return 200, None
            case _, ["schema", name, "tenants", *tenant]:
                return self._tenants(method, name, tenant, body)
            case _, ["aliases", *name] if self.state.is_at_least(1, 32):
                return self._aliases(method, name, body)
        return 404, None

    def _create(self, body: dict[str, Any]) -> tuple[int, Any]:
        name = body["class"]
        if name in self.state.collections or name in self.state.aliases:
            return 422, _error(f"class name {name} already exists")
        if wrong := wrong_with(body, self.state.nodes, self.state.least_replicas):
            return 422, _error(wrong)
        self.state.collections[name] = CollectionHeld(body)
        return 200, body

    def _tenants(self, method: str, name: str, tenant: list[str], body: Any) -> tuple[int, Any]:
        held = self.state.collections.get(name)
        if held is None:
            return 422, _error(f'class "{name}": not found')
        if method == "DELETE":
            if not all(TENANT_NAME.fullmatch(each) for each in body):
                return 422, _error("tenant name should only contain alphanumeric characters")
            for each in held.tenants.keys() & set(body):
                self.state.removed(held.tenants.pop(each), name, each)
            return 200, None
        return (200 if tenant[0] in held.tenants else 404), None

    def _aliases(self, method: str, name: list[str], body: Any) -> tuple[int, Any]:
        match method, name:
            case "POST", []:
                alias = body["alias"]
                if alias in self.state.aliases or alias in self.state.collections:
                    return 422, _error(f"alias {alias} already exists")
                if not CLASS_NAME.fullmatch(alias):
                    return 422, _error(f"'{alias}' is not a valid alias name")
                if body["class"] not in self.state.collections:
                    return 500, _error(f"class {body['class']}: not found")
                self.state.aliases[alias] = body["class"]
                return 200, body
            case "PUT", [_] if self.state.behind:
                self.state.behind -= 1
            case "PUT", [alias] if alias in self.state.aliases and body["class"] in self.state.collections:
                self.state.aliases[alias] = body["class"]
                return 200, {"alias": alias, "class": body["class"]}
            case "DELETE", [alias] if alias in self.state.aliases:
                del self.state.aliases[alias]
                return 204, None
            case "GET", [alias] if alias in self.state.aliases:
                return 200, {"alias": alias, "class": self.state.aliases[alias]}
        return 404, None


def _error(message: str) -> dict[str, Any]:
    return {"error": [{"message": message}]}


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
    door = grpc.server(ThreadPoolExecutor(8), options=[("grpc.max_receive_message_length", state.largest_message)])
    weaviate_pb2_grpc.add_WeaviateServicer_to_server(GrpcDoor(state), door)
    grpc_port = door.add_insecure_port(f"127.0.0.1:{ports[1]}")
    door.start()
    try:
        yield RunningWeaviate(f"http://127.0.0.1:{rest.server_port}", f"127.0.0.1:{grpc_port}", state)
    finally:
        door.stop(None).wait(5)
        rest.shutdown()
        rest.server_close()
