"""Messages of ours that must not be posted twice: found again by their mark after the process died."""

from datetime import datetime

from slack_sdk.models.blocks import Block

from bot.clients import Clients
from bot.identity import Identity
from core.knowledge.slack_payloads import Payload


class OwnMessages:
    """Posts marked messages. A mark is the kind of message and an id."""

    def __init__(self, clients: Clients, me: Identity, kind: str) -> None:
        self._clients = clients
        self._me = me
        self._kind = kind

    async def conversation(self, place: str) -> str:
        """A channel's own id; a person's direct messages are looked up, since only a conversation can be edited in."""
        if not place.startswith(("U", "W")):
            return place
        opened = await self._clients.safe.conversations_open(users=place)
        return str(opened["channel"]["id"])

    async def post(self, channel_id: str, mark: str, text: str, blocks: list[Block]) -> str:
        """Post it, once; its ts."""
        metadata = {"event_type": self._kind, "event_payload": {"id": mark}}
        answer = await self._clients.once.chat_postMessage(
            channel=channel_id, text=text, blocks=blocks, metadata=metadata
        )
        return str(answer["ts"])

    async def find(self, channel_id: str, mark: str, since: datetime) -> Payload | None:
        """The message with this mark, if it was posted."""
        oldest = f"{since.timestamp():.6f}"
        answer = await self._clients.safe.conversations_history(
            channel=channel_id, oldest=oldest, limit=200, include_all_metadata=True
        )
        for message in answer["messages"]:
            metadata = message.get("metadata") or {}
            is_marked = metadata.get("event_type") == self._kind
            if self._me.is_me(message) and is_marked and (metadata.get("event_payload") or {}).get("id") == mark:
                found: Payload = message
                return found
        return None
