"""The bot's life in a workspace: join it, take up what was left, listen, and leave in order."""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.app import build_app, build_parts
from bot.chores import Chores
from bot.clients import open_session, web_client
from bot.downloading import Downloading
from bot.failures import BAD_TOKEN, TRANSIENT, slack_error
from bot.fetching import Fetching
from bot.fetching_canvases import CanvasFetching
from bot.fetching_pages import PageFetching
from bot.identity import Identity
from bot.parts import Parts
from core.bootstrap import Services
from core.errors import Misconfigured, Unavailable
from core.settings import Settings

log = logging.getLogger(__name__)

PING_S = 5.0
"""How often the socket is tried; a dead one is noticed within four times that."""
LEAVING_S = 8.0
"""How long a stopping bot waits for the answers that it is writing."""

_MANIFEST = Path(__file__).resolve().parent / "manifest.yaml"
_ESSENTIAL_SCOPES = frozenset(("channels:read", "groups:read", "im:read", "mpim:read", "users:read", "chat:write"))


@asynccontextmanager
async def serving(settings: Settings, services: Services, ping_s: float = PING_S) -> AsyncIterator[Parts]:
    """The bot, connected. Raises Misconfigured and Unavailable, each with one sentence, when it cannot join."""
    async with open_session() as session, PageFetching(settings) as pages:
        app_client = web_client(settings, settings.slack_app_token, session)
        me = await _introduce(web_client(settings, settings.slack_bot_token, session), settings)
        socket_url = await _socket_url(app_client, settings)
        parts = build_parts(settings, services, session, me)
        app = build_app(parts)
        fetching = Fetching(Downloading(settings, session), CanvasFetching(settings, parts.client), pages)
        chores = Chores(parts, app, fetching)
        handler = AsyncSocketModeHandler(
            app, settings.slack_app_token.get_secret_value(), web_client=app_client, ping_interval=ping_s
        )
        try:
            await _learn(parts)
            await parts.inbox.replay(app, all_at_once=True)
            await parts.asking.take_up()
            await parts.backfilling.take_up()
            handler.client.wss_uri = socket_url
            await handler.connect_async()  # type: ignore[no-untyped-call]  # slack_bolt leaves it without types
            chores.start()
            yield parts
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]  # the same
            await chores.stop()
            await parts.backfilling.close()
            await parts.inbox.settle(LEAVING_S / 2)
            await parts.asking.close(LEAVING_S)
            parts.bridge.close()


async def _introduce(client: AsyncWebClient, settings: Settings) -> Identity:
    try:
        told = await client.auth_test()
    except SlackApiError as error:
        raise _refused(error, "SLACK_BOT_TOKEN", "xoxb-") from None
    except TRANSIENT:
        raise _unreachable(settings) from None
    check_scopes(told.headers)
    url = str(told.get("url") or settings.slack_api_url.removesuffix("api/"))
    if not told.get("bot_id"):
        raise Misconfigured("SLACK_BOT_TOKEN belongs to a person: use the bot token, which begins with xoxb-.")
    return Identity(
        workspace_id=str(told["team_id"]),
        workspace_name=str(told.get("team") or ""),
        bot_user_id=str(told["user_id"]),
        bot_id=str(told["bot_id"]),
        url=url if url.endswith("/") else f"{url}/",
    )


def check_scopes(headers: Mapping[str, Any]) -> None:
    """Compare the scopes that Slack says were granted with those of the manifest; servers may leave them unsaid.

    Raises Misconfigured when one is missing without which nothing works; of others the log is told.
    """
    said = {name.lower(): value for name, value in headers.items()}.get("x-oauth-scopes")
    if not said:
        return
    manifest = yaml.safe_load(_MANIFEST.read_text(encoding="utf-8"))
    missing = set(manifest["oauth_config"]["scopes"]["bot"]) - {scope.strip() for scope in str(said).split(",")}
    if missing & _ESSENTIAL_SCOPES:
        raise Misconfigured(_lacks(", ".join(sorted(missing))))
    if missing:
        log.warning("%s", _lacks(", ".join(sorted(missing))))


def _lacks(scopes: str) -> str:
    return f"The app lacks the scope {scopes}: update it from bot/manifest.yaml and install it again."


async def _socket_url(client: AsyncWebClient, settings: Settings) -> str:
    """Asked for here first, because a socket client that is refused only tries again, for ever."""
    try:
        told = await client.apps_connections_open(app_token=settings.slack_app_token.get_secret_value())
    except SlackApiError as error:
        raise _refused(error, "SLACK_APP_TOKEN", "xapp-") from None
    except TRANSIENT:
        raise _unreachable(settings) from None
    return str(told["url"])


async def _learn(parts: Parts) -> None:
    try:
        await parts.workspace.learn_channels()
    except SlackApiError as error:
        if slack_error(error) == "missing_scope":
            raise Misconfigured(_lacks(str(error.response.get("needed", "that it needs")))) from None
        raise Unavailable(f"Slack could not tell who is in the workspace ({slack_error(error)}).") from None
    except TRANSIENT:
        raise _unreachable(parts.settings) from None


def _refused(error: SlackApiError, setting: str, prefix: str) -> Exception:
    word = slack_error(error)
    if word in BAD_TOKEN:
        return Misconfigured(f"Slack refused {setting} ({word}): copy the token that begins with {prefix} once more.")
    if word == "missing_scope":
        return Misconfigured(f"{setting} lacks the scope {error.response.get('needed', 'that it needs')}.")
    return Unavailable(f"Slack refused to let the bot in ({word}).")


def _unreachable(settings: Settings) -> Unavailable:
    return Unavailable(f"There is no answer from {settings.slack_api_url}: is the address right and the network up?")
