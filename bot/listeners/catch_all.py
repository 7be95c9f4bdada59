"""Whatever nobody else listens to: acknowledged, so that Slack does not deliver it again and again."""

from bot.parts import Parts
from core.knowledge.slack_payloads import Payload


async def on_anything(_parts: Parts, _event: Payload, _body: Payload) -> None:
    """Nothing is to be done."""
