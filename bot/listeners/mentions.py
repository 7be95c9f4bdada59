"""@mentions. The same message comes as a `message` event too, in either order: it is asked once."""

from bot.listeners.messages import hear_and_ask
from bot.parts import Parts
from core.knowledge.slack_payloads import Payload


async def on_mention(parts: Parts, event: Payload, body: Payload) -> None:
    """Somebody addressed the bot."""
    if not event.get("bot_id"):
        await hear_and_ask(parts, event, body)


EVENTS = {"app_mention": on_mention}
