"""conversations.* that read: lists, facts, members, history and threads; and users.conversations."""

from bot.sandbox import messages
from bot.sandbox.model import Channel, Payload
from bot.sandbox.payloads import shown_channel
from bot.sandbox.web_api.paging import page_of
from bot.sandbox.web_api.registry import Arguments, Call, method
from bot.sandbox.workspace import SlackError

_TYPES = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}


@method("conversations.list")
def conversations_list(call: Call) -> Payload:
    """Public channels, and the private and direct ones that the caller is in, by `types`."""
    return _listed(call, call.caller.id, only_joined=False)


@method("users.conversations")
def users_conversations(call: Call) -> Payload:
    """The conversations that a person is in, as far as the caller may see them."""
    person = call.workspace.person(call.arguments.text("user", call.caller.id))
    return _listed(call, person.id, only_joined=True)


@method("conversations.info")
def conversations_info(call: Call) -> Payload:
    """One conversation."""
    channel = call.readable()
    shown = shown_channel(call.workspace, channel, call.caller.id)
    if channel.last_read.get(call.caller.id):
        shown["last_read"] = channel.last_read[call.caller.id]
    return {"channel": shown}


@method("conversations.members")
def conversations_members(call: Call) -> Payload:
    """Who is in it."""
    channel = call.readable()
    page, metadata = page_of(channel.members, call.arguments, lambda member: member)
    return {"members": page, "response_metadata": metadata}


@method("conversations.history")
def conversations_history(call: Call) -> Payload:
    """Messages, newest first; replies stay in their threads."""
    channel = call.history_of()
    loose = [each for each in channel.messages.values() if _in_channel(each)]
    wanted = _between(sorted(loose, key=lambda each: str(each["ts"]), reverse=True), call.arguments)
    page, metadata = page_of(wanted, call.arguments, lambda each: str(each["ts"]))
    return _messages_answer(channel, page, metadata) | {"pin_count": 0}


@method("conversations.replies")
def conversations_replies(call: Call) -> Payload:
    """A thread: its first message, then the replies in order."""
    channel = call.history_of()
    ts = call.arguments.required("ts")
    first = channel.messages.get(ts)
    if first is None:
        raise SlackError("thread_not_found")
    replies = [channel.messages[each] for each in sorted(channel.threads.get(ts, ()))]
    wanted = _between([first, *replies], call.arguments, always=ts)
    page, metadata = page_of(wanted, call.arguments, lambda each: str(each["ts"]))
    return _messages_answer(channel, page, metadata)


def _listed(call: Call, viewer_id: str, *, only_joined: bool) -> Payload:
    kinds = _kinds(call)
    for kind, scope in (
        ("public", "channels:read"),
        ("private", "groups:read"),
        ("im", "im:read"),
        ("mpim", "mpim:read"),
    ):
        if kind in kinds:
            call.need_scope(scope)
    skip_archived = call.arguments.flag("exclude_archived")
    wanted = [
        channel
        for channel in call.workspace.channels.values()
        if channel.kind in kinds
        and call.workspace.may_see(call.caller.id, channel)
        and (viewer_id in channel.members or (not only_joined and not channel.is_direct))
        and not (skip_archived and channel.is_archived)
    ]
    page, metadata = page_of(wanted, call.arguments, lambda channel: channel.id)
    shown = [shown_channel(call.workspace, channel, viewer_id) for channel in page]
    return {"channels": shown, "response_metadata": metadata}


def _kinds(call: Call) -> set[str]:
    names = call.arguments.names("types") or ["public_channel"]
    if any(name not in _TYPES for name in names):
        raise SlackError("invalid_types")
    return {_TYPES[name] for name in names}


def _in_channel(message: Payload) -> bool:
    """Replies stay in their thread, unless they were also sent to the channel."""
    is_reply = message.get("thread_ts", message["ts"]) != message["ts"]
    return not is_reply or message.get("subtype") == "thread_broadcast"


def _between(found: list[Payload], arguments: Arguments, always: str = "") -> list[Payload]:
    oldest, latest = arguments.text("oldest"), arguments.text("latest")
    for bound in (oldest, latest):
        if bound and not bound.replace(".", "", 1).isdigit():
            raise SlackError("invalid_ts_oldest" if bound == oldest else "invalid_ts_latest")
    inclusive = arguments.flag("inclusive")

    def wanted(ts: str) -> bool:
        if ts == always or (inclusive and ts in (oldest, latest)):
            return True
        return (not oldest or float(ts) > float(oldest)) and (not latest or float(ts) < float(latest))

    return [message for message in found if wanted(message["ts"])]


def _messages_answer(channel: Channel, page: list[Payload], metadata: Payload) -> Payload:
    shown = [messages.shown(channel, message) for message in page]
    more = bool(metadata["next_cursor"])
    return {"messages": shown, "has_more": more} | ({"response_metadata": metadata} if more else {})
