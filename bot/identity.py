"""Who the bot is in its workspace, as Slack told it when it joined."""

from dataclasses import dataclass
from typing import Any

from core.knowledge.slack_payloads import is_by, message_permalink


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
        return is_by(payload, self.bot_user_id, self.bot_id)

    def permalink(self, channel_id: str, ts: str, thread_ts: str = "") -> str:
        """The address of a message; a reply's address opens its thread."""
        return message_permalink(self.url, channel_id, ts, thread_ts)
