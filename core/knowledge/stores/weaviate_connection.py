"""The line to a Weaviate server: where it is, connecting, and trying again when it was lost."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TypeVar
from urllib.parse import urlsplit
from weakref import finalize

import grpc
import httpx
from weaviate import WeaviateClient
from weaviate.auth import AuthApiKey
from weaviate.config import AdditionalConfig, GrpcConfig, Timeout
from weaviate.connect import ConnectionParams
from weaviate.embedded import EmbeddedOptions
from weaviate.exceptions import ResponseCannotBeDecodedError, UnexpectedStatusCodeError

from core.errors import Misconfigured, StoreUnavailable
from core.knowledge.stores.weaviate_errors import (
    FOREIGN_ERRORS,
    NotWeaviate,
    is_lost,
    passes,
    refusal,
    translated,
)

T = TypeVar("T")

EMBEDDED_VERSION = "1.40.4"
"""The server that WEAVIATE_EMBEDDED downloads on its first start, once."""

DEFAULT_GRPC_PORT = 50051
GRPC_SECONDS = 10.0
META_SECONDS = 5.0
"""How long the server has to say who it is, before anything is asked of it."""
QUERY_SECONDS = 30.0
WAITS = (0.2, 0.4, 0.8, 1.6)
"""Seconds before each further try of what may pass: the restart of a node, a tenant that not all have heard of."""

CHANNEL = (
    # Asked for by its own name, like the REST port: a proxy of the surroundings stands between us and neither.
    ("grpc.enable_http_proxy", 0),
    # A server that was away for long is found again soon after it is back, not two minutes later.
    ("grpc.max_reconnect_backoff_ms", 2_000),
    # A new channel is a new connection: gRPC would go on over the old one, which may lead to a node that hangs.
    ("grpc.use_local_subchannel_pool", 1),
)

# The client logs each object that could not be written, with the words of the message in it.
logging.getLogger("weaviate-client").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class WeaviateServer:
    """Where the server is and how to enter. With `embedded_in` it is one that the client runs in that folder."""

    url: str = ""
    grpc_url: str = ""
    api_key: str = ""
    embedded_in: Path | None = None

    @property
    def place(self) -> str:
        """What to call it in a sentence."""
        return self.url or "this machine (WEAVIATE_EMBEDDED)"

    def addresses(self) -> ConnectionParams:
        """Host, port and security of its two doors. Misconfigured if the URLs are not URLs."""
        if self.embedded_in is not None:
            own = EmbeddedOptions()
            return ConnectionParams.from_params(own.hostname, own.port, False, own.hostname, own.grpc_port, False)
        try:
            host, port, secure = _parted(self.url, {"http": 80, "https": 443})
            if self.grpc_url:
                grpc_host, grpc_port, grpc_secure = _parted(
                    self.grpc_url if "://" in self.grpc_url else f"{'grpcs' if secure else 'grpc'}://{self.grpc_url}",
                    {"grpc": DEFAULT_GRPC_PORT, "http": DEFAULT_GRPC_PORT, "grpcs": 443, "https": 443},
                )
            elif host.endswith(".weaviate.cloud"):
                grpc_host, grpc_port, grpc_secure = f"grpc-{host}", 443, True
            else:
                grpc_host, grpc_port, grpc_secure = host, DEFAULT_GRPC_PORT, secure
            return ConnectionParams.from_params(host, port, secure, grpc_host, grpc_port, grpc_secure)
        except ValueError as error:
            raise Misconfigured(
                "WEAVIATE_URL must look like http://host:8080, and WEAVIATE_GRPC_URL like host:50051 "
                "(another port than the first)."
            ) from error


def _parted(url: str, ports: dict[str, int]) -> tuple[str, int, bool]:
    parts = urlsplit(url)
    if parts.scheme not in ports or not parts.hostname:
        raise ValueError(f"not a URL: {url}")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname  # the client puts ":port" behind it
    return host, parts.port or ports[parts.scheme], parts.scheme in {"https", "grpcs"}


class _Line:
    """A client, and what asks beside it whether the server is there: the client would wait as long as for an answer.

    It hangs up when nobody uses it any more: who gives it up for lost does not cut off the others.
    """

    def __init__(self, client: WeaviateClient, rest: httpx.Client) -> None:
        self.client = client
        self.rest = rest
        finalize(self, _hang_up, client, rest)

    def version(self) -> str:
        """The server's version. NotWeaviate if what answers has none."""
        answer = self.rest.get("/v1/meta")
        if answer.status_code != httpx.codes.OK:
            raise UnexpectedStatusCodeError("Meta endpoint", answer)
        try:
            return str(answer.json()["version"])
        except (ValueError, KeyError, TypeError) as error:
            raise NotWeaviate(str(error)) from error


def _hang_up(client: WeaviateClient, rest: httpx.Client) -> None:
    rest.close()
    client.close()


