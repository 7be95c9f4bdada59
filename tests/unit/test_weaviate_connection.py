import socket
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import grpc
import httpx
import pytest
from weaviate import WeaviateClient
from weaviate.exceptions import (
    UnexpectedStatusCodeError,
    WeaviateConnectionError,
    WeaviateDeleteManyError,
    WeaviateInvalidInputError,
    WeaviateQueryError,
    WeaviateRetryError,
    WeaviateStartUpError,
    WeaviateTimeoutError,
)

from core.errors import Misconfigured, StoreUnavailable
from core.knowledge.stores import weaviate_connection
from core.knowledge.stores.weaviate_connection import WeaviateConnection, WeaviateServer
from core.knowledge.stores.weaviate_errors import NotYet, passes, translated
from tests.fakes.weaviate_server import WeaviateServerState, weaviate_server


def refused(status: int, why: str = "") -> UnexpectedStatusCodeError:
    return UnexpectedStatusCodeError("no", httpx.Response(status, json={"error": [{"message": why}]}))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    ("url", "grpc_url", "http", "grpc_at"),
    [
        ("http://w:8080", "", ("w", 8080, False), ("w", 50051, False)),
        ("http://w", "", ("w", 80, False), ("w", 50051, False)),
        ("http://w:8080", "g:60000", ("w", 8080, False), ("g", 60000, False)),
        ("http://w:8080", "g", ("w", 8080, False), ("g", 50051, False)),
        ("https://w", "g", ("w", 443, True), ("g", 443, True)),
        ("https://w", "", ("w", 443, True), ("w", 50051, True)),
        ("http://w:8080", "grpcs://g", ("w", 8080, False), ("g", 443, True)),
        ("https://x.weaviate.cloud", "", ("x.weaviate.cloud", 443, True), ("grpc-x.weaviate.cloud", 443, True)),
        ("http://[::1]:8080", "", ("[::1]", 8080, False), ("[::1]", 50051, False)),
    ],
)  # fmt: skip
def test_the_two_doors_are_read_from_the_urls(url: str, grpc_url: str, http: Any, grpc_at: Any) -> None:
    found = WeaviateServer(url, grpc_url).addresses()
    assert (found.http.host, found.http.port, found.http.secure) == http
    assert (found.grpc.host, found.grpc.port, found.grpc.secure) == grpc_at


@pytest.mark.parametrize(
    ("url", "grpc_url"),
    [("w:8080", ""), ("ftp://w", ""), ("http://", ""), ("http://w:x", ""), ("http://w:8080", "w:8080")],
)
def test_what_is_no_address_is_said_before_anything_is_tried(url: str, grpc_url: str) -> None:
    with pytest.raises(Misconfigured, match="WEAVIATE_URL"):
        WeaviateServer(url, grpc_url).addresses()


def test_a_closed_port_is_tried_again_with_longer_waits_and_then_said_plainly() -> None:
    connection = WeaviateConnection(WeaviateServer(f"http://127.0.0.1:{free_port()}"), waits=(0.02, 0.04))
    tries = []
    began = time.monotonic()
    with pytest.raises(StoreUnavailable, match=r"cannot be reached.*WEAVIATE_URL"):
        connection.run(tries.append)
    assert 0.06 <= time.monotonic() - began < 5
    assert not tries
    connection.close()
    connection.close()


def test_a_server_that_comes_back_is_found_again() -> None:
    with weaviate_server() as first:
        connection = WeaviateConnection(WeaviateServer(first.url, first.grpc_url), waits=(0.01,))
        assert connection.run(lambda client: client.collections.exists("Passages")) is False
    with pytest.raises(StoreUnavailable):
        connection.run(lambda client: client.collections.exists("Passages"))
    rest, door = int(first.url.rpartition(":")[2]), int(first.grpc_url.rpartition(":")[2])
    with weaviate_server(ports=(rest, door)):
        assert connection.run(lambda client: client.collections.exists("Passages")) is False
    connection.close()


def test_a_node_that_hangs_is_left_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """As behind a balancer: the connection to it stays open, and a new one leads elsewhere."""
    monkeypatch.setattr(weaviate_connection, "QUERY_SECONDS", 0.3)
    with weaviate_server() as running:
        connection = WeaviateConnection(WeaviateServer(running.url, running.grpc_url), waits=())
        look = partial(connection.run, lambda client: client.collections.use("Passages").query.fetch_objects())
        with pytest.raises(StoreUnavailable, match="could not do"):  # it says that there is no such collection
            look()
        running.state.hung = set(running.state.connections)
        with pytest.raises(StoreUnavailable, match="took too long"):
            look()
        with pytest.raises(StoreUnavailable, match="could not do"):
            look()
        connection.close()


def test_who_gives_a_line_up_does_not_cut_off_the_others() -> None:
    with weaviate_server() as running, ThreadPoolExecutor(1) as pool:
        connection = WeaviateConnection(WeaviateServer(running.url, running.grpc_url), waits=())
        asking, given_up = Event(), Event()

        def ask_slowly(client: WeaviateClient) -> bool:
            asking.set()
            assert given_up.wait(10)
            return client.collections.exists("Passages")

        slow = pool.submit(connection.run, ask_slowly)
        assert asking.wait(10)
        connection.close()
        given_up.set()
        assert slow.result() is False
        assert connection.run(lambda client: client.collections.exists("Passages")) is False
        connection.close()


def test_a_node_that_does_not_say_who_it_is_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weaviate_connection, "META_SECONDS", 0.3)
    with weaviate_server() as running:
        connection = WeaviateConnection(WeaviateServer(running.url, running.grpc_url), waits=(0.01,))
        connection.run(lambda client: client.collections.exists("Passages"))
        running.state.stalled_answers = 1
        assert connection.run(lambda client: client.collections.exists("Passages")) is False
        connection.close()


