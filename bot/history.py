"""What was said in a channel before, read from Slack: newest first, each message with its whole thread."""

from collections.abc import AsyncIterator

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.failures import slack_error
from core.knowledge.slack_payloads import Payload

PAGE = 200
"""Messages asked for at once, as Slack recommends."""
_GONE = ("thread_not_found", "message_not_found")


class History:
    """Reads channels. The client waits when Slack says so (Retry-After)."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def pages(self, channel_id: str, before_ts: str, since_ts: str) -> AsyncIterator[list[Payload]]:
        """Pages of the channel's messages older than `before_ts` and not older than `since_ts` (empty: all)."""
        latest, cursor = before_ts, ""
        while True:
            answer = await self._client.conversations_history(
                channel=channel_id,
                latest=latest,
                oldest=since_ts or "0",
                limit=PAGE,
                cursor=cursor or None,
            )
            messages: list[Payload] = answer["messages"]
            if messages:
                yield messages
                # The place is a ts, not Slack's cursor: that one is forgotten in a while, and a reader may sleep long.
                latest, cursor = str(messages[-1]["ts"]), ""
            else:
                cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not answer.get("has_more") or not (messages or cursor):
                return

    async def replies(self, channel_id: str, root_ts: str) -> AsyncIterator[list[Payload]]:
        """Pages of the replies to this message, without the message itself; none if it was deleted meanwhile."""
        cursor = ""
        while True:
            try:
                answer = await self._client.conversations_replies(
                    channel=channel_id, ts=root_ts, limit=PAGE, cursor=cursor or None
                )
            except SlackApiError as error:
                if slack_error(error) in _GONE:
                    return
                raise
            yield [message for message in answer["messages"] if message["ts"] != root_ts]
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return


def has_thread(message: Payload) -> bool:
    """Whether there are replies to the message."""
    return bool(message.get("reply_count")) or message.get("thread_ts") == message["ts"]
