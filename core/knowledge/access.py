"""Who may see what: the scope of an answer is what everyone who will see it may read (design, section 4)."""

from collections.abc import Set
from dataclasses import dataclass

from core.records.unit_of_work import UnitOfWork
from core.records.workspaces import PUBLIC, ChannelKind


@dataclass(frozen=True)
class AccessScope:
    """The audiences whose passages may be searched, in one workspace. An empty set sees nothing."""

    workspace_id: str
    audiences: frozenset[str]


@dataclass(frozen=True)
class Reader:
    """What decides a scope: where the reply will stand, who asked, and which private channels the asker is in now."""

    person_id: str
    is_guest: bool
    channels: Set[str]
    """Audiences of the channels that the asker is in, PUBLIC left out."""


def audiences_for(
    channel_kind: ChannelKind, channel_audience: str, *, ephemeral: bool, reader: Reader
) -> frozenset[str]:
    """What everyone who will see the reply may read.

    `channel_audience` is the audience of the channel that the reply stands in (PUBLIC, or its id).
    """
    if reader.is_guest:
        # A guest reads only their channels: nothing public beyond them, and the store knows no finer audience.
        if ephemeral or channel_kind is ChannelKind.DM:
            return frozenset(reader.channels)
        return frozenset({channel_audience} - {PUBLIC})
    if ephemeral or channel_kind is ChannelKind.DM:
        return frozenset({PUBLIC, *reader.channels})
    if channel_audience == PUBLIC:
        return frozenset({PUBLIC})
    if channel_kind is ChannelKind.PUBLIC:
        # A public channel that is shared with another company: strangers read along.
        return frozenset({channel_audience})
    return frozenset({PUBLIC, channel_audience})


def scope_for(work: UnitOfWork, workspace_id: str, channel_id: str, person_id: str, *, ephemeral: bool) -> AccessScope:
    """The scope of a reply in this channel to this person. What is not known is not allowed: an unknown channel sees nothing."""
    channel = work.workspaces.channel(workspace_id, channel_id)
    if channel is None:
        return AccessScope(workspace_id, frozenset())
    person = work.workspaces.person(workspace_id, person_id)
    known = {c.id: c for c in work.workspaces.channels(workspace_id)}
    mine = {
        known[channel_id].audience
        for channel_id in work.workspaces.channels_of(workspace_id, person_id)
        if channel_id in known and known[channel_id].deleted_at is None
    }
    reader = Reader(person_id, is_guest=person is None or person.is_guest, channels=mine - {PUBLIC})
    audiences = audiences_for(channel.kind, channel.audience, ephemeral=ephemeral, reader=reader)
    if channel.shared_outside and not ephemeral:
        audiences = frozenset({channel.id})
    return AccessScope(workspace_id, audiences)
