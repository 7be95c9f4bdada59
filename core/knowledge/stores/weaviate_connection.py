"""The line to a Weaviate server: where it is, connecting, trying again when it was lost, and its errors as ours."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TypeVar
from urllib.parse import urlsplit

import grpc
import httpx
from weaviate import WeaviateClient
from weaviate.auth import AuthApiKey
from weaviate.config import AdditionalConfig, Timeout
from weaviate.connect import ConnectionParams
from weaviate.embedded import EmbeddedOptions
from weaviate.exceptions import (
    AuthenticationFailedError,
    InsufficientPermissionsError,
    UnexpectedStatusCodeError,
    WeaviateBaseError,
    WeaviateClosedClientError,
    WeaviateConnectionError,
    WeaviateDeleteManyError,
    WeaviateStartUpError,
    WeaviateTimeoutError,
)

from core.errors import Misconfigured, StoreUnavailable

T = TypeVar("T")

EMBEDDED_VERSION = "1.40.3"
"""The server that WEAVIATE_EMBEDDED downloads on its first start, once."""

DEFAULT_GRPC_PORT = 50051
GRPC_SECONDS = 10.0
WAITS = (0.2, 0.4, 0.8, 1.6)
"""Seconds before each further try of what failed for want of a connection: a restart of one node is sat out."""

FOREIGN_ERRORS = (WeaviateBaseError, httpx.HTTPError, grpc.RpcError, grpc.FutureTimeoutError, OSError)
"""What the client raises. OSError comes from starting the embedded server and from its download."""

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
    return parts.hostname, parts.port or ports[parts.scheme], parts.scheme in {"https", "grpcs"}


class WeaviateConnection:
    """One client, shared by all threads, made when first needed and again after it was lost."""

    def __init__(self, server: WeaviateServer, waits: tuple[float, ...] = WAITS) -> None:
        self.server = server
        self._addresses = server.addresses()
        self._waits = waits
        self._client: WeaviateClient | None = None
        self._connecting = Lock()

    def run(self, call: Callable[[WeaviateClient], T]) -> T:
        """The call's result; it may be made several times. StoreUnavailable when it does not get through."""
        for wait in (*self._waits, None):
            try:
                return call(self._connected())
            except FOREIGN_ERRORS as error:
                if not passes(error):
                    raise translated(error, self.server.place) from error
                if wait is None:
                    self.close()
                    raise translated(error, self.server.place) from error
                time.sleep(wait)
        raise AssertionError("the last try returns or raises")

    def close(self) -> None:
        """Hang up; the next call connects again."""
        with self._connecting:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _connected(self) -> WeaviateClient:
        with self._connecting:
            if self._client is None:
                self._client = self._connect()
            return self._client

    def _connect(self) -> WeaviateClient:
        if self.server.embedded_in is not None and not _listens(self._addresses):
            client = self._client_of(embedded_in=self.server.embedded_in)
        else:
            client = self._client_of()
        try:
            client.connect()
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
                additional_env_vars={"DISABLE_TELEMETRY": "true", "ENABLE_MODULES": "", "LOG_LEVEL": "error"},
            )
        key = self.server.api_key
        return WeaviateClient(
            connection_params=None if embedded else self._addresses,
            embedded_options=embedded,
            auth_client_secret=AuthApiKey(key) if key else None,
            additional_config=AdditionalConfig(timeout=Timeout(init=10, query=30, insert=120)),
            # Its checks at the start ask PyPI for news of itself; what matters of them is done here.
            skip_init_checks=True,
        )


def passes(error: BaseException) -> bool:
    """Whether the same call may succeed in a moment: nothing was there to answer, or it said so itself."""
    if isinstance(error, UnexpectedStatusCodeError):
        return error.status_code == 429 or 500 <= error.status_code < 600
    if isinstance(error, WeaviateDeleteManyError):
        return "[UNAVAILABLE]" in str(error)
    return isinstance(
        error,
        WeaviateConnectionError
        | WeaviateStartUpError
        | WeaviateClosedClientError
        | httpx.TransportError
        | grpc.FutureTimeoutError,
    )


def translated(error: BaseException, place: str) -> StoreUnavailable:
    """The client's error as a plain sentence that says what to do."""
    status = error.status_code if isinstance(error, UnexpectedStatusCodeError) else None
    if isinstance(error, AuthenticationFailedError | InsufficientPermissionsError) or status in {401, 403}:
        sentence = (
            "Weaviate refused the key. Check WEAVIATE_API_KEY, and that its user may read and write collections, "
            "tenants, aliases and data."
        )
    elif isinstance(error, grpc.FutureTimeoutError):
        sentence = f"Weaviate at {place} answers, but its gRPC port does not. Check WEAVIATE_GRPC_URL and the firewall."
    elif isinstance(error, WeaviateTimeoutError | httpx.TimeoutException):
        sentence = f"Weaviate at {place} took too long to answer. Try again in a minute; if it stays, look at its load."
    elif status == 422:
        sentence = (
            "Weaviate refused what it was asked to set up. Check that WEAVIATE_REPLICATION is not more than its nodes, "
            "and look at its log."
        )
    elif isinstance(error, OSError):
        sentence = (
            f"Weaviate on {place} could not be downloaded or started. Check the network and the disk, "
            "or set WEAVIATE_URL to a server that runs."
        )
    elif passes(error):
        sentence = f"Weaviate at {place} cannot be reached. Check that it runs and WEAVIATE_URL, then try again."
    else:
        sentence = f"Weaviate at {place} could not do what it was asked. Its log says why; then try again."
    return StoreUnavailable(sentence)


def _check_grpc(addresses: ConnectionParams) -> None:
    """FutureTimeoutError if nobody answers: otherwise the first search would find out, after a minute of trying."""
    target = f"{addresses.grpc.host}:{addresses.grpc.port}"
    secure = addresses.grpc.secure
    channel = grpc.secure_channel(target, grpc.ssl_channel_credentials()) if secure else grpc.insecure_channel(target)
    try:
        grpc.channel_ready_future(channel).result(timeout=GRPC_SECONDS)
    finally:
        channel.close()


def _listens(addresses: ConnectionParams) -> bool:
    """Whether the embedded server runs already, started by another process of ours."""
    try:
        httpx.get(f"http://{addresses.http.host}:{addresses.http.port}/v1/.well-known/live", timeout=2)
    except httpx.HTTPError:
        return False
    return True
