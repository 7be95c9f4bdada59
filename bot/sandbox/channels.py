"""Conversations: creating, joining, leaving, renaming, archiving, deleting, and the direct ones."""

import re
import time

from bot.sandbox import messages
from bot.sandbox.changes import (
    ChannelArchived,
    ChannelConverted,
    ChannelCreated,
    ChannelDeleted,
    ChannelRenamed,
    ChannelShared,
    ChannelUnarchived,
    MemberJoined,
    MemberLeft,
)
from bot.sandbox.ids import new_id
from bot.sandbox.model import Channel, ChannelKind
from bot.sandbox.workspace import SlackError, Workspace

_MAX_NAME = 80
_NAME = re.compile(r"[^\W_A-Z]([\w\-]*)", re.UNICODE)
_MAX_GROUP_DM = 9


def checked_name(workspace: Workspace, name: str) -> str:
    """The name, if a new channel may have it.

    Raises SlackError ``invalid_name_required``, ``invalid_name_maxlength``, ``invalid_name_specials``, ``name_taken``.
    """
    if not name:
        raise SlackError("invalid_name_required")
    if len(name) > _MAX_NAME:
        raise SlackError("invalid_name_maxlength")
    if name != name.lower() or not _NAME.fullmatch(name):
        raise SlackError("invalid_name_specials")
    if any(channel.name == name and not channel.is_direct for channel in workspace.channels.values()):
        raise SlackError("name_taken")
    return name


def create(
    workspace: Workspace,
    name: str,
    creator_id: str,
    *,
    private: bool = False,
    members: list[str] | None = None,
    channel_id: str | None = None,
    announced: bool = True,
) -> Channel:
    """Makes a channel. `members` join without join messages; by default the creator is the only one.

    A channel that is not `announced` counts as having been there before anybody listened.
    """
    channel = Channel(
        id=channel_id or new_id("C"),
        name=checked_name(workspace, name),
        kind="private" if private else "public",
        creator=creator_id,
        created=int(time.time()),
        members=list(members) if members is not None else [creator_id],
    )
    workspace.channels[channel.id] = channel
    if announced:
        workspace.announce(ChannelCreated(channel))
    return channel


def open_direct(workspace: Workspace, person_ids: list[str]) -> Channel:
    """The direct conversation of exactly these people (two: `im`; three to nine: `mpim`), made when there is none."""
    members = list(dict.fromkeys(person_ids))
    for person_id in members:
        workspace.person(person_id)
    if len(members) > _MAX_GROUP_DM:
        raise SlackError("too_many_users")
    for channel in workspace.channels.values():
        if channel.is_direct and set(channel.members) == set(members):
            return channel
    kind: ChannelKind = "im" if len(members) <= 2 else "mpim"
    names = "--".join(workspace.people[person_id].name for person_id in members)
    channel = Channel(
        id=new_id("D" if kind == "im" else "G"),
        name="" if kind == "im" else f"mpdm-{names}-1",
        kind=kind,
        creator=members[0],
        created=int(time.time()),
        members=members,
    )
    workspace.channels[channel.id] = channel
    workspace.announce(ChannelCreated(channel))
    return channel


def join(workspace: Workspace, channel: Channel, person_id: str, inviter_id: str | None = None) -> None:
    """Adds a member, with Slack's join message. Does nothing for someone who is in already."""
    if person_id in channel.members:
        return
    channel.members.append(person_id)
    prefix = "channel" if channel.kind == "public" else "group"
    extra = {"inviter": inviter_id} if inviter_id else None
    noun = "channel" if prefix == "channel" else "group"
    draft = messages.Draft(f"<@{person_id}> has joined the {noun}", subtype=f"{prefix}_join", extra=extra)
    messages.post(workspace, channel, person_id, draft)
    workspace.announce(MemberJoined(channel, person_id, inviter_id))


def leave(workspace: Workspace, channel: Channel, person_id: str, actor_id: str | None = None) -> None:
    """Takes a member out: by their own wish, or because `actor_id` removed them."""
    channel.members.remove(person_id)
    if actor_id is None:
        prefix = "channel" if channel.kind == "public" else "group"
        draft = messages.Draft(f"<@{person_id}> has left the channel", subtype=f"{prefix}_leave")
        messages.post(workspace, channel, person_id, draft)
    workspace.announce(MemberLeft(channel, person_id, actor_id or person_id))


def rename(workspace: Workspace, channel: Channel, name: str, actor_id: str) -> None:
    """Renames a channel and says so in it. Raises what checked_name raises."""
    old_name = channel.name
    channel.name = checked_name(workspace, name)
    prefix = "channel" if channel.kind == "public" else "group"
    draft = messages.Draft(
        f'has renamed the channel from "{old_name}" to "{name}"',
        subtype=f"{prefix}_name",
        extra={"old_name": old_name, "name": name},
    )
    messages.post(workspace, channel, actor_id, draft)
    workspace.announce(ChannelRenamed(channel))


def set_topic(workspace: Workspace, channel: Channel, topic: str, actor_id: str) -> None:
    """Sets the topic and says so in the channel."""
    channel.topic = topic
    prefix = "channel" if channel.kind == "public" else "group"
    draft = messages.Draft(f"set the channel topic: {topic}", subtype=f"{prefix}_topic", extra={"topic": topic})
    messages.post(workspace, channel, actor_id, draft)


def archive(workspace: Workspace, channel: Channel, actor_id: str) -> None:
    """Closes a channel; as in Slack, that takes the bot out of it, and unarchiving does not bring it back.

    Raises SlackError ``already_archived`` or ``cant_archive_general``.
    """
    if channel.is_archived:
        raise SlackError("already_archived")
    if channel.is_general:
        raise SlackError("cant_archive_general")
    prefix = "channel" if channel.kind == "public" else "group"
    draft = messages.Draft(f"<@{actor_id}> archived the channel", subtype=f"{prefix}_archive")
    messages.post(workspace, channel, actor_id, draft)
    channel.is_archived = True
    workspace.announce(ChannelArchived(channel, actor_id))
    if workspace.app.bot_user_id in channel.members:
        leave(workspace, channel, workspace.app.bot_user_id, actor_id)


def unarchive(workspace: Workspace, channel: Channel, actor_id: str) -> None:
    """Raises SlackError ``not_archived``."""
    if not channel.is_archived:
        raise SlackError("not_archived")
    channel.is_archived = False
    workspace.announce(ChannelUnarchived(channel, actor_id))


def delete(workspace: Workspace, channel: Channel, actor_id: str) -> None:
    """Deletes a channel with everything in it. Raises SlackError ``cant_delete_general``."""
    if channel.is_general:
        raise SlackError("cant_delete_general")
    del workspace.channels[channel.id]
    workspace.announce(ChannelDeleted(channel, actor_id))


def convert(workspace: Workspace, channel: Channel, kind: ChannelKind, actor_id: str) -> None:
    """Makes a public channel private or a private one public. The id stays."""
    channel.kind = kind
    word = "private" if kind == "private" else "public"
    draft = messages.Draft(f"made this channel {word}", subtype=f"channel_convert_to_{word}")
    messages.post(workspace, channel, actor_id, draft)
    workspace.announce(ChannelConverted(channel, actor_id))


def share_with_another_company(workspace: Workspace, channel: Channel, shared: bool) -> None:
    """Makes a channel a Slack Connect one, or an ordinary one again."""
    channel.is_ext_shared = shared
    workspace.announce(ChannelShared(channel))
