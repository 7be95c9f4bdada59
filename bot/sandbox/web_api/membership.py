"""conversations.* that change something: making channels, joining, inviting, leaving, archiving, and direct ones."""

from bot.sandbox import channels, messages
from bot.sandbox.model import Channel, Payload
from bot.sandbox.payloads import shown_channel
from bot.sandbox.web_api.registry import Call, method
from bot.sandbox.workspace import SlackError


@method("conversations.create")
def create(call: Call) -> Payload:
    """Makes a channel with the caller in it."""
    private = call.arguments.flag("is_private")
    call.need_scope("groups:write" if private else "channels:manage")
    if call.caller.is_guest:
        raise SlackError("user_is_restricted")
    channel = channels.create(call.workspace, call.arguments.text("name"), call.caller.id, private=private)
    return _answer(call, channel)


@method("conversations.join", scope="channels:join")
def join(call: Call) -> Payload:
    """Lets the caller into a public channel."""
    channel = call.workspace.visible_channel(call.caller.id, call.arguments.required("channel"))
    if channel.kind != "public":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    if call.caller.id in channel.members:
        warning = {"warnings": ["already_in_channel"]}
        return _answer(call, channel) | {"warning": "already_in_channel", "response_metadata": warning}
    channels.join(call.workspace, channel, call.caller.id)
    return _answer(call, channel)


@method("conversations.invite")
def invite(call: Call) -> Payload:
    """Brings others in; all of them or, with a refusal, none."""
    channel = call.managed()
    if channel.is_direct:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    invited = call.arguments.names("users")
    if not invited:
        raise SlackError("no_user")
    for person_id in invited:
        call.workspace.person(person_id)
        if person_id == call.caller.id:
            raise SlackError("cant_invite_self")
        if person_id in channel.members:
            raise SlackError("already_in_channel")
    for person_id in invited:
        channels.join(call.workspace, channel, person_id, call.caller.id)
    return _answer(call, channel)


@method("conversations.kick")
def kick(call: Call) -> Payload:
    """Removes somebody else."""
    channel = call.managed()
    person_id = call.workspace.person(call.arguments.required("user")).id
    if person_id == call.caller.id:
        raise SlackError("cant_kick_self")
    if person_id not in channel.members:
        raise SlackError("not_in_channel")
    if channel.is_general and not call.workspace.is_bot(person_id):
        raise SlackError("cant_kick_from_general")
    channels.leave(call.workspace, channel, person_id, call.caller.id)
    return {"errors": {}}


@method("conversations.leave")
def leave(call: Call) -> Payload:
    """Takes the caller out."""
    channel = call.workspace.visible_channel(call.caller.id, call.arguments.required("channel"))
    if channel.is_direct:
        raise SlackError("method_not_supported_for_channel_type")
    if call.caller.id not in channel.members:
        return {"not_in_channel": True}
    if channel.is_general and call.kind == "person":
        raise SlackError("cant_leave_general")
    channels.leave(call.workspace, channel, call.caller.id)
    return {}


@method("conversations.rename")
def rename(call: Call) -> Payload:
    """Renames a channel; its creator or an admin may."""
    channel = call.managed()
    if call.caller.id != channel.creator and not call.caller.is_admin:
        raise SlackError("not_authorized")
    channels.rename(call.workspace, channel, call.arguments.text("name"), call.caller.id)
    return _answer(call, channel)


@method("conversations.setTopic")
def set_topic(call: Call) -> Payload:
    """Sets the topic."""
    channel = call.managed()
    channels.set_topic(call.workspace, channel, call.arguments.text("topic"), call.caller.id)
    return _answer(call, channel)


@method("conversations.archive")
def archive(call: Call) -> Payload:
    """Closes a channel."""
    channels.archive(call.workspace, call.managed(), call.caller.id)
    return {}


@method("conversations.unarchive")
def unarchive(call: Call) -> Payload:
    """Opens it again."""
    channels.unarchive(call.workspace, call.managed(), call.caller.id)
    return {}


@method("conversations.mark")
def mark(call: Call) -> Payload:
    """Sets how far the caller has read."""
    channel = call.managed()
    messages.mark_read(call.workspace, channel, call.caller.id, call.arguments.required("ts"))
    return {}


@method("conversations.open")
def open_direct(call: Call) -> Payload:
    """The direct conversation with one or more people, made when there is none."""
    channel_id = call.arguments.text("channel")
    if channel_id:
        channel = call.workspace.joined_channel(call.caller.id, channel_id)
    else:
        others = call.arguments.names("users")
        if not others:
            raise SlackError("users_list_not_supplied")
        call.need_scope("im:write" if len(others) == 1 else "mpim:write")
        channel = channels.open_direct(call.workspace, [call.caller.id, *others])
    if not call.arguments.flag("return_im"):
        return {"channel": {"id": channel.id}}
    return _answer(call, channel)


@method("admin.conversations.delete", tokens=("person",))
def delete(call: Call) -> Payload:
    """Deletes a channel for good; only admins may."""
    channels.delete(call.workspace, _administered(call), call.caller.id)
    return {}


@method("admin.conversations.convertToPrivate", tokens=("person",))
def convert_to_private(call: Call) -> Payload:
    """Makes a public channel private; only admins may."""
    channel = _administered(call)
    if channel.kind != "public":
        raise SlackError("method_not_supported_for_channel_type")
    channels.convert(call.workspace, channel, "private", call.caller.id)
    return {}


@method("admin.conversations.convertToPublic", tokens=("person",))
def convert_to_public(call: Call) -> Payload:
    """Makes a private channel public; only admins may."""
    channel = _administered(call)
    if channel.kind != "private":
        raise SlackError("method_not_supported_for_channel_type")
    channels.convert(call.workspace, channel, "public", call.caller.id)
    return {}


def _administered(call: Call) -> Channel:
    if not call.caller.is_admin:
        raise SlackError("not_an_admin")
    channel = call.workspace.channels.get(call.arguments.required("channel_id"))
    if channel is None or channel.is_direct:
        raise SlackError("channel_not_found")
    return channel


def _answer(call: Call, channel: Channel) -> Payload:
    return {"channel": shown_channel(call.workspace, channel, call.caller.id)}
