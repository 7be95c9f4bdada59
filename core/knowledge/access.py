"""Who may see what: the scope of an answer is what everyone who will see it may read (design, section 4)."""

from dataclasses import dataclass

from core.records.unit_of_work import UnitOfWork
from core.records.workspaces import PUBLIC, Channel, ChannelKind


@dataclass(frozen=True)
class AccessScope:
    """The audiences whose passages may be searched, in one workspace. An empty set sees nothing.

    `channels`, where it is given, narrows this further to what was heard in those channels (for guests).
    """

    workspace_id: str
    audiences: frozenset[str]
    channels: frozenset[str] | None = None

    def admits(self, audience: str, channel_id: str) -> bool:
        """Whether a passage of this audience, heard in this channel, is inside the scope."""
        return audience in self.audiences and (self.channels is None or channel_id in self.channels)


def audiences_for(channel: Channel, private_channels: frozenset[str], *, ephemeral: bool) -> frozenset[str]:
    """What everyone who will see a reply in `channel` may read; `private_channels` are those that the asker is in."""
    if ephemeral or channel.kind is ChannelKind.DM:
        return frozenset({PUBLIC}) | private_channels
    if channel.shared_outside:
        return frozenset({channel.id})
    if channel.kind is ChannelKind.PUBLIC:
        return frozenset({PUBLIC})
    return frozenset({PUBLIC, channel.id})


def scope_for(
    work: UnitOfWork, workspace_id: str, channel_id: str, person_id: str, *, ephemeral: bool = False
) -> AccessScope:
    """The scope of a reply in this channel to this person.

    What is not known is not allowed: in an unknown channel nothing is seen, and an unknown person is a guest.
    """
    channel = work.workspaces.channel(workspace_id, channel_id)
    if channel is None:
        return AccessScope(workspace_id, frozenset())
    member_of = work.workspaces.channels_of(workspace_id, person_id)
    heard_of = [c for c in work.workspaces.channels(workspace_id) if c.id in member_of]
    known = [c for c in heard_of if c.deleted_at is None and not c.is_out_of_sight]
    private_channels = frozenset(c.id for c in known if c.audience != PUBLIC)
    audiences = audiences_for(channel, private_channels, ephemeral=ephemeral)
    person = work.workspaces.person(workspace_id, person_id)
    if person is None or person.is_guest:
        return AccessScope(workspace_id, audiences, channels=frozenset(c.id for c in known))
    return AccessScope(workspace_id, audiences)
