"""The line under a thread that says what the bot is doing. It is a nicety: what goes wrong with it is not."""

import logging

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.failures import TRANSIENT, slack_error
from bot.reply_place import Place

log = logging.getLogger(__name__)

THINKING = "is thinking…"


class Status:
    """The status of one reply."""

    def __init__(self, client: AsyncWebClient, place: Place) -> None:
        self._client = client
        self._place = place

    async def waiting(self, ahead: int) -> None:
        """So many questions come first."""
        await self.show("has one question ahead of yours…" if ahead == 1 else f"has {ahead} questions ahead of yours…")

    async def show(self, status: str) -> None:
        """Show this; an empty one takes the line away."""
        if not self._place.thread_ts:
            return
        try:
            await self._client.assistant_threads_setStatus(
                channel_id=self._place.channel_id, thread_ts=self._place.thread_ts, status=status
            )
        except SlackApiError as error:
            log.debug("No status line: %s", slack_error(error))
        except TRANSIENT:
            log.debug("No status line: no connection")
