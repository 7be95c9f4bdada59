"""What was heard becomes rows, in one transaction: messages and files, and the documents that ought to be indexed."""

from dataclasses import dataclass
from datetime import UTC, datetime

from core.records.base import utc_now
from core.records.documents import DocumentKind, document_id
from core.records.files import FileState
from core.records.messages import Message
from core.records.unit_of_work import Record, UnitOfWork
from core.records.workspaces import Channel, ChannelKind


@dataclass(frozen=True)
class HeardFile:
    """A file as it was shared. `download_url` is empty for what only has a link elsewhere."""

    id: str
    name: str
    mimetype: str
    size: int
    download_url: str
    permalink: str
    person_id: str


@dataclass(frozen=True)
class HeardMessage:
    """A message as it stands now. `revision` is the Slack ts of this state of it: of the edit, or of the message."""

    workspace_id: str
    channel_id: str
    channel_kind: ChannelKind
    ts: str
    thread_ts: str
    person_id: str
    text: str
    permalink: str
    revision: str
    asks_journeyman: bool = False
    files: tuple[HeardFile, ...] = ()


def day_of(ts: str) -> str:
    """The UTC date of a Slack ts, as 2026-03-01."""
    return datetime.fromtimestamp(float(ts), UTC).date().isoformat()


def hear_message(record: Record, heard: HeardMessage) -> bool:
    """Record a message or a newer revision of it; False when nothing changed because something newer is known."""
    with record() as work:
        channel = work.workspaces.ensure_channel(heard.workspace_id, heard.channel_id, heard.channel_kind)
        if not channel.is_listened_to or not _is_news(work, heard):
            return False
        _keep(work, heard)
        _want_documents_of(work, channel, heard.ts, heard.thread_ts)
        for file in heard.files:
            _keep_file(work, channel, file, heard.ts, heard.thread_ts)
        work.commit()
    return True


def hear_deletion(record: Record, heard: HeardMessage) -> None:
    """Record that a message is gone, also when it was never heard itself: its late arrival then changes nothing."""
    with record() as work:
        channel = work.workspaces.ensure_channel(heard.workspace_id, heard.channel_id, heard.channel_kind)
        message = _keep(work, heard)
        message.deleted_at = utc_now()
        message.text = ""
        _want_documents_of(work, channel, message.ts, message.thread_ts)
        for share in work.files.shared_with_message(heard.workspace_id, heard.channel_id, heard.ts):
            work.files.unshare(share)
            _want_file_documents(work, heard.workspace_id, share.file_id)
        work.commit()


def mark_as_question(work: UnitOfWork, workspace_id: str, channel_id: str, ts: str) -> None:
    """The message turned out to be said to the bot: it is no source."""
    message = work.messages.get(workspace_id, channel_id, ts)
    channel = work.workspaces.channel(workspace_id, channel_id)
    if message is not None and channel is not None and not message.asks_journeyman:
        message.asks_journeyman = True
        _want_documents_of(work, channel, message.ts, message.thread_ts)


def _is_news(work: UnitOfWork, heard: HeardMessage) -> bool:
    known = work.messages.get(heard.workspace_id, heard.channel_id, heard.ts)
    return known is None or (known.deleted_at is None and float(known.revision) < float(heard.revision))


def _keep(work: UnitOfWork, heard: HeardMessage) -> Message:
    message = work.messages.get(heard.workspace_id, heard.channel_id, heard.ts)
    if message is None:
        message = Message(
            workspace_id=heard.workspace_id,
            channel_id=heard.channel_id,
            ts=heard.ts,
            day=day_of(heard.ts),
            thread_ts=heard.thread_ts,
            revision=heard.revision,
            asks_journeyman=heard.asks_journeyman,
        )
        work.messages.add(message)
    message.thread_ts = heard.thread_ts or message.thread_ts
    message.person_id = heard.person_id or message.person_id
    message.permalink = heard.permalink or message.permalink
    message.asks_journeyman = message.asks_journeyman or heard.asks_journeyman
    message.text, message.revision = heard.text, heard.revision
    return message


def _want_documents_of(work: UnitOfWork, channel: Channel, ts: str, thread_ts: str) -> None:
    """A message stands in its thread's document if it has one, else in its day's; a first reply moves its root."""
    root_ts = thread_ts or ts
    replied_to = work.messages.has_replies(channel.workspace_id, channel.id, root_ts)
    thread_key = f"{channel.id}:{root_ts}"
    has_thread = work.documents.get(document_id(channel.workspace_id, DocumentKind.THREAD, thread_key)) is not None
    if replied_to or has_thread:
        _want(work, channel, DocumentKind.THREAD, thread_key)
    if not thread_ts or not replied_to or not has_thread:
        _want(work, channel, DocumentKind.DAY, f"{channel.id}:{day_of(root_ts)}")


def _want(work: UnitOfWork, channel: Channel, kind: DocumentKind, key: str) -> None:
    work.documents.want(channel.workspace_id, kind, key, channel_id=channel.id, audience=channel.audience)


def hear_file(
    record: Record, workspace_id: str, channel_id: str, channel_kind: ChannelKind, file: HeardFile, message_ts: str
) -> None:
    """Record a file that was shared in a channel."""
    with record() as work:
        channel = work.workspaces.ensure_channel(workspace_id, channel_id, channel_kind)
        if channel.is_listened_to:
            _keep_file(work, channel, file, message_ts, "")
            work.commit()


def hear_file_deleted(record: Record, workspace_id: str, file_id: str) -> None:
    """Record that a file is gone, also when it was never heard of."""
    with record() as work:
        file = work.files.ensure(workspace_id, file_id)
        file.deleted_at = utc_now()
        _want_file_documents(work, workspace_id, file_id)
        work.commit()


def file_stored(record: Record, workspace_id: str, file_id: str, blob: str) -> None:
    """The file's bytes are at `blob` (relative to the blob folder): its documents can be indexed."""
    with record() as work:
        file = work.files.ensure(workspace_id, file_id)
        file.state, file.blob, file.problem = FileState.STORED, blob, ""
        _want_file_documents(work, workspace_id, file_id)
        work.commit()


def _keep_file(work: UnitOfWork, channel: Channel, heard: HeardFile, message_ts: str, thread_ts: str) -> None:
    file = work.files.ensure(channel.workspace_id, heard.id)
    if file.deleted_at is not None:
        return
    file.name, file.mimetype, file.size = heard.name or file.name, heard.mimetype or file.mimetype, heard.size
    file.download_url = heard.download_url or file.download_url
    file.permalink = heard.permalink or file.permalink
    file.person_id = heard.person_id or file.person_id
    work.files.share(channel.workspace_id, heard.id, channel.id, message_ts, thread_ts)
    if file.state is FileState.STORED:
        _want_file_documents(work, channel.workspace_id, heard.id)


def _want_file_documents(work: UnitOfWork, workspace_id: str, file_id: str) -> None:
    """One document for each channel where the file stands, and none where it no longer does."""
    file = work.files.ensure(workspace_id, file_id)
    standing = set()
    for share in work.files.shares(workspace_id, file_id):
        channel = work.workspaces.channel(workspace_id, share.channel_id)
        if channel is not None and channel.is_listened_to and file.deleted_at is None:
            standing.add(_file_key(file_id, channel))
            if file.state is FileState.STORED:
                _want(work, channel, DocumentKind.FILE, _file_key(file_id, channel))
    for document in work.documents.of_file(workspace_id, file_id):
        if document.key not in standing and not document.gone:
            work.documents.unwant(document)


def _file_key(file_id: str, channel: Channel) -> str:
    return f"{file_id}:{channel.id}"
