"""The Slack clients: each speaks to the configured server, waits when told to, and tries again when that is safe."""

from dataclasses import dataclass

import aiohttp
from pydantic import SecretStr
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from core.settings import Settings

REQUEST_SECONDS = 30
_RATE_LIMITED_TRIES = 10
_OTHER_TRIES = 3


@dataclass(frozen=True)
class Clients:
    """`safe` calls may be repeated; `once` never repeats a call of its own accord."""

    safe: AsyncWebClient
    once: AsyncWebClient


def open_session() -> aiohttp.ClientSession:
    """The one HTTP session that all clients share."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS))


def web_client(settings: Settings, token: SecretStr, session: aiohttp.ClientSession) -> AsyncWebClient:
    """A client for calls that may be made twice without harm."""
    handlers = [
        AsyncConnectionErrorRetryHandler(max_retry_count=_OTHER_TRIES),
        AsyncServerErrorRetryHandler(max_retry_count=_OTHER_TRIES),
    ]
    return _client(settings, token, session, handlers)


def posting_client(settings: Settings, token: SecretStr, session: aiohttp.ClientSession) -> AsyncWebClient:
    """A client for what must happen once: behind a lost connection the message may have been posted all the same."""
    return _client(settings, token, session, [])


def _client(
    settings: Settings, token: SecretStr, session: aiohttp.ClientSession, handlers: list[AsyncRetryHandler]
) -> AsyncWebClient:
    # 429 says that nothing was done, so every client may wait and ask again.
    waiting = AsyncRateLimitErrorRetryHandler(max_retry_count=_RATE_LIMITED_TRIES)
    return AsyncWebClient(
        token=token.get_secret_value(),
        base_url=settings.slack_api_url,
        timeout=REQUEST_SECONDS,
        session=session,
        retry_handlers=[*handlers, waiting],
    )
