"""Events that nobody could finish still hold what was said: of those about something forgotten the frame stays."""

from collections.abc import Callable
from typing import Any

from core.records.tombstones import Forgotten, Tombstone
from core.records.unit_of_work import UnitOfWork

IsAbout = Callable[[dict[str, Any]], bool]

FRAME = frozenset(
    (
        *("type", "subtype", "ts", "thread_ts", "deleted_ts", "event_ts", "event_time", "event_id", "hidden", "edited"),
        *("channel", "channel_id", "channel_type", "user", "user_id", "bot_id", "team", "team_id", "file_id", "id"),
        *("event", "message", "previous_message", "item", "reaction", "api_app_id", "is_ext_shared_channel"),
    )
)
"""Parts of an event that hold ids and kinds, or other parts: what it takes to handle it once more."""


def empty_heard_events(work: UnitOfWork, tombstone: Tombstone) -> None:
    """Take the words out of unfinished events, as far as they are about what is forgotten."""
    is_about = _is_about(tombstone)
    for event in work.heard_events.with_payload(tombstone.workspace_id):
        if event.payload and (event.heard_at <= tombstone.made_at or tombstone.kind is Forgotten.MESSAGE):
            emptied = without_words(event.payload, is_about)
            if emptied != event.payload:
                work.heard_events.keep_of(event, emptied)


def without_words(part: Any, is_about: IsAbout) -> Any:
    """The event without what those of its parts say that are about something."""
    if isinstance(part, list):
        return [without_words(each, is_about) for each in part]
    if not isinstance(part, dict):
        return part
    kept = part.keys() & FRAME if is_about(part) else part.keys()
    return {name: without_words(each, is_about) for name, each in part.items() if name in kept}


def _is_about(tombstone: Tombstone) -> IsAbout:
    subject = tombstone.subject
    match tombstone.kind:
        case Forgotten.MESSAGE:
            ts = subject.rpartition(":")[2]
            return lambda part: ts in (part.get("ts"), part.get("deleted_ts"))
        case Forgotten.FILE:
            return lambda part: subject in (part.get("id"), part.get("file_id"))
        case Forgotten.CHANNEL:
            return lambda part: subject in (part.get("channel"), part.get("channel_id"))
        case Forgotten.PERSON:
            return lambda part: subject in (part.get("user"), part.get("user_id"))
        case Forgotten.WORKSPACE:
            return bool
    return lambda part: not part
