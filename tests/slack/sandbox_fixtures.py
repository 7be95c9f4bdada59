"""A sandbox in this process, on a free port, and the real Slack clients connected to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.context import Options
from bot.sandbox.manifest import Manifest
from bot.sandbox.server import Sandbox

PING_SECONDS = 0.2
"""How soon the Socket Mode client notices a lost connection."""


@asynccontextmanager
async def running_sandbox(**options: Any) -> AsyncIterator[Sandbox]:
    """A started sandbox; `options` are those of bot.sandbox.context.Options.

    Unless a manifest is given nothing is held back: every scope is granted and every event delivered. `manifest=None`
    is the app's own bot/manifest.yaml, with its scopes, events, commands and shortcuts.
    """
    options.setdefault("manifest", Manifest())
    sandbox = Sandbox(Options(**options))
    await sandbox.start()
    try:
        yield sandbox
    finally:
        await sandbox.stop()


def client_of(sandbox: Sandbox, name: str | None = None) -> AsyncWebClient:
    """The real Web API client: of the person with this name, or of the bot."""
    token = sandbox.token(name) if name else sandbox.bot_token
    return AsyncWebClient(token=token, base_url=sandbox.api_url)


@asynccontextmanager
async def connected_app(sandbox: Sandbox, app: AsyncApp | None = None) -> AsyncIterator[AsyncApp]:
    """The real Bolt app over the real socket; by default an app whose listeners are added before it connects."""
    app = app or bolt_app(sandbox)
    handler = AsyncSocketModeHandler(
        app, sandbox.app_token, web_client=AsyncWebClient(base_url=sandbox.api_url), ping_interval=PING_SECONDS
    )
    await handler.connect_async()  # type: ignore[no-untyped-call]  # slack_bolt leaves it without types
    try:
        yield app
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # the same


def bolt_app(sandbox: Sandbox) -> AsyncApp:
    return AsyncApp(client=client_of(sandbox))


async def until(condition: Callable[[], Any] | Callable[[], Awaitable[Any]], seconds: float = 5.0) -> Any:
    """Polls until the condition holds and returns what it returned; fails after `seconds`."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        result = condition()
        if asyncio.iscoroutine(result):
            result = await result
        if result:
            return result
        assert asyncio.get_running_loop().time() < deadline, f"did not happen within {seconds} s"
        await asyncio.sleep(0.01)


class RawSocket:
    """A Socket Mode client that acknowledges only what a test tells it to."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def receive(self, seconds: float = 3.0) -> dict[str, Any]:
        """The next envelope; fails when none comes in time."""
        envelope: dict[str, Any] = await self._socket.receive_json(timeout=seconds)
        return envelope

    async def receive_event(self, *types: str, seconds: float = 3.0) -> dict[str, Any]:
        """The next envelope with an event of one of these types; acknowledges those that it skips."""
        while True:
            envelope = await self.receive(seconds)
            if envelope["payload"]["event"]["type"] in types:
                return envelope
            await self.acknowledge(envelope)

    async def acknowledge(self, envelope: dict[str, Any], payload: dict[str, Any] | None = None) -> None:
        answer = {"envelope_id": envelope["envelope_id"]}
        await self._socket.send_json(answer | ({"payload": payload} if payload else {}))

    async def close(self) -> None:
        await self._socket.close()

    @property
    def closed(self) -> bool:
        return self._socket.closed


@asynccontextmanager
async def raw_socket(sandbox: Sandbox) -> AsyncIterator[RawSocket]:
    """A connected RawSocket that has received its hello."""
    opened = await AsyncWebClient(base_url=sandbox.api_url).apps_connections_open(app_token=sandbox.app_token)
    async with aiohttp.ClientSession() as session, session.ws_connect(opened["url"]) as socket:
        raw = RawSocket(socket)
        assert (await raw.receive())["type"] == "hello"
        yield raw


def heard_events(sandbox: Sandbox) -> list[dict[str, Any]]:
    """The events waiting for the bot so far, without their outer payloads. For sandboxes with no bot connected."""
    return [payload["event"] for payload in sandbox.context.socket_mode.pending_payloads()]


class Page:
    """A person's page: its calls to `/page/…` and what its socket was told."""

    def __init__(self, session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse, token: str) -> None:
        self._session = session
        self._socket = socket
        self._headers = {"Authorization": f"Bearer {token}"}

    async def post(self, path: str, **fields: Any) -> dict[str, Any]:
        async with self._session.post(f"/page/{path}", json=fields, headers=self._headers) as response:
            answer: dict[str, Any] = await response.json()
            return answer

    async def told(self, kind: str, seconds: float = 3.0) -> dict[str, Any]:
        """The next notice of this type; others before it are passed over."""
        while True:
            notice: dict[str, Any] = await self._socket.receive_json(timeout=seconds)
            if notice["type"] == kind:
                return notice


@asynccontextmanager
async def page_of(sandbox: Sandbox, name: str) -> AsyncIterator[Page]:
    """The page of the person with this name, its socket connected."""
    token = sandbox.token(name)
    async with (
        aiohttp.ClientSession(sandbox.url) as session,
        session.ws_connect(f"/page/socket?token={token}") as socket,
    ):
        yield Page(session, socket, token)
