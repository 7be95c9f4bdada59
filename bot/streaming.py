"""One message that grows: streamed where the workspace can, otherwise posted and edited now and then.

Whatever goes wrong with a stream, an edit brings the message to the whole text: nothing is lost or said twice. To a
stream one can only add, so what must not stay in the message, or must change, is brought right by an edit at its end.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.models.blocks import Block
from slack_sdk.models.messages.chunk import BlocksChunk, Chunk, MarkdownTextChunk
from slack_sdk.web.async_chat_stream import AsyncChatStream
from slack_sdk.web.async_client import AsyncWebClient

from bot.clients import Clients
from bot.failures import TRANSIENT, describe, slack_error
from bot.reply_place import Place
from bot.views.answer import body
from bot.views.mrkdwn import from_markdown

log = logging.getLogger(__name__)

STREAM_EVERY_S = 0.25
EDIT_EVERY_S = 1.2
"""Slack lets an app edit about once a second in a channel."""
STREAM_LIFE_S = 270.0
"""Slack ends a stream after about five minutes; we go over to editing before it does."""
_REFUSED = frozenset(("invalid_blocks", "invalid_blocks_format", "unsupported_block_type", "invalid_chunks"))
"""Slack's words for blocks that it does not take."""


Found = Callable[[], Awaitable[str | None]]
"""Looks for a message of ours that was posted although no answer to that came back; its ts."""
Posted = Callable[[str], Awaitable[None]]
"""Told the ts of a message as soon as it exists."""


