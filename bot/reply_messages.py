"""Which messages of ours carry the reply to a question: recorded as they are posted, and found again after a crash."""

import logging

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.bridge import Bridge
from bot.failures import slack_error
from bot.identity import Identity
from core.records.questions import Question
from core.records.unit_of_work import Record

log = logging.getLogger(__name__)

_CANNOT_LOOK = frozenset(("unknown_method", "missing_scope", "method_not_supported_for_channel_type"))


class ReplyMessages:
    """The messages of replies."""

    def __init__(self, record: Record, bridge: Bridge, client: AsyncWebClient, me: Identity) -> None:
        self._record = record
        self._bridge = bridge
        self._client = client
        self._me = me

    async def note(self, question: Question, ts: str) -> None:
        """This message carries the reply, or a part of it."""
        await self._bridge.run(self._note, question, [ts])

    async def claim_lost(self, question: Question) -> str | None:
        """A message of ours that stands in the thread after the question but in nobody's record, recorded now as its
        reply: it was posted, and the process died or the connection broke before that was known.
        """
        try:
            answer = await self._client.conversations_replies(
                channel=question.channel_id, ts=question.thread_ts, oldest=question.asked_ts, limit=200
            )
        except SlackApiError as error:
            if slack_error(error) not in _CANNOT_LOOK:
                raise
            log.info("Lost replies cannot be looked for here: %s", slack_error(error))
            return None
        ours = [one["ts"] for one in answer["messages"] if self._me.is_me(one) and one["ts"] > question.asked_ts]
        return await self._bridge.run(self._note, question, ours)

    def _note(self, question: Question, candidates: list[str]) -> str | None:
        """Record the first candidate that nobody has, in one transaction, so that no two questions take the same."""
        with self._record() as work:
            for ts in candidates:
                if work.questions.answered_by_message(question.workspace_id, question.channel_id, ts) is None:
                    work.questions.add_reply(question, question.channel_id, ts)
                    work.commit()
                    return ts
        return None
