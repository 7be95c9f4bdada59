"""chat.*: posting, editing, deleting, ephemeral messages and permalinks."""

from bot.sandbox import channels, ephemerals, messages
from bot.sandbox.blocks import MAX_MARKDOWN_TEXT, checked_blocks
from bot.sandbox.model import Channel, Payload
from bot.sandbox.web_api.registry import Arguments, Call, method
from bot.sandbox.workspace import SlackError

MAX_TEXT = 40_000


@method("chat.postMessage", scope="chat:write")
def post_message(call: Call) -> Payload:
    """Posts as the caller, who must be in the conversation."""
    channel = _target(call)
    content = content_of(call.arguments)
    draft = messages.Draft(
        content["text"],
        blocks=content["blocks"],
        attachments=content["attachments"],
        metadata=_metadata(call.arguments),
        thread_ts=call.arguments.text("thread_ts") or None,
        reply_broadcast=call.arguments.flag("reply_broadcast"),
    )
    username = call.arguments.text("username")
    if username:
        call.need_scope("chat:write.customize")
        draft.extra = {"username": username}
    message = messages.post(call.workspace, channel, call.caller.id, draft)
    return {"channel": channel.id, "ts": message["ts"], "message": messages.shown(channel, message)}


@method("chat.update", scope="chat:write")
def update(call: Call) -> Payload:
    """Edits one's own message; blocks that are not given stay, an empty list removes them."""
    channel = call.workspace.visible_channel(call.caller.id, call.arguments.required("channel"))
    message = messages.find(channel, call.arguments.required("ts"))
    if message["user"] != call.caller.id or _is_system(message):
        raise SlackError("cant_update_message")
    if call.context.streams.find(channel.id, message["ts"]) is not None:
        raise SlackError("streaming_state_conflict")
    if channel.is_archived:
        raise SlackError("is_archived")
    given = call.arguments
    fields: Payload = content_of(given)
    if given.values.get("blocks") is None and not given.text("markdown_text"):
        fields.pop("blocks")
    if given.values.get("attachments") is None:
        fields.pop("attachments")
    if given.values.get("metadata") is not None:
        fields["metadata"] = _metadata(given)
    messages.edit(call.workspace, channel, message, call.caller.id, fields)
    shown = messages.shown(channel, message)
    return {"channel": channel.id, "ts": message["ts"], "text": message["text"], "message": shown}


@method("chat.delete", scope="chat:write")
def delete(call: Call) -> Payload:
    """Deletes one's own message; admins may delete anybody's."""
    channel = call.workspace.visible_channel(call.caller.id, call.arguments.required("channel"))
    message = messages.find(channel, call.arguments.required("ts"))
    if message["user"] != call.caller.id and not call.caller.is_admin:
        raise SlackError("cant_delete_message")
    ts = message["ts"]
    if call.context.streams.find(channel.id, ts) is not None:
        call.context.streams.end(channel.id, ts)
    messages.delete(call.workspace, channel, message)
    return {"channel": channel.id, "ts": ts}


@method("chat.postEphemeral", scope="chat:write")
def post_ephemeral(call: Call) -> Payload:
    """Shows a message to one member only."""
    channel = _target(call)
    person = call.workspace.person(call.arguments.required("user"))
    if person.id not in channel.members:
        raise SlackError("user_not_in_channel")
    content = content_of(call.arguments)
    message = ephemerals.compose(call.workspace, content, call.arguments.text("thread_ts") or None)
    call.context.ephemerals.show(channel, person.id, message)
    return {"message_ts": message["ts"]}


@method("chat.getPermalink")
def get_permalink(call: Call) -> Payload:
    """The address of a message."""
    channel = call.workspace.visible_channel(call.caller.id, call.arguments.required("channel"))
    message = messages.find(channel, call.arguments.required("message_ts"))
    return {"channel": channel.id, "permalink": messages.permalink(call.workspace, channel, message)}


def content_of(arguments: Arguments) -> Payload:
    """The text, blocks and attachments of a message.

    Raises SlackError ``no_text``, ``msg_too_long``, ``markdown_text_conflict``, ``invalid_blocks`` and its like.
    """
    text = arguments.text("text")
    markdown = arguments.text("markdown_text")
    blocks = arguments.structure("blocks", "invalid_blocks_format")
    attachments = arguments.structure("attachments", "invalid_attachments")
    if markdown and (text or blocks):
        raise SlackError("markdown_text_conflict")
    if len(text) > MAX_TEXT or len(markdown) > MAX_MARKDOWN_TEXT:
        raise SlackError("msg_too_long")
    if not text.strip() and not blocks and not attachments and not markdown.strip():
        raise SlackError("no_text")
    if attachments is not None and not isinstance(attachments, list):
        raise SlackError("invalid_attachments")
    if markdown:
        text, blocks = markdown, [{"type": "markdown", "text": markdown}]
    return {
        "text": text,
        "blocks": checked_blocks(blocks) if blocks else None,
        "attachments": attachments or None,
    }


def _metadata(arguments: Arguments) -> Payload | None:
    metadata = arguments.structure("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or not metadata.get("event_type"):
        raise SlackError("invalid_metadata_format")
    return metadata


def _target(call: Call) -> Channel:
    """Where to post: a conversation's id, a channel's name, or a person's id for a direct message."""
    name = call.arguments.required("channel")
    workspace = call.workspace
    if name in workspace.people:
        return channels.open_direct(workspace, [call.caller.id, name])
    channel_id = name if name in workspace.channels else workspace.channel_named(name.removeprefix("#")).id
    channel = workspace.visible_channel(call.caller.id, channel_id)
    if channel.is_archived:
        raise SlackError("is_archived")
    may_post_outside = (
        call.kind == "bot"
        and channel.kind == "public"
        and call.context.manifest.scopes is not None
        and call.context.manifest.grants("chat:write.public")
    )
    if call.caller.id not in channel.members and not may_post_outside:
        raise SlackError("not_in_channel")
    return channel


def _is_system(message: Payload) -> bool:
    return message.get("subtype") not in (None, "thread_broadcast", "bot_message")
