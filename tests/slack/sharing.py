"""Files of every kind in a workplace: shared there, and as the record knows them."""

from typing import Any

from bot.sandbox import files
from bot.sandbox.messages import Draft
from bot.sandbox.model import Channel, SharedFile
from core.records.files import SharedFile as RecordedFile
from tests.slack.workplace import Workplace


def share(
    place: Workplace,
    channel: Channel,
    name: str,
    content: bytes,
    thread_ts: str | None = None,
    posted_at: float | None = None,
    **details: Any,
) -> SharedFile:
    """What people cannot upload over the Web API: files that Slack makes itself, or only points to."""
    workspace = place.sandbox.workspace
    file = files.begin(workspace, place.sandbox.person("ana").id, name, max(1, len(content)))
    file.is_complete, file.details = True, details
    place.sandbox.context.file_store.path(file.id).write_bytes(content)
    files.share(workspace, channel, file.owner, [file], Draft("", thread_ts=thread_ts, posted_at=posted_at))
    return file


def recorded(place: Workplace, file: SharedFile) -> RecordedFile | None:
    with place.services.record() as work:
        return work.files.get(place.workspace_id, file.id)
