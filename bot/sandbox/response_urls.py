"""The addresses at which an app may answer an interaction later: five times, within thirty minutes."""

import secrets
import time
from dataclasses import dataclass

from bot.sandbox import ephemerals, messages
from bot.sandbox.blocks import checked_blocks
from bot.sandbox.ephemerals import Ephemerals
from bot.sandbox.model import Payload
from bot.sandbox.workspace import SlackError, Workspace

USES = 5
LIFETIME_SECONDS = 30 * 60


@dataclass
class ResponseUrl:
    """Who may be answered, where, and which message the interaction came from (None for a slash command)."""

    person_id: str
    channel_id: str
    message_ts: str | None
    is_ephemeral: bool
    expires_at: float
    uses_left: int = USES
    thread_ts: str | None = None


class ResponseUrls:
    """The addresses handed out, and what is posted to them."""

    def __init__(self, workspace: Workspace, shown_ephemerals: Ephemerals) -> None:
        self._workspace = workspace
        self._ephemerals = shown_ephemerals
        self._issued: dict[str, ResponseUrl] = {}

    def issue(
        self,
        person_id: str,
        channel_id: str,
        *,
        message_ts: str | None = None,
        is_ephemeral: bool = False,
        thread_ts: str | None = None,
    ) -> str:
        """A new address for an answer to this person in this conversation."""
        now = time.time()
        self._issued = {key: each for key, each in self._issued.items() if each.expires_at > now}
        secret = secrets.token_urlsafe(24)
        self._issued[secret] = ResponseUrl(
            person_id=person_id,
            channel_id=channel_id,
            message_ts=message_ts,
            is_ephemeral=is_ephemeral,
            expires_at=now + LIFETIME_SECONDS,
            thread_ts=thread_ts,
        )
        return f"{self._workspace.url}/hooks/response/{secret}"

    def use(self, secret: str, body: Payload) -> None:
        """Does what the app asks for. Raises SlackError ``expired_url``, ``used_url`` or what posting raises."""
        address = self._issued.get(secret)
        if address is None or address.expires_at <= time.time():
            raise SlackError("expired_url")
        if address.uses_left <= 0:
            raise SlackError("used_url")
        address.uses_left -= 1
        self.respond(address.person_id, address.channel_id, body, address)

    def respond(self, person_id: str, channel_id: str, body: Payload, address: ResponseUrl | None = None) -> None:
        """Posts, replaces or deletes as `body` says; without an address (an ack's payload) it can only post."""
        channel = self._workspace.channels.get(channel_id)
        if channel is None:
            raise SlackError("channel_not_found")
        original_ts = address.message_ts if address else None
        bot_id = self._workspace.app.bot_user_id
        if body.get("delete_original") and address and original_ts:
            if address.is_ephemeral:
                self._ephemerals.delete(channel, person_id, original_ts)
            else:
                messages.delete(self._workspace, channel, messages.find(channel, original_ts))
            return
        content = _content(body)
        if body.get("replace_original") and address and original_ts:
            if address.is_ephemeral:
                self._ephemerals.replace(channel, person_id, original_ts, content)
            else:
                original = messages.find(channel, original_ts)
                messages.edit(self._workspace, channel, original, bot_id, content)
            return
        thread_ts = body.get("thread_ts") or (address.thread_ts if address else None)
        if body.get("response_type") == "in_channel":
            draft = messages.Draft(
                content["text"],
                blocks=content["blocks"],
                attachments=content["attachments"],
                thread_ts=thread_ts,
            )
            messages.post(self._workspace, channel, bot_id, draft)
        else:
            self._ephemerals.show(channel, person_id, ephemerals.compose(self._workspace, content, thread_ts))


def _content(body: Payload) -> Payload:
    text, blocks, attachments = body.get("text") or "", body.get("blocks"), body.get("attachments")
    if not text and not blocks and not attachments:
        raise SlackError("no_text")
    return {"text": text, "blocks": checked_blocks(blocks) if blocks else None, "attachments": attachments}
