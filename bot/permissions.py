"""Who may have a channel read or switched: those who are in it, and admins, on memberships fresh from Slack."""

from dataclasses import dataclass

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.bridge import Bridge
from bot.failures import slack_error
from bot.identity import Identity
from bot.workspace import Workspace
from core.errors import NotAllowed
from core.knowledge import channels
from core.knowledge.slack_payloads import Payload
from core.records.unit_of_work import Record
from core.records.workspaces import Channel, ChannelKind

_NOT_SEEN = (
    "I see no channel {name}. Check its name; if it is private, invite me there with `/invite` {me}, then try again."
)


@dataclass(frozen=True)
class OpenChannel:
    """A channel that the person may have read and that the bot can read; `created` in seconds since the epoch."""

    channel: Channel
    created: float


class Permissions:
    """Asks Slack, and says no in plain sentences."""

    def __init__(
        self,
        client: AsyncWebClient,
        record: Record,
        bridge: Bridge,
        workspace: Workspace,
        me: Identity,
        admin_ids: frozenset[str],
    ) -> None:
        self._client = client
        self._record = record
        self._bridge = bridge
        self._workspace = workspace
        self._me = me
        self._admin_ids = admin_ids

    async def is_admin(self, person_id: str) -> bool:
        """Whether the person may administer."""
        await self._workspace.know_person(person_id)
        asked = (self._record, self._me.workspace_id, person_id, self._admin_ids)
        return await self._bridge.run(channels.is_admin, *asked)

    async def open_channel(self, named: str, person_id: str) -> OpenChannel:
        """The channel of this id or #name. Raises NotAllowed with a sentence when it cannot, or may not, be read."""
        channel_id = await self._id_of(named)
        shown = f"<#{channel_id}>" if channel_id else named
        me = f"<@{self._me.bot_user_id}>"
        try:
            answer = await self._client.conversations_info(channel=channel_id or named)
        except SlackApiError as error:
            if slack_error(error) in ("channel_not_found", "missing_scope"):
                raise NotAllowed(_NOT_SEEN.format(name=shown, me=me)) from None
            raise
        told: Payload = answer["channel"]
        if told.get("is_im"):
            raise NotAllowed("There is nothing to read or to switch in here. Name a channel, as in `/ingest #general`.")
        if not told.get("is_member", bool(told.get("is_mpim"))):
            if told.get("is_archived"):
                raise NotAllowed(
                    f"{shown} is archived, and I am not in it. Bring it back and invite me, then try again."
                )
            raise NotAllowed(f"I am not in {shown}. Invite me there with `/invite` {me}, then try again.")
        channel = await self._workspace.relearn_channel(told["id"])
        if not await self._is_in(channel.id, person_id) and not await self.is_admin(person_id):
            if channel.kind is not ChannelKind.PUBLIC:
                # That there is such a channel is for those to know who are in it.
                raise NotAllowed(_NOT_SEEN.format(name=named if named.startswith("#") else shown, me=me))
            raise NotAllowed(f"Only people who are in {shown}, and admins, can do this. Join it, then try again.")
        return OpenChannel(channel, float(told.get("created") or 0))

    async def _is_in(self, channel_id: str, person_id: str) -> bool:
        unread = await self._workspace.read_members([channel_id])
        return not unread and channel_id in await self._bridge.run(self._channels_of, person_id)

    def _channels_of(self, person_id: str) -> set[str]:
        with self._record() as work:
            return work.workspaces.channels_of(self._me.workspace_id, person_id)

    async def _id_of(self, named: str) -> str:
        if not named.startswith("#"):
            return named
        return await self._bridge.run(self._id_of_name, named[1:])

    def _id_of_name(self, name: str) -> str:
        with self._record() as work:
            names = work.workspaces.names_of_channels(self._me.workspace_id)
        return next((channel_id for channel_id, known in names.items() if known.casefold() == name.casefold()), "")
