"""chat.startStream, chat.appendStream and chat.stopStream."""

from bot.sandbox import messages
from bot.sandbox.blocks import MAX_MARKDOWN_TEXT, checked_blocks
from bot.sandbox.changes import MessageStreamed
from bot.sandbox.model import Channel, Payload
from bot.sandbox.streams import Stream
from bot.sandbox.web_api.chat import MAX_TEXT
from bot.sandbox.web_api.registry import Call, method
from bot.sandbox.workspace import SlackError


@method("chat.startStream", tokens=("bot",), scope="chat:write")
def start(call: Call) -> Payload:
    """Begins a streamed message; in channels the recipient must be named."""
    if call.context.faults.streaming_error is not None:
        raise SlackError(call.context.faults.streaming_error)
    channel = call.workspace.joined_channel(call.caller.id, call.arguments.required("channel"))
    if channel.is_archived:
        raise SlackError("is_archived")
    _check_recipient(call, channel)
    mode = call.arguments.text("task_display_mode", "timeline")
    thread_ts = call.arguments.text("thread_ts")
    if channel.is_direct and not thread_ts:
        raise SlackError("invalid_thread_ts")
    stream = Stream(mode)
    _add(stream, _chunks(call))
    draft = messages.Draft(stream.text, blocks=stream.blocks(), thread_ts=thread_ts or None, extra={"streaming": True})
    message = messages.post(call.workspace, channel, call.caller.id, draft)
    call.context.streams.start(stream, channel, message)
    return {"channel": channel.id, "ts": message["ts"]}


@method("chat.appendStream", tokens=("bot",), scope="chat:write")
def append(call: Call) -> Payload:
    """Adds text or other chunks to the message."""
    channel, message, stream = _streaming(call)
    chunks = _chunks(call)
    if not chunks:
        raise SlackError("no_text")
    limit = call.context.faults.streams_die_after
    if limit is not None and stream.appends >= limit:
        call.context.streams.end(channel.id, message["ts"])
        raise SlackError("message_not_in_streaming_state")
    stream.appends += 1
    _add(stream, chunks)
    message |= {"text": stream.text, "blocks": stream.blocks()}
    call.workspace.announce(MessageStreamed(channel, message))
    return {"channel": channel.id, "ts": message["ts"]}


@method("chat.stopStream", tokens=("bot",), scope="chat:write")
def stop(call: Call) -> Payload:
    """Adds the last of it and finishes the message, with `blocks` at the end."""
    channel, message, stream = _streaming(call)
    chunks = _chunks(call)
    given = call.arguments.structure("blocks", "invalid_blocks_format")
    last_blocks = checked_blocks(given) if given else []
    metadata = call.arguments.structure("metadata", "invalid_metadata_format")
    if isinstance(metadata, dict):
        message["metadata"] = metadata
    _add(stream, chunks)
    call.context.streams.end(channel.id, message["ts"], last_blocks)
    return {"channel": channel.id, "ts": message["ts"], "message": messages.shown(channel, message)}


def _check_recipient(call: Call, channel: Channel) -> None:
    if channel.kind == "im":
        return
    recipient, team = call.arguments.text("recipient_user_id"), call.arguments.text("recipient_team_id")
    if not recipient:
        raise SlackError("missing_recipient_user_id")
    if not team:
        raise SlackError("missing_recipient_team_id")
    if team != call.workspace.team.id:
        raise SlackError("team_not_found")
    call.workspace.person(recipient)


def _chunks(call: Call) -> list[Payload]:
    """What to append: the chunks, or the markdown text as one. Raises ``invalid_chunks`` or ``msg_too_long``."""
    markdown = call.arguments.text("markdown_text")
    chunks = call.arguments.structure("chunks", "invalid_chunks") or []
    if not isinstance(chunks, list) or not all(isinstance(chunk, dict) for chunk in chunks):
        raise SlackError("invalid_chunks")
    if markdown:
        chunks = [{"type": "markdown_text", "text": markdown}, *chunks]
    length = sum(len(str(chunk.get("text", ""))) for chunk in chunks if chunk.get("type") == "markdown_text")
    if length > MAX_MARKDOWN_TEXT:
        raise SlackError("msg_too_long")
    return chunks


def _streaming(call: Call) -> tuple[Channel, Payload, Stream]:
    """The message and its stream. Raises ``message_not_in_streaming_state`` for one that is finished or too old."""
    channel = call.workspace.joined_channel(call.caller.id, call.arguments.required("channel"))
    message = messages.find(channel, call.arguments.required("ts"))
    if message["user"] != call.caller.id:
        raise SlackError("message_not_owned_by_app")
    stream = call.context.streams.find(channel.id, message["ts"])
    if stream is None:
        raise SlackError("message_not_in_streaming_state")
    return channel, message, stream


def _add(stream: Stream, chunks: list[Payload]) -> None:
    added = sum(len(str(chunk.get("text", ""))) for chunk in chunks if chunk.get("type") == "markdown_text")
    if len(stream.text) + added > MAX_TEXT:
        raise SlackError("msg_too_long")
    for chunk in chunks:
        stream.add_chunk(chunk)
