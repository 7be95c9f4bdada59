"""A reply that only the asker sees: it comes as a whole, through the address that Slack gave with the command."""

import logging
from collections.abc import Sequence

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import Block
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.clients import Clients
from bot.cutting import cut
from bot.failures import TRANSIENT, describe
from bot.reply_place import Place
from bot.views import answer as view
from bot.views.citation_links import with_links
from bot.views.mrkdwn import from_markdown
from core.answering.drafts import Draft

log = logging.getLogger(__name__)


class EphemeralReply:
    """A reply to `/ask`."""

    def __init__(self, clients: Clients, place: Place, response_url: str, session: aiohttp.ClientSession) -> None:
        self._clients = clients
        self._place = place
        self._webhook = AsyncWebhookClient(response_url, session=session) if response_url else None
        self._text = ""

    async def write(self, piece: str) -> None:
        """Go on with the text."""
        self._text += piece

    async def restart(self) -> None:
        """What was written is void."""
        self._text = ""

    async def finish(self, draft: Draft, question_id: str) -> None:
        """Send it all."""
        *heads, last = cut(self._text.rstrip() or draft.text)
        for head in heads:
            await self._send(view.body(with_links(head, draft.citations)), from_markdown(head))
        body = view.body(with_links(last, draft.citations))
        await self._send([*body, *view.frame(draft, question_id)], view.plainly(last, draft))

    async def _send(self, blocks: Sequence[Block], plain: str) -> None:
        """The address is good for half an hour and five messages; after that we are only let in as a member."""
        if self._webhook and await self._sent_by_webhook(self._webhook, blocks, plain):
            return
        try:
            await self._clients.once.chat_postEphemeral(
                channel=self._place.channel_id, user=self._place.person_id, text=plain, blocks=list(blocks)
            )
        except SlackApiError as error:
            log.info("No ephemeral message (%s): the answer goes to the asker directly.", describe(error))
            await self._clients.once.chat_postMessage(channel=self._place.person_id, text=plain, blocks=list(blocks))

    async def _sent_by_webhook(self, webhook: AsyncWebhookClient, blocks: Sequence[Block], plain: str) -> bool:
        for attempt in (list(blocks), None):
            try:
                answer = await webhook.send(text=plain, blocks=attempt, response_type="ephemeral", unfurl_links=False)
            except TRANSIENT as error:
                log.info("The command's reply address did not answer: %s", describe(error))
                return False
            if answer.status_code == 200:
                return True
            if answer.status_code != 400:
                return False
        return False
