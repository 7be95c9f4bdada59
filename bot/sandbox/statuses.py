"""The line under a thread that says what the bot is doing: set by it, gone when it answers or after two minutes."""

import asyncio

from bot.sandbox.changes import Change, MessagePosted
from bot.sandbox.model import Channel
from bot.sandbox.page_hub import PageHub
from bot.sandbox.workspace import Workspace

LIFETIME_SECONDS = 120.0


class Statuses:
    """The current status lines."""

    def __init__(self, workspace: Workspace, hub: PageHub) -> None:
        self._workspace = workspace
        self._hub = hub
        self._current: dict[tuple[str, str], asyncio.TimerHandle] = {}

    def set(self, channel: Channel, thread_ts: str, status: str) -> None:
        """An empty status takes the line away."""
        timer = self._current.pop((channel.id, thread_ts), None)
        if timer is not None:
            timer.cancel()
        if status:
            loop = asyncio.get_running_loop()
            expiry = loop.call_later(LIFETIME_SECONDS, self.set, channel, thread_ts, "")
            self._current[channel.id, thread_ts] = expiry
        notice = {"type": "status", "channel": channel.id, "thread_ts": thread_ts, "status": status}
        self._hub.push_to_channel(channel, notice)

    def hear(self, change: Change) -> None:
        """Takes the line away when the bot answers in the thread."""
        if isinstance(change, MessagePosted) and self._workspace.is_bot(change.message["user"]):
            thread_ts = change.message.get("thread_ts", "")
            if (change.channel.id, thread_ts) in self._current:
                self.set(change.channel, thread_ts, "")

    def stop(self) -> None:
        """Forgets the timers."""
        for timer in self._current.values():
            timer.cancel()
