"""assistant.threads.*: the status line, suggested prompts and titles of conversations with the bot."""

from bot.sandbox.model import Channel, Payload
from bot.sandbox.web_api.registry import Call, method
from bot.sandbox.workspace import SlackError

_MAX_PROMPTS = 4


@method("assistant.threads.setStatus", tokens=("bot",), scope="chat:write")
def set_status(call: Call) -> Payload:
    """Shows what the bot is doing under a thread. Refuses with ``invalid_thread_ts``."""
    channel, thread_ts = _thread(call)
    call.context.statuses.set(channel, thread_ts, call.arguments.text("status"))
    return {}


@method("assistant.threads.setSuggestedPrompts", tokens=("bot",), scope="assistant:write")
def set_suggested_prompts(call: Call) -> Payload:
    """Offers up to four prompts in a conversation with the bot."""
    channel = call.workspace.joined_channel(call.caller.id, call.arguments.required("channel_id"))
    prompts = call.arguments.structure("prompts")
    if not isinstance(prompts, list) or not 1 <= len(prompts) <= _MAX_PROMPTS:
        raise SlackError("invalid_arguments")
    if not all(isinstance(each, dict) and each.get("title") and each.get("message") for each in prompts):
        raise SlackError("invalid_arguments")
    notice = {
        "type": "suggested_prompts",
        "channel": channel.id,
        "thread_ts": call.arguments.text("thread_ts") or None,
        "title": call.arguments.text("title"),
        "prompts": prompts,
    }
    call.context.hub.push_to_channel(channel, notice)
    return {}


@method("assistant.threads.setTitle", tokens=("bot",), scope="assistant:write")
def set_title(call: Call) -> Payload:
    """Accepts a thread's title; the page does not show it."""
    _thread(call)
    call.arguments.required("title")
    return {}


def _thread(call: Call) -> tuple[Channel, str]:
    channel = call.workspace.joined_channel(call.caller.id, call.arguments.required("channel_id"))
    thread_ts = call.arguments.required("thread_ts")
    if thread_ts not in channel.messages:
        raise SlackError("invalid_thread_ts")
    return channel, thread_ts
