"""A reaction of the asker on the question, or on the reply as it grows, stops the answer."""

from typing import Any

from bot.parts import Parts

STOPS = frozenset(("octagonal_sign", "x", "no_entry", "no_entry_sign", "raised_hand"))


async def stop_by_reaction(parts: Parts, event: dict[str, Any]) -> None:
    """Whoever asked has seen enough."""
    item = event.get("item") or {}
    if item.get("type") == "message" and event.get("reaction", "").partition("::")[0] in STOPS:
        await parts.asking.stop(item["channel"], item["ts"], event["user"])
