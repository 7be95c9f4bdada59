"""Messages that one person sees and nobody keeps."""

import time
from collections import OrderedDict

from bot.sandbox import messages
from bot.sandbox.ids import timestamp
from bot.sandbox.model import Channel, Payload
from bot.sandbox.page_hub import PageHub
from bot.sandbox.workspace import SlackError, Workspace

_KEPT = 500


def compose(workspace: Workspace, content: Payload, thread_ts: str | None) -> Payload:
    """An ephemeral message of the bot; `content` has `text`, `blocks` and `attachments`."""
    message: Payload = {
        "type": "message",
        "subtype": "bot_message",
        "is_ephemeral": True,
        "ts": timestamp(time.time()),
        "user": workspace.app.bot_user_id,
        "team": workspace.team.id,
    }
    message |= messages.author_fields(workspace, workspace.app.bot_user_id)
    message |= {key: value for key, value in content.items() if value}
    message.setdefault("text", "")
    if thread_ts:
        message["thread_ts"] = thread_ts
    return message


class Ephemerals:
    """Shows them on the page, and remembers the latest for as long as somebody may press their buttons."""

    def __init__(self, hub: PageHub) -> None:
        self._hub = hub
        self._shown: OrderedDict[tuple[str, str, str], Payload] = OrderedDict()

    def show(self, channel: Channel, person_id: str, message: Payload) -> None:
        """Shows a message to one person."""
        self._shown[channel.id, person_id, message["ts"]] = message
        while len(self._shown) > _KEPT:
            self._shown.popitem(last=False)
        self._push(channel, person_id, message)

    def find(self, channel: Channel, person_id: str, ts: str) -> Payload | None:
        """The message, if this person was shown it and it has not been forgotten."""
        return self._shown.get((channel.id, person_id, ts))

    def replace(self, channel: Channel, person_id: str, ts: str, content: Payload) -> None:
        """Raises SlackError ``message_not_found``."""
        message = self.find(channel, person_id, ts)
        if message is None:
            raise SlackError("message_not_found")
        for key, value in content.items():
            if value:
                message[key] = value
            else:
                message.pop(key, None)
        message.setdefault("text", "")
        self._push(channel, person_id, message, replace_original=True)

    def delete(self, channel: Channel, person_id: str, ts: str) -> None:
        """Takes a message off the person's page."""
        message = self._shown.pop((channel.id, person_id, ts), None)
        if message is not None:
            self._push(channel, person_id, message, delete_original=True)

    def _push(self, channel: Channel, person_id: str, message: Payload, **flags: bool) -> None:
        notice = {"type": "ephemeral", "channel": channel.id, "message": dict(message), **flags}
        self._hub.push(person_id, notice)
