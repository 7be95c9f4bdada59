"""The bot's Home, and the first steps in a conversation with it."""

import logging
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.failures import describe
from bot.parts import Parts
from bot.views.home import SUGGESTIONS, HomeFacts, home

Payload = dict[str, Any]

log = logging.getLogger(__name__)


async def on_home_opened(parts: Parts, event: Payload, _body: Payload) -> None:
    """Somebody looks at the bot: show what it knows and how to ask, or suggest a first question."""
    if event.get("tab") == "messages":
        await _suggest(parts, event["channel"])
        return
    facts = await parts.bridge.run(_facts, parts)
    await parts.client.views_publish(user_id=event["user"], view=home(facts))


async def _suggest(parts: Parts, channel_id: str) -> None:
    try:
        await parts.client.assistant_threads_setSuggestedPrompts(channel_id=channel_id, prompts=SUGGESTIONS)
    except SlackApiError as error:
        log.info("No suggestions in this workspace: %s", describe(error))


def _facts(parts: Parts) -> HomeFacts:
    workspace_id = parts.me.workspace_id
    with parts.record() as work:
        listened = [channel for channel in work.workspaces.channels(workspace_id) if channel.is_listened_to]
        return HomeFacts(
            bot_user_id=parts.me.bot_user_id,
            public_channels=tuple(channel.id for channel in listened if channel.kind.value == "public"),
            passages=work.documents.count_passages(workspace_id),
            waiting=work.documents.count_due(),
        )


EVENTS = {"app_home_opened": on_home_opened}
