"""The bot's Home, and the first steps in a conversation with it."""

import logging

from slack_sdk.errors import SlackApiError

from bot.failures import describe
from bot.parts import Parts
from bot.views.home import SUGGESTIONS
from core.knowledge.slack_payloads import Payload

log = logging.getLogger(__name__)


async def on_home_opened(parts: Parts, event: Payload, _body: Payload) -> None:
    """Somebody looks at the bot: show what it knows and how to ask, or suggest a first question."""
    if event.get("tab") == "messages":
        await _suggest(parts, event["channel"])
        return
    await parts.homes.open(event["user"])


async def _suggest(parts: Parts, channel_id: str) -> None:
    try:
        await parts.client.assistant_threads_setSuggestedPrompts(channel_id=channel_id, prompts=SUGGESTIONS)
    except SlackApiError as error:
        log.info("No suggestions in this workspace: %s", describe(error))


EVENTS = {"app_home_opened": on_home_opened}
