"""A reply to one question: one message, or several when it is long, in the thread where everybody sees it."""

from collections import deque
from collections.abc import Sequence
from typing import Protocol

from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import Block

from bot.clients import Clients
from bot.cutting import certain, next_cut, split_at
from bot.failures import slack_error
from bot.reply_place import Place
from bot.streaming import Found, GrowingMessage, Posted
from bot.views import answer as view
from bot.views.citation_links import with_links
from bot.views.mrkdwn import from_markdown
from core.answering.drafts import Draft


class Reply(Protocol):
    """Where an answer is written to."""

    async def write(self, piece: str) -> None:
        """Go on with the text."""

    async def restart(self) -> None:
        """What was written is void."""

    async def finish(self, draft: Draft, question_id: str) -> None:
        """The text is whole: put the sources and the buttons under it."""


class ThreadReply:
    """A reply in a thread. `standing` are its messages from before a crash: they are written over.

    `controls` stand in the message that is being written, as long as it is.
    """

    def __init__(
        self,
        clients: Clients,
        place: Place,
        posted: Posted,
        lost: Found,
        standing: Sequence[str],
        controls: Sequence[Block] = (),
    ) -> None:
        self._clients = clients
        self._place = place
        self._posted = posted
        self._lost = lost
        self._standing = deque(standing)
        self._controls = controls
        self._whole: list[tuple[GrowingMessage, str]] = []
        self._written: list[str] = []
        self._text = ""
        self._message = self._next_message()

    async def write(self, piece: str) -> None:
        """Go on with the text; what does not fit goes into a further message."""
        self._text += piece
        while (at := next_cut(self._text)) is not None:
            head, self._text = split_at(self._text, at)
            await self._message.finish(head)
            self._whole.append((self._message, head))
            self._message = self._next_message()
        await self._message.show(certain(self._text))

    async def restart(self) -> None:
        """Begin anew, in the same messages."""
        await self._message.void()
        self._standing = deque([*self._written, *self._standing])
        self._whole, self._written, self._text = [], [], ""
        self._message = self._next_message()

    async def finish(self, draft: Draft, question_id: str) -> None:
        """Put the frame under the last message, and take away messages that the reply no longer needs.

        Only now is it known what the markers stand for: they become links, in the messages before the last one too.
        """
        text = self._text.rstrip() or draft.text
        frame, plain = view.frame(draft, question_id), view.plainly(text, draft)
        await self._message.finish(with_links(text, draft.citations), frame, plain)
        for message, head in self._whole:
            if (linked := with_links(head, draft.citations)) != head:
                await message.finish(linked, plain=from_markdown(head))
        while self._standing:
            await delete_message(self._clients, self._place.channel_id, self._standing.popleft())

    def _next_message(self) -> GrowingMessage:
        ts = self._standing.popleft() if self._standing else ""
        if ts:
            self._written.append(ts)
        return GrowingMessage(self._clients, self._place, self._note, self._lost, ts, self._controls)

    async def _note(self, ts: str) -> None:
        self._written.append(ts)
        await self._posted(ts)


async def delete_message(clients: Clients, channel_id: str, ts: str) -> None:
    """Take a message of ours away, if it still stands. Raises SlackApiError when that is refused."""
    try:
        await clients.safe.chat_delete(channel=channel_id, ts=ts)
    except SlackApiError as error:
        if slack_error(error) not in ("message_not_found", "channel_not_found", "not_in_channel"):
            raise
