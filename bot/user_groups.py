"""Reads from Slack who is in the user groups that the settings name as reviewers."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.bridge import Bridge
from bot.failures import slack_error
from bot.identity import Identity
from core.records.unit_of_work import Record

log = logging.getLogger(__name__)

_NOT_THERE = ("no_such_subteam", "subteam_not_found", "subteam_disabled")


class UserGroups:
    """The groups of these ids; no others matter."""

    def __init__(
        self, client: AsyncWebClient, record: Record, bridge: Bridge, me: Identity, group_ids: frozenset[str]
    ) -> None:
        self._client = client
        self._record = record
        self._bridge = bridge
        self._me = me
        self._group_ids = group_ids
        self._reading: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def learn_all(self) -> None:
        """Read all of them."""
        for group_id in sorted(self._group_ids):
            await self.learn(group_id)

    async def learn(self, group_id: str) -> None:
        """Read one. A group that is not there has nobody in it; what Slack does not tell stays as it was.

        One reading after the other: one that began before a change would otherwise undo what is known of it.
        """
        if group_id not in self._group_ids:
            return
        async with self._reading[group_id]:
            try:
                answer = await self._client.usergroups_users_list(usergroup=group_id)
            except SlackApiError as error:
                log.warning("REVIEWERS names the user group %s, and Slack says: %s", group_id, slack_error(error))
                if slack_error(error) in _NOT_THERE:
                    await self._bridge.run(self._keep, group_id, ())
                return
            await self._bridge.run(self._keep, group_id, answer["users"])

    def _keep(self, group_id: str, person_ids: Sequence[str]) -> None:
        with self._record() as work:
            work.user_groups.set_members(self._me.workspace_id, group_id, person_ids)
            work.commit()