class WeaviateConnection:
    """One line, shared by all threads, made when first needed and again after it was lost."""

    def __init__(self, server: WeaviateServer, waits: tuple[float, ...] = WAITS) -> None:
        self.server = server
        self._addresses = server.addresses()
        self._waits = waits
        self._line: _Line | None = None
        self._connecting = Lock()

    def run(self, call: Callable[[WeaviateClient], T]) -> T:
        """The call's result; it may be made several times. StoreUnavailable when it does not get through."""
        for wait in (*self._waits, None):
            line: _Line | None = None
            try:
                line = self._connected()
                # Over REST a server that is not there is known at once; the client asks its gRPC port for a minute.
                self._check_version(line.version())
                return call(line.client)
            except FOREIGN_ERRORS as error:
                if wait is None or not passes(error):
                    if line is not None and is_lost(error):
                        self._let_go(line)
                    raise translated(error, self.server.place) from error
                time.sleep(wait)
        raise AssertionError("the last try returns or raises")

    def close(self) -> None:
        """Hang up; the next call connects again."""
        self._line = None

    def _let_go(self, line: _Line) -> None:
        """Give up this line; another, which a thread may have made meanwhile, stays."""
        with self._connecting:
            if self._line is line:
                self._line = None

    @property
    def _key(self) -> str:
        return "" if self.server.embedded_in else self.server.api_key  # one of our own wants none, and takes none

    def _check_version(self, version: str) -> None:
        """StoreUnavailable for a server that we do not speak to."""
        if sentence := refusal(version, self.server.place):
            raise StoreUnavailable(sentence)

    def _connected(self) -> _Line:
        with self._connecting:
            if self._line is None:
                self._line = _Line(self._connect(), self._rest())
            return self._line

    def _rest(self) -> httpx.Client:
        http = self._addresses.http
        return httpx.Client(
            base_url=f"{'https' if http.secure else 'http'}://{http.host}:{http.port}",
            headers={"authorization": f"Bearer {self._key}"} if self._key else None,
            timeout=META_SECONDS,
            trust_env=False,
        )

    def _connect(self) -> WeaviateClient:
        if self.server.embedded_in is not None and not _listens(self._addresses):
            client = self._client_of(embedded_in=self.server.embedded_in)
        else:
            client = self._client_of()
        try:
            _connect(client)
            _check_grpc(self._addresses)
        except BaseException:
            client.close()
            raise
        return client

    def _client_of(self, embedded_in: Path | None = None) -> WeaviateClient:
        embedded = None
        if embedded_in is not None:
            embedded = EmbeddedOptions(
                version=EMBEDDED_VERSION,
                persistence_data_path=str(embedded_in / "data"),
                binary_path=str(embedded_in / "server"),
                additional_env_vars={
                    "DISABLE_TELEMETRY": "true",
                    "ENABLE_MODULES": "",
                    "API_BASED_MODULES_DISABLED": "true",
                    "PERSISTENCE_LSM_SEGMENTS_CLEANUP_INTERVAL_HOURS": "24",
                    "BLOCKMAX_WAND_PER_SEGMENT_LIMIT": "1000",
                    "LOG_LEVEL": "error",
                },
            )
        return WeaviateClient(
            connection_params=None if embedded else self._addresses,
            embedded_options=embedded,
            auth_client_secret=AuthApiKey(self._key) if self._key else None,
            additional_config=AdditionalConfig(
                timeout=Timeout(init=10, query=QUERY_SECONDS, insert=120),
                grpc_config=GrpcConfig(channel_options=list(CHANNEL)),
            ),
            # Its checks at the start ask PyPI for news of itself; what matters of them is done here.
            skip_init_checks=True,
        )


def _connect(client: WeaviateClient) -> None:
    """NotWeaviate where the answer to who is there is none of a Weaviate's."""
    try:
        client.connect()
    except (ResponseCannotBeDecodedError, KeyError, TypeError) as error:
        raise NotWeaviate(str(error)) from error
    except UnexpectedStatusCodeError as error:
        if error.status_code in {400, 404, 405}:
            raise NotWeaviate(str(error)) from error
        raise


def _check_grpc(addresses: ConnectionParams) -> None:
    """FutureTimeoutError if nobody answers: otherwise the first search would find out, after a minute of trying."""
    target = f"{addresses.grpc.host}:{addresses.grpc.port}"
    secure = addresses.grpc.secure
    channel = (
        grpc.secure_channel(target, grpc.ssl_channel_credentials(), CHANNEL)
        if secure
        else grpc.insecure_channel(target, CHANNEL)
    )
    try:
        grpc.channel_ready_future(channel).result(timeout=GRPC_SECONDS)
    finally:
        channel.close()


def _listens(addresses: ConnectionParams) -> bool:
    """Whether the embedded server runs already, started by another process of ours."""
    try:
        httpx.get(f"http://{addresses.http.host}:{addresses.http.port}/v1/.well-known/live", timeout=2, trust_env=False)
    except httpx.HTTPError:
        return False
    return True
