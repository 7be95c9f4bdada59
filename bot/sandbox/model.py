"""What a workspace is made of. Messages are kept in the very form in which Slack shows them."""

from dataclasses import dataclass, field
from typing import Any, Literal

Payload = dict[str, Any]
"""A JSON object as Slack documents it."""

ChannelKind = Literal["public", "private", "im", "mpim"]


@dataclass
class Team:
    """The workspace's own name and address."""

    id: str
    name: str
    domain: str


@dataclass
class Person:
    """A member of the workspace; the bot is one too, with `is_bot` set."""

    id: str
    name: str
    real_name: str
    title: str = ""
    color: str = "4bbe2e"
    is_admin: bool = False
    is_guest: bool = False
    is_bot: bool = False
    deleted: bool = False
    updated: int = 0


@dataclass
class Channel:
    """A conversation of any kind, with everything said in it."""

    id: str
    name: str
    kind: ChannelKind
    creator: str
    created: int
    members: list[str] = field(default_factory=list)
    topic: str = ""
    purpose: str = ""
    is_general: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False
    messages: dict[str, Payload] = field(default_factory=dict)
    threads: dict[str, list[str]] = field(default_factory=dict)
    """The timestamps of the replies to each message that has any, in the order they were posted."""
    last_read: dict[str, str] = field(default_factory=dict)

    @property
    def is_direct(self) -> bool:
        """Whether this is a direct conversation rather than a channel."""
        return self.kind in ("im", "mpim")

    @property
    def event_type(self) -> str:
        """The `channel_type` that Slack puts into this conversation's message events."""
        return {"public": "channel", "private": "group", "im": "im", "mpim": "mpim"}[self.kind]


@dataclass
class SharedFile:
    """An uploaded file. Its bytes lie in the file store under its id."""

    id: str
    name: str
    title: str
    owner: str
    created: int
    size: int
    mimetype: str
    filetype: str
    pretty_type: str
    shares: dict[str, list[str]] = field(default_factory=dict)
    """Channel id → timestamps of the messages that carry the file."""
    is_complete: bool = False
    details: Payload = field(default_factory=dict)
    """What Slack shows differently for this file: canvases, posts, e-mails and files that lie elsewhere."""
