"""Who the bot is in its workspace, as Slack told it when it joined."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Identity:
    """The bot's ids. `url` is the workspace's address, ending with a slash."""

    workspace_id: str
    workspace_name: str
    bot_user_id: str
    bot_id: str
    url: str

    def is_me(self, payload: dict[str, Any]) -> bool:
        """Whether an event, or a message in one, comes from this bot itself."""
        return payload.get("user") == self.bot_user_id or bool(self.bot_id and payload.get("bot_id") == self.bot_id)

    def permalink(self, channel_id: str, ts: str, thread_ts: str = "") -> str:
        """The address of a message; a reply's address opens its thread."""
        link = f"{self.url}archives/{channel_id}/p{ts.replace('.', '')}"
        return f"{link}?thread_ts={thread_ts}&cid={channel_id}" if thread_ts and thread_ts != ts else link
