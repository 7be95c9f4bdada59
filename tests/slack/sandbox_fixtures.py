"""A sandbox in this process, on a free port, and the real Slack clients connected to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

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

    Unless a manifest is given nothing is held back: every scope is granted and every event delivered.
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
    await handler.connect_async()
    try:
        yield app
    finally:
        await handler.close_async()


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