def test_a_server_that_is_not_ready_is_waited_for() -> None:
    with weaviate_server() as running:
        connection = WeaviateConnection(WeaviateServer(running.url, running.grpc_url), waits=(0.01, 0.01))
        connection.run(lambda client: client.collections.exists("Passages"))
        running.state.busy_answers = 2
        assert connection.run(lambda client: client.collections.exists("Passages")) is False
        connection.close()


@pytest.mark.parametrize("version", ["1.26.4", "1.27.0", "1.29.11"])
def test_a_server_that_is_too_old_is_said_at_once(version: str) -> None:
    with weaviate_server(WeaviateServerState(version=version)) as running:
        connection = WeaviateConnection(WeaviateServer(running.url, running.grpc_url), waits=(30.0,))
        with pytest.raises(StoreUnavailable, match=r"1\.30 or newer"):
            connection.run(lambda client: client.collections.exists("Passages"))
        connection.close()


@pytest.mark.parametrize(
    ("status", "body"), [(404, b"<h1>nothing here</h1>"), (200, b"<h1>hello</h1>"), (200, b"{}"), (200, b"[]")]
)
def test_something_else_at_the_address_is_told_from_a_weaviate(status: int, body: bytes) -> None:
    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Other) as other:
        Thread(target=other.serve_forever, args=(0.05,), daemon=True).start()
        connection = WeaviateConnection(WeaviateServer(f"http://127.0.0.1:{other.server_port}"), waits=(30.0,))
        with pytest.raises(StoreUnavailable, match="not Weaviate"):
            connection.run(lambda client: client.collections.exists("Passages"))
        other.shutdown()


def test_no_proxy_stands_between_us_and_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "grpc_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with weaviate_server() as running:
        connection = WeaviateConnection(WeaviateServer(running.url, running.grpc_url), waits=())
        connection.run(lambda client: client.collections.use("Passages").tenants)
        with pytest.raises(StoreUnavailable, match="could not do"):  # the server says that there is no such collection
            connection.run(lambda client: client.collections.use("Passages").query.fetch_objects())
        connection.close()


def test_a_wrong_key_is_not_tried_again() -> None:
    with weaviate_server(WeaviateServerState(api_key="right")) as running:
        connection = WeaviateConnection(WeaviateServer(running.url, running.grpc_url, "wrong"), waits=(30.0,))
        with pytest.raises(StoreUnavailable, match="WEAVIATE_API_KEY"):
            connection.run(lambda client: client.collections.exists("Passages"))


def test_a_gRPC_port_that_nobody_opened_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weaviate_connection, "GRPC_SECONDS", 0.2)
    with weaviate_server() as running:
        connection = WeaviateConnection(WeaviateServer(running.url, f"127.0.0.1:{free_port()}"), waits=())
        with pytest.raises(StoreUnavailable, match="WEAVIATE_GRPC_URL"):
            connection.run(lambda client: client.collections.exists("Passages"))


def test_an_embedded_server_that_cannot_be_had_is_said_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: Any) -> None:
        raise OSError("no route")

    monkeypatch.setattr("weaviate.embedded.urllib.request.urlretrieve", no_network)
    connection = WeaviateConnection(WeaviateServer(embedded_in=tmp_path), waits=())
    with pytest.raises(StoreUnavailable, match=r"WEAVIATE_EMBEDDED.*downloaded"):
        connection.run(lambda client: client.collections.exists("Passages"))


@pytest.mark.parametrize(
    ("error", "again", "sentence"),
    [
        (WeaviateConnectionError("x"), True, "cannot be reached"),
        (WeaviateStartUpError("x"), True, "cannot be reached"),
        (WeaviateStartUpError("Weaviate version 1.26.1 is not supported."), False, "1.30 or newer"),
        (httpx.ConnectTimeout("x"), True, "took too long"),
        (WeaviateTimeoutError("x"), False, "took too long"),
        (refused(503), True, "cannot be reached"),
        (refused(429), True, "cannot be reached"),
        (refused(401), False, "WEAVIATE_API_KEY"),
        (refused(404), False, "could not do"),
        (refused(422, "could not find enough weaviate nodes for replication"), False, "WEAVIATE_REPLICATION"),
        (refused(422, "leader not found"), True, "no leader"),
        (refused(500, "leader not found"), True, "no leader"),
        (grpc.FutureTimeoutError(), True, "WEAVIATE_GRPC_URL"),
        (WeaviateDeleteManyError("[UNAVAILABLE] x"), True, "could not do"),
        (WeaviateDeleteManyError("[DEADLINE_EXCEEDED] Deadline Exceeded"), False, "took too long"),
        (WeaviateQueryError("x", "GRPC search"), True, "could not do"),
        (WeaviateQueryError("Deadline Exceeded", "GRPC search"), False, "took too long"),
        (WeaviateQueryError(str(WeaviateRetryError("x", 5)), "GRPC search"), False, "cannot be reached"),
        (WeaviateRetryError("x", 3), False, "cannot be reached"),
        (WeaviateInvalidInputError("x"), False, "could not do"),
        (NotYet("Wait a little."), True, "Wait a little."),
        (OSError("x"), False, "could not be downloaded or started"),
    ],
)
def test_each_error_of_the_client_has_a_sentence(error: Exception, again: bool, sentence: str) -> None:
    assert passes(error) is again
    said = translated(error, "http://w:8080").sentence
    assert sentence in said
    assert said.endswith(".")
