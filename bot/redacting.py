"""Standing replies in Slack lose what is forgotten here: the record says which ones, until each is seen to."""

import logging
from time import monotonic

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.bridge import Bridge
from bot.clients import Clients
from bot.failures import TRANSIENT, describe, slack_error
from bot.replying import delete_message
from bot.views import redacted as view
from core.records.questions import Question, QuestionState
from core.records.unit_of_work import Record

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 3_600.0
"""Archived channels may come back, and tokens may be given anew."""
_GONE = frozenset(("message_not_found", "channel_not_found"))
_NOT_TO_BE_EDITED = frozenset(("cant_update_message", "edit_window_closed"))
_WEBHOOK_BUSY = 429


class _NotNow(Exception):
    """Slack could not do it just now."""


class Redacting:
    """`redact` is called again and again; nothing is lost when the process dies, nor done twice to any harm."""

    def __init__(
        self, record: Record, bridge: Bridge, clients: Clients, session: aiohttp.ClientSession, workspace_id: str
    ) -> None:
        self._record = record
        self._bridge = bridge
        self._clients = clients
        self._session = session
        self._workspace_id = workspace_id
        self._pauses: dict[str, float] = {}
        self._not_before: dict[str, float] = {}

    async def redact(self) -> None:
        """See to every reply that still shows what is forgotten."""
        due = await self._bridge.run(self._due)
        for question in due:
            if self._not_before.get(question.id, 0.0) <= monotonic():
                await self._try(question)

    async def _try(self, question: Question) -> None:
        try:
            await (self._change_whisper(question) if question.ephemeral else self._change(question))
        except (SlackApiError, _NotNow, *TRANSIENT) as error:
            pause = self._pauses[question.id] = min(
                self._pauses.get(question.id, FIRST_PAUSE_S / 2) * 2, LONGEST_PAUSE_S
            )
            self._not_before[question.id] = monotonic() + pause
            log.info("A reply could not be changed, next try in %.0f s: %s", pause, describe(error))
            return
        await self._bridge.run(self._done, question)
        self._pauses.pop(question.id, None)
        self._not_before.pop(question.id, None)

    async def _change(self, question: Question) -> None:
        """The first message says that the answer is gone, the others go; of a question that is forgotten all go."""
        first, *others = question.replies
        for message in others:
            await delete_message(self._clients, message.channel_id, message.ts)
        if question.state is QuestionState.WITHDRAWN:
            await delete_message(self._clients, first.channel_id, first.ts)
            return
        try:
            await self._clients.safe.chat_update(
                channel=first.channel_id, ts=first.ts, text=view.REMOVED, blocks=view.removed()
            )
        except SlackApiError as error:
            if slack_error(error) in _NOT_TO_BE_EDITED:
                await delete_message(self._clients, first.channel_id, first.ts)
            elif slack_error(error) not in _GONE:
                raise

    async def _change_whisper(self, question: Question) -> None:
        """What one person alone sees can be changed for half an hour after that person pressed its button."""
        if not question.reply_to:
            return
        webhook = AsyncWebhookClient(question.reply_to, session=self._session)
        answer = await webhook.send(
            text=view.REMOVED, blocks=view.removed(), response_type="ephemeral", replace_original=True
        )
        if answer.status_code == _WEBHOOK_BUSY or answer.status_code >= 500:
            raise _NotNow

    def _due(self) -> list[Question]:
        with self._record() as work:
            return work.questions.to_redact(self._workspace_id)

    def _done(self, seen_to: Question) -> None:
        """Done, unless a further message of the reply came meanwhile."""
        with self._record() as work:
            question = work.questions.get(seen_to.id)
            if question is not None and len(question.replies) == len(seen_to.replies):
                work.questions.redacted(question.id)
                work.commit()
