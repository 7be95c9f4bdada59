"""Whose words are kept: those of people, and of the bots that somebody chose to listen to."""

from typing import Any

from bot.addressing import SAID_BY_PEOPLE
from bot.identity import Identity

Payload = dict[str, Any]


class Heeding:
    """`listened_bots` are ids of bots (B…) or of their users (U…). Our own words are never kept."""

    def __init__(self, me: Identity, listened_bots: frozenset[str]) -> None:
        self._me = me
        self._listened_bots = listened_bots

    def heeds(self, message: Payload) -> bool:
        """Whether the message is knowledge: somebody wrote it, and we listen to them."""
        if self._me.is_me(message):
            return False
        if not message.get("bot_id"):
            return message.get("subtype") in SAID_BY_PEOPLE
        said = message.get("subtype") in (*SAID_BY_PEOPLE, "bot_message")
        return said and not self._listened_bots.isdisjoint((message["bot_id"], message.get("user") or ""))


def author_of(message: Payload) -> str:
    """The id of who wrote the message; old kinds of bots have no user."""
    return str(message.get("user") or message.get("bot_id") or "")


def bot_name(message: Payload) -> str:
    """What a bot calls itself in its message."""
    profile = message.get("bot_profile") or {}
    return str(message.get("username") or profile.get("name") or "")
