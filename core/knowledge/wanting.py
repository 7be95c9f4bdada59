"""Which documents a message or a file stands in: they ought to be indexed anew when it changes."""

from datetime import UTC, datetime, timedelta

from core.records.base import utc_now
from core.records.documents import Document, DocumentKind, document_id
from core.records.files import READABLE
from core.records.messages import Message
from core.records.tombstones import Forgotten
from core.records.unit_of_work import UnitOfWork
from core.records.workspaces import Channel

LIVE_FOR = timedelta(hours=1)
"""Messages older than this when they are heard wait behind new ones."""


def moment_of(ts: str) -> datetime:
    """When that was, by a Slack ts."""
    return datetime.fromtimestamp(float(ts), UTC)


def day_of(ts: str) -> str:
    """The UTC date of a Slack ts, as 2026-03-01."""
    return moment_of(ts).date().isoformat()


def want_documents_of(
    work: UnitOfWork, channel: Channel, ts: str, thread_ts: str, changed_at: datetime | None = None
) -> None:
    """A message stands in its thread's document if it has one, else in its day's; a first reply moves its root.

    `changed_at` is when it came to say what it says; just now, unless given.
    """
    can_wait = _is_past(changed_at)
    root_ts = thread_ts or ts
    replied_to = work.messages.has_replies(channel.workspace_id, channel.id, root_ts)
    thread_key = f"{channel.id}:{root_ts}"
    has_thread = work.documents.get(document_id(channel.workspace_id, DocumentKind.THREAD, thread_key)) is not None
    if replied_to or has_thread:
        _want(work, channel, DocumentKind.THREAD, thread_key, can_wait=can_wait)
    if not thread_ts or not replied_to or not has_thread:
        _want(work, channel, DocumentKind.DAY, f"{channel.id}:{day_of(root_ts)}", can_wait=can_wait)


def documents_that_held(work: UnitOfWork, message: Message) -> list[Document]:
    """The documents that the message stands in, or stood in before it had a reply."""
    channel_id, root_ts = message.channel_id, message.thread_ts or message.ts
    keys = [(DocumentKind.DAY, f"{channel_id}:{message.day}"), (DocumentKind.THREAD, f"{channel_id}:{root_ts}")]
    known = [work.documents.get(document_id(message.workspace_id, kind, key)) for kind, key in keys]
    return [document for document in known if document is not None]


def want_file_documents(work: UnitOfWork, workspace_id: str, file_id: str) -> None:
    """One document for each channel where the file stands, and none where it no longer does."""
    file = work.files.ensure(workspace_id, file_id)
    standing = set()
    for channel_id in work.files.channels_of(workspace_id, file_id):
        channel = work.workspaces.channel(workspace_id, channel_id)
        if channel is not None and channel.has_bot and file.deleted_at is None:
            standing.add(file_key(file_id, channel.id))
            if file.state in READABLE:
                can_wait = _is_past(file.shared_at)
                _want(work, channel, DocumentKind.FILE, file_key(file_id, channel.id), can_wait=can_wait)
    for document in work.documents.of_file(workspace_id, file_id):
        if document.key not in standing and not document.gone:
            work.documents.unwant(document)
            work.tombstones.put(workspace_id, Forgotten.DOCUMENT, document.id)
    if not standing:
        work.tombstones.put(workspace_id, Forgotten.FILE, file_id)


def file_key(file_id: str, channel_id: str) -> str:
    """The key of the document that a file is in a channel."""
    return f"{file_id}:{channel_id}"


def _is_past(changed_at: datetime | None) -> bool:
    return changed_at is not None and utc_now() - changed_at > LIVE_FOR


def _want(work: UnitOfWork, channel: Channel, kind: DocumentKind, key: str, *, can_wait: bool) -> None:
    where = {"channel_id": channel.id, "audience": channel.audience}
    work.documents.want(channel.workspace_id, kind, key, **where, can_wait=can_wait)
