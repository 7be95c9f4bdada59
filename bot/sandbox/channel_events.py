"""The events that tell an app of channels coming, going and changing hands."""

from collections.abc import Iterator

from bot.sandbox import changes
from bot.sandbox.model import Channel, Payload
from bot.sandbox.workspace import Workspace


def channel_events(workspace: Workspace, change: changes.Change) -> Iterator[Payload]:
    """The events for one change; public channels are everybody's business, private ones only their members'."""
    match change:
        case changes.MemberJoined(channel, person_id, inviter_id) if _member(workspace, channel):
            inviter = {"inviter": inviter_id} if inviter_id else {}
            yield {"type": "member_joined_channel", **_membership(workspace, channel, person_id), **inviter}
            if workspace.is_bot(person_id) and channel.kind == "private":
                yield {"type": "group_joined", "channel": {"id": channel.id, "name": channel.name}}
        case changes.MemberLeft(channel, person_id, actor_id):
            bot_left = workspace.is_bot(person_id)
            if bot_left or _member(workspace, channel):
                yield {"type": "member_left_channel", **_membership(workspace, channel, person_id)}
            if bot_left:
                yield {"type": f"{_prefix(channel)}_left", "channel": channel.id, "actor_id": actor_id}
        case changes.ChannelCreated(channel) if channel.kind == "public":
            summary = _summary(channel) | {"creator": channel.creator, "is_channel": True}
            yield {"type": "channel_created", "channel": summary}
        case changes.ChannelRenamed(channel) if _concerned(workspace, channel):
            yield {"type": f"{_prefix(channel)}_rename", "channel": _summary(channel)}
        case changes.ChannelArchived(channel, actor_id) if _concerned(workspace, channel):
            yield {"type": f"{_prefix(channel)}_archive", "channel": channel.id, "user": actor_id}
        case changes.ChannelUnarchived(channel, actor_id) if _concerned(workspace, channel):
            yield {"type": f"{_prefix(channel)}_unarchive", "channel": channel.id, "user": actor_id}
        case changes.ChannelDeleted(channel, actor_id) if _concerned(workspace, channel):
            yield {"type": f"{_prefix(channel)}_deleted", "channel": channel.id, "actor_id": actor_id}
        case changes.ChannelShared(channel) if _concerned(workspace, channel):
            name = "channel_shared" if channel.is_ext_shared else "channel_unshared"
            yield {"type": name, "channel": channel.id, "connected_team_id": "T0ANOTHERCO"}


def _member(workspace: Workspace, channel: Channel) -> bool:
    return workspace.app.bot_user_id in channel.members


def _concerned(workspace: Workspace, channel: Channel) -> bool:
    return channel.kind == "public" or _member(workspace, channel)


def _prefix(channel: Channel) -> str:
    return "channel" if channel.kind == "public" else "group"


def _summary(channel: Channel) -> Payload:
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "created": channel.created,
    }


def _membership(workspace: Workspace, channel: Channel, person_id: str) -> Payload:
    channel_type = "C" if channel.kind == "public" else "G"
    return {"user": person_id, "channel": channel.id, "channel_type": channel_type, "team": workspace.team.id}
