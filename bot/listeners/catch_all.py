"""Whatever nobody else listens to: acknowledged, so that Slack does not deliver it again and again."""

from typing import Any

from bot.parts import Parts

Payload = dict[str, Any]


async def on_anything(_parts: Parts, _event: Payload, _body: Payload) -> None:
    """Nothing is to be done."""