class GrowingMessage:
    """`ts` is empty until the message exists. One that stands already (after a crash) is taken over and edited.

    `controls` stand in it until it is finished.
    """

    def __init__(
        self,
        clients: Clients,
        place: Place,
        posted: Posted,
        lost: Found,
        ts: str = "",
        controls: Sequence[Block] = (),
    ) -> None:
        self.ts = ts
        self._clients = clients
        self._place = place
        self._posted = posted
        self._lost = lost
        self._controls = list(controls)
        self._shown = ""
        self._shown_at = 0.0
        self._stream: AsyncChatStream | None = None
        self._may_stream = not ts
        self._is_streaming = bool(ts)  # a message that stood before may have been left in that state
        self._began_at = monotonic()

    async def show(self, text: str) -> None:
        """Show this much, at once if something was shown long enough ago."""
        every = STREAM_EVERY_S if self._may_stream else EDIT_EVERY_S
        if text.strip() and text != self._shown and monotonic() - self._shown_at >= every:
            await self._bring_to(text)

    async def finish(self, text: str, blocks: Sequence[Block] = (), plain: str = "") -> None:
        """Show all of it with `blocks` under it. `plain` is the whole in Slack's mark-up, where blocks are refused."""
        to_take_away = self._stream is not None and bool(self._controls)
        self._controls = []
        streamed = not to_take_away and self._can_still_stream(text) and await self._append(text)
        if streamed and await self._stop_stream(blocks):
            self._shown = text
            return
        await self._write(text, [*body(text), *blocks], plain or from_markdown(text))

    async def void(self) -> None:
        """What was shown does not hold any more: from now on the message is edited."""
        await self._end_stream()
        self._shown = ""

    async def _bring_to(self, text: str) -> None:
        if not (self._can_still_stream(text) and await self._append(text)):
            await self._write(text, [*body(text), *self._controls], from_markdown(text))
        self._shown, self._shown_at = text, monotonic()

    def _can_still_stream(self, text: str) -> bool:
        old = monotonic() - self._began_at > STREAM_LIFE_S
        return self._may_stream and not old and text.startswith(self._shown)

    async def _append(self, text: str) -> bool:
        if text == self._shown:
            return True
        try:
            if self._stream is None:
                await self._start_stream(text)
            else:
                await self._stream.append(markdown_text=text[len(self._shown) :])
            await self._note_stream()
        except (SlackClientError, *TRANSIENT) as error:
            await self._give_up_streaming(error)
            return False
        return True

    async def _start_stream(self, text: str) -> None:
        """With the controls above the text, or without them where Slack takes no such blocks in a stream."""
        self._is_streaming = True
        self._stream = await self._clients.once.chat_stream(
            channel=self._place.channel_id,
            thread_ts=self._place.thread_ts,
            recipient_team_id=self._place.workspace_id,
            recipient_user_id=self._place.person_id,
            buffer_size=1,
        )
        chunks: list[Chunk] = [MarkdownTextChunk(text=text)]
        controls: list[Chunk] = [BlocksChunk(blocks=self._controls)] if self._controls else []
        try:
            await self._stream.append(chunks=[*controls, *chunks])
        except SlackApiError as error:
            if not controls or slack_error(error) not in _REFUSED:
                raise
            log.info("No controls in a stream: %s", slack_error(error))
            self._controls = []
            await self._stream.append(chunks=chunks)

    async def _stop_stream(self, blocks: Sequence[Block]) -> bool:
        try:
            if self._stream is not None:
                await self._stream.stop(blocks=list(blocks) or None)
        except (SlackClientError, *TRANSIENT) as error:
            await self._give_up_streaming(error)
            return False
        self._may_stream = self._is_streaming = False
        return self._stream is not None

    async def _note_stream(self) -> None:
        if self._stream is not None and self._stream.ts and not self.ts:
            self.ts = self._stream.ts
            await self._posted(self.ts)

    async def _give_up_streaming(self, error: Exception) -> None:
        log.info("Going over from streaming to editing: %s", describe(error))
        await self._note_stream()
        if not self.ts and not isinstance(error, SlackApiError):
            await self._take_over_lost()
        await self._end_stream()

    async def _end_stream(self) -> None:
        """A message cannot be edited while it is being streamed."""
        self._may_stream = False
        if self._is_streaming and self.ts:
            await end_stream(self._clients.safe, self._place.channel_id, self.ts)
        self._is_streaming, self._stream = False, None

    async def _take_over_lost(self) -> None:
        self.ts = await self._lost() or ""
        if self.ts:
            await self._posted(self.ts)

    async def _write(self, text: str, blocks: Sequence[Block], plain: str) -> None:
        """Post or edit the whole message; without blocks where the server refuses them."""
        await self._end_stream()
        try:
            await self._put(text, plain, blocks)
        except SlackApiError as error:
            if slack_error(error) not in _REFUSED:
                raise
            log.info("The blocks were refused, so the reply goes out as text.")
            await self._put(text, plain, [])
        self._shown, self._shown_at = text, monotonic()

    async def _put(self, text: str, plain: str, blocks: Sequence[Block]) -> None:
        if not self.ts:
            await self._post(plain or text, blocks)
            return
        await self._clients.safe.chat_update(
            channel=self._place.channel_id, ts=self.ts, text=plain or text, blocks=list(blocks)
        )

    async def _post(self, plain: str, blocks: Sequence[Block]) -> None:
        try:
            answer = await self._clients.once.chat_postMessage(
                channel=self._place.channel_id,
                thread_ts=self._place.thread_ts or None,
                text=plain,
                blocks=list(blocks) or None,
                unfurl_links=False,
                unfurl_media=False,
            )
        except TRANSIENT:
            await asyncio.sleep(EDIT_EVERY_S)
            await self._take_over_lost()
            if not self.ts:
                raise
            await self._put(plain, plain, blocks)
            return
        self.ts = str(answer["ts"])
        await self._posted(self.ts)


async def end_stream(client: AsyncWebClient, channel_id: str, ts: str) -> None:
    """Make sure that a message is not in a streaming state; most often it is not."""
    try:
        await client.chat_stopStream(channel=channel_id, ts=ts)
    except SlackApiError as error:
        log.debug("There was no stream to end: %s", slack_error(error))
