"""reactions.*."""

from bot.sandbox import messages
from bot.sandbox.model import Channel, Payload
from bot.sandbox.web_api.registry import Call, method
from bot.sandbox.workspace import SlackError


@method("reactions.add", scope="reactions:write")
def add(call: Call) -> Payload:
    """Puts the caller's reaction on a message."""
    channel, message = _reacted(call)
    if channel.is_archived:
        raise SlackError("is_archived")
    messages.react(call.workspace, channel, message, call.caller.id, call.arguments.required("name"))
    return {}


@method("reactions.remove", scope="reactions:write")
def remove(call: Call) -> Payload:
    """Takes the caller's reaction back."""
    channel, message = _reacted(call)
    messages.unreact(call.workspace, channel, message, call.caller.id, call.arguments.required("name"))
    return {}


@method("reactions.get", scope="reactions:read")
def get(call: Call) -> Payload:
    """A message with its reactions."""
    channel, message = _reacted(call)
    shown = messages.shown(channel, message)
    shown["permalink"] = messages.permalink(call.workspace, channel, message)
    return {"type": "message", "channel": channel.id, "message": shown}


def _reacted(call: Call) -> tuple[Channel, Payload]:
    channel = call.workspace.visible_channel(call.caller.id, call.arguments.required("channel"))
    if call.caller.id not in channel.members:
        raise SlackError("not_in_channel")
    return channel, messages.find(channel, call.arguments.required("timestamp"))
