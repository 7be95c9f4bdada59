"""Which of two states of a Slack message is the newer one."""

import re
from typing import Any

Payload = dict[str, Any]

_TS = re.compile(r"\d{1,10}\.\d{1,9}")


def revision_of(message: Payload, told_at: str = "") -> str:
    """The Slack ts since when the message stands as it does; `told_at` is that of the event which told of it, if any.

    Slack dates an edit in whole seconds, so that it may seem older than the message, and as old as the edit before.
    """
    edited = message.get("edited")
    edited_at = edited.get("ts") if isinstance(edited, dict) else ""
    known = [ts for ts in (message["ts"], edited_at, told_at) if isinstance(ts, str) and _TS.fullmatch(ts)]
    return max(known, key=float)
