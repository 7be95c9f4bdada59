"""Who will see a reply: the access scope of a question, on memberships that Slack confirmed lately."""

from dataclasses import replace
from time import monotonic

from bot.bridge import Bridge
from bot.workspace import Workspace, private_channels
from core.knowledge.access import AccessScope, scope_for
from core.knowledge.channels import members_are_stale
from core.records.questions import Question
from core.records.unit_of_work import Record
from core.records.workspaces import Channel, ChannelKind


class Scoping:
    """Makes scopes. A channel whose members cannot be read just now is left out: nobody is let in on old news."""

    def __init__(self, record: Record, bridge: Bridge, workspace: Workspace, membership_max_age_s: float) -> None:
        self._record = record
        self._bridge = bridge
        self._workspace = workspace
        self._max_age_s = membership_max_age_s
        self._began_at = monotonic()

    async def scope_of(self, question: Question) -> AccessScope:
        """What everyone who will see the answer may read."""
        await self._workspace.know_person(question.person_id)
        stale = await self._bridge.run(self._stale_channels, question)
        unread = await self._workspace.read_members(stale)
        scope = await self._bridge.run(self._scope, question)
        guest_of = None if scope.channels is None else scope.channels - unread
        return replace(scope, audiences=scope.audiences - unread, channels=guest_of)

    def _stale_channels(self, question: Question) -> list[str]:
        """Channels whose members decide on this scope and were read too long ago."""
        with self._record() as work:
            heard_of = work.workspaces.channels(question.workspace_id)
            place = work.workspaces.channel(question.workspace_id, question.channel_id)
            person = work.workspaces.person(question.workspace_id, question.person_id)
        is_guest = person is None or person.is_guest
        # What changed while the bot was not running was told to nobody.
        max_age_s = min(self._max_age_s, monotonic() - self._began_at)
        deciding: list[Channel] = []
        if is_guest:
            deciding = [channel for channel in heard_of if channel.has_bot and not channel.is_out_of_sight]
        elif question.ephemeral or (place is not None and place.kind is ChannelKind.DM):
            deciding = private_channels(heard_of)
        return [
            channel.id
            for channel in deciding
            if members_are_stale(self._record, question.workspace_id, channel.id, max_age_s)
        ]

    def _scope(self, question: Question) -> AccessScope:
        with self._record() as work:
            return scope_for(
                work,
                question.workspace_id,
                question.channel_id,
                question.person_id,
                ephemeral=question.ephemeral,
            )
