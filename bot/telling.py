"""A word to one person alone, where they are; and to a thread, where everybody in it learns of something."""

import logging

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.failures import describe

log = logging.getLogger(__name__)


async def tell_privately(
    client: AsyncWebClient, channel_id: str, person_id: str, text: str, thread_ts: str = ""
) -> None:
    """Seen by this person alone; in a channel that we are not in, they are told in Messages."""
    try:
        await client.chat_postEphemeral(channel=channel_id, user=person_id, text=text, thread_ts=thread_ts or None)
    except SlackApiError as error:
        log.info("No ephemeral message (%s): it goes to the person directly.", describe(error))
        await client.chat_postMessage(channel=person_id, text=text)


async def tell_thread(client: AsyncWebClient, channel_id: str, thread_ts: str, text: str) -> None:
    """Seen by everybody in the thread. One that is gone meanwhile needs no word."""
    try:
        await client.chat_postMessage(channel=channel_id, thread_ts=thread_ts or None, text=text, unfurl_links=False)
    except SlackApiError as error:
        log.info("The thread could not be told: %s", describe(error))
