"""User groups whose members review: Slack tells when somebody comes or goes."""

from bot.parts import Parts
from core.knowledge.slack_payloads import Payload


async def on_members_changed(parts: Parts, event: Payload, _body: Payload) -> None:
    """Ask Slack who is in it now: events may come late, and in any order."""
    await parts.user_groups.learn(str(event.get("subteam_id", "")))


EVENTS = {"subteam_members_changed": on_members_changed}
