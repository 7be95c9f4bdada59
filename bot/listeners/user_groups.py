"""User groups whose members review: Slack tells when somebody comes or goes."""

from typing import Any

from bot.parts import Parts
from bot.user_groups import learn_group

Payload = dict[str, Any]


async def on_members_changed(parts: Parts, event: Payload, _body: Payload) -> None:
    """Only groups that the settings name matter."""
    if event.get("subteam_id") in parts.settings.reviewer_group_ids:
        await learn_group(parts, event["subteam_id"])


EVENTS = {"subteam_members_changed": on_members_changed}
