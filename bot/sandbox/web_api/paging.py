"""Cursors: opaque, and good for the list they came from."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

from bot.sandbox.model import Payload
from bot.sandbox.web_api.registry import Arguments
from bot.sandbox.workspace import SlackError

Item = TypeVar("Item")


def page_of(
    items: Sequence[Item], arguments: Arguments, key: Callable[[Item], str], *, default: int = 100
) -> tuple[list[Item], Payload]:
    """The asked-for page and the `response_metadata` with the next cursor.

    A cursor names the first item of its page by `key`, so that what was added meanwhile shifts nothing.
    Raises SlackError ``invalid_cursor`` or ``invalid_limit``.
    """
    limit = arguments.number("limit", default)
    start = 0
    cursor = arguments.text("cursor")
    if cursor:
        wanted = _decode(cursor)
        start = next((index for index, item in enumerate(items) if key(item) == wanted), -1)
        if start < 0:
            raise SlackError("invalid_cursor")
    end = start + limit
    following = _encode(key(items[end])) if end < len(items) else ""
    return list(items[start:end]), {"next_cursor": following}


def _encode(key: str) -> str:
    return base64.b64encode(f"next:{key}".encode()).decode()


def _decode(cursor: str) -> str:
    try:
        text = base64.b64decode(cursor, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise SlackError("invalid_cursor") from None
    if not text.startswith("next:"):
        raise SlackError("invalid_cursor")
    return text.removeprefix("next:")
