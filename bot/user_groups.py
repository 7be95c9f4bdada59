"""Reads from Slack who is in the user groups that the settings name as reviewers."""

import logging
from collections.abc import Sequence

from slack_sdk.errors import SlackApiError

from bot.failures import slack_error
from bot.parts import Parts

log = logging.getLogger(__name__)

_NOT_THERE = ("no_such_subteam", "subteam_not_found", "subteam_disabled")


async def learn_groups(parts: Parts) -> None:
    """All of them."""
    for group_id in sorted(parts.settings.reviewer_group_ids):
        await learn_group(parts, group_id)


async def learn_group(parts: Parts, group_id: str) -> None:
    """One of them. A group that is not there has nobody in it; what Slack does not tell stays as it was."""
    try:
        answer = await parts.client.usergroups_users_list(usergroup=group_id)
    except SlackApiError as error:
        log.warning("REVIEWERS names the user group %s, and Slack says: %s", group_id, slack_error(error))
        if slack_error(error) in _NOT_THERE:
            await parts.bridge.run(_keep, parts, group_id, ())
        return
    await parts.bridge.run(_keep, parts, group_id, answer["users"])


def _keep(parts: Parts, group_id: str, person_ids: Sequence[str]) -> None:
    with parts.record() as work:
        work.user_groups.set_members(parts.me.workspace_id, group_id, person_ids)
        work.commit()
