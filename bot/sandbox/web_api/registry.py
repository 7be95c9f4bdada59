"""The table of Web API methods, and what a method is given when it is called."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from bot.sandbox.context import Context
from bot.sandbox.model import Channel, Payload, Person
from bot.sandbox.workspace import SlackError, Workspace

TokenKind = Literal["bot", "person", "app"]

_READ_SCOPES = {"public": "channels:read", "private": "groups:read", "im": "im:read", "mpim": "mpim:read"}
_HISTORY_SCOPES = {
    "public": "channels:history",
    "private": "groups:history",
    "im": "im:history",
    "mpim": "mpim:history",
}
_WRITE_SCOPES = {
    "public": "channels:manage",
    "private": "groups:write",
    "im": "im:write",
    "mpim": "mpim:write",
}


@dataclass(frozen=True)
class Arguments:
    """The arguments of one call, whether they came as JSON, as a form or in the query."""

    values: Payload

    def text(self, name: str, default: str = "") -> str:
        """The argument as text; `default` when it is missing."""
        value = self.values.get(name)
        return default if value is None else str(value)

    def required(self, name: str) -> str:
        """Raises SlackError ``invalid_arguments`` naming the argument."""
        value = self.text(name)
        if not value:
            complaint = f"[ERROR] missing required field: {name}"
            raise SlackError("invalid_arguments", response_metadata={"messages": [complaint]})
        return value

    def flag(self, name: str) -> bool:
        """Whether the argument is true, in any of Slack's spellings."""
        return str(self.values.get(name, "")).lower() in ("1", "true")

    def structure(self, name: str, error: str = "invalid_json") -> object:
        """A JSON value, given as such or as its text; None when it is missing. Raises SlackError `error`."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            decoded: object = json.loads(value)
        except json.JSONDecodeError:
            raise SlackError(error) from None
        return decoded

    def names(self, name: str) -> list[str]:
        """A list given as JSON or separated by commas."""
        value = self.values.get(name)
        if isinstance(value, list):
            return [str(each) for each in value]
        return [each.strip() for each in self.text(name).split(",") if each.strip()]

    def number(self, name: str, default: int, *, least: int = 1, most: int = 1000) -> int:
        """Raises SlackError ``invalid_limit`` for what is not a number in the range."""
        text = self.text(name)
        if not text:
            return default
        try:
            value = int(text)
        except ValueError:
            raise SlackError("invalid_limit") from None
        if value == 0:
            return default
        if not least <= value <= most:
            raise SlackError("invalid_limit")
        return value


@dataclass(frozen=True)
class Call:
    """One call: who makes it, with which arguments, in which sandbox."""

    context: Context
    kind: TokenKind
    caller: Person
    arguments: Arguments

    @property
    def workspace(self) -> Workspace:
        """The state that the call is about."""
        return self.context.workspace

    def need_scope(self, scope: str) -> None:
        """Raises SlackError ``missing_scope`` when a bot's manifest does not ask for the scope."""
        if self.kind == "bot" and not self.context.manifest.grants(scope):
            provided = ",".join(sorted(self.context.manifest.scopes or ()))
            raise SlackError("missing_scope", needed=scope, provided=provided)

    def readable(self, argument: str = "channel") -> Channel:
        """The conversation named by the argument, for its facts. Raises ``channel_not_found`` or ``missing_scope``."""
        channel = self.workspace.visible_channel(self.caller.id, self.arguments.required(argument))
        self.need_scope(_READ_SCOPES[channel.kind])
        return channel

    def history_of(self, argument: str = "channel") -> Channel:
        """The same for its messages: bots must be in it (``not_in_channel``); people may look into public ones."""
        channel = self.workspace.visible_channel(self.caller.id, self.arguments.required(argument))
        self.need_scope(_HISTORY_SCOPES[channel.kind])
        if self.kind == "bot" and self.caller.id not in channel.members:
            raise SlackError("not_in_channel")
        return channel

    def managed(self, argument: str = "channel") -> Channel:
        """The same for changing it; the caller must be in it."""
        channel = self.workspace.joined_channel(self.caller.id, self.arguments.required(argument))
        self.need_scope(_WRITE_SCOPES[channel.kind])
        return channel


Handler = Callable[[Call], Awaitable[Payload] | Payload]


@dataclass(frozen=True)
class Method:
    """A method, who may call it, and the scope it needs."""

    handler: Handler
    tokens: frozenset[TokenKind]
    scope: str | None


METHODS: dict[str, Method] = {}


def method(
    name: str, *, tokens: tuple[TokenKind, ...] = ("bot", "person"), scope: str | None = None
) -> Callable[[Handler], Handler]:
    """Registers a Web API method: which tokens may call it, and the scope that a bot needs."""

    def register(handler: Handler) -> Handler:
        METHODS[name] = Method(handler, frozenset(tokens), scope)
        return handler

    return register
