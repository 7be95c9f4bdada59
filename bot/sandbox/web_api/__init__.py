"""Slack's Web API, one module for each family of methods; importing this package fills the table."""

from bot.sandbox.web_api import (
    assistant,
    auth,
    canvases,
    chat,
    conversations,
    files,
    membership,
    reactions,
    streaming,
    users,
    views,
)
from bot.sandbox.web_api.registry import METHODS, Arguments, Call, Method, TokenKind

__all__ = [
    "METHODS",
    "Arguments",
    "Call",
    "Method",
    "TokenKind",
    "assistant",
    "auth",
    "canvases",
    "chat",
    "conversations",
    "files",
    "membership",
    "reactions",
    "streaming",
    "users",
    "views",
]
