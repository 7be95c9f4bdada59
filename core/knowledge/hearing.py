"""What was heard becomes rows, in one transaction: messages and files, and the documents that ought to be indexed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.errors import NotAllowed
from core.knowledge.removing import remove_file, remove_message, remove_wording, removes_words
from core.knowledge.wanting import day_of, file_key, moment_of, want_documents_of, want_file_documents
from core.records.base import utc_now
from core.records.documents import DocumentKind, document_id
from core.records.files import READABLE, FileState
from core.records.messages import Message
from core.records.tombstones import Forgotten
from core.records.unit_of_work import Record, UnitOfWork
from core.records.workspaces import Channel, ChannelKind


@dataclass(frozen=True)
class HeardFile:
    """A file as it was shared. What `is_outside` of Slack is known by its name and link only, and not downloaded."""

    id: str
    name: str
    mimetype: str
    size: int
    download_url: str
    permalink: str
    person_id: str
    is_outside: bool = False


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


def hear_message(record: Record, heard: HeardMessage) -> bool:
    """Record a message or a newer revision of it.

    False when nothing of it is kept: something newer is known, its author asked not to be heard, it is too old, or the
    channel is not listened to (questions to the bot and edits of what was heard before are kept all the same).
    """
    return hear_messages(record, [heard]) == 1


def hear_messages(record: Record, several: Sequence[HeardMessage]) -> int:
    """The same for several messages, in one transaction; how many of them were kept."""
    with record() as work:
        kept = sum(_hear(work, heard) for heard in several)
        work.commit()
    return kept


def _hear(work: UnitOfWork, heard: HeardMessage) -> bool:
    channel = work.workspaces.ensure_channel(heard.workspace_id, heard.channel_id, heard.channel_kind)
    known = work.messages.get(heard.workspace_id, heard.channel_id, heard.ts)
    wanted = channel.is_listened_to or heard.asks_journeyman or known is not None
    if not channel.has_bot or not wanted or _is_too_old(channel, heard.ts):
        return False
    if not _is_news(known, heard):
        if known is not None and known.deleted_at is None:
            _keep_missing_files(work, channel, heard)
        return False
    if _opted_out(work, heard.workspace_id, heard.person_id):
        _remove(work, channel, heard)
        return False
    before = known.text if known else ""
    message = _keep(work, heard)
    want_documents_of(work, channel, heard.ts, heard.thread_ts, moment_of(heard.revision))
    if removes_words(before, heard.text):
        remove_wording(work, message)
    if channel.is_listened_to:
        for file in heard.files:
            _keep_file(work, channel, file, heard.ts, heard.thread_ts)
    return True


def hear_deletion(record: Record, heard: HeardMessage) -> None:
    """Record that a message is gone, also when it was never heard itself: its late arrival then changes nothing."""
    with record() as work:
        channel = work.workspaces.ensure_channel(heard.workspace_id, heard.channel_id, heard.channel_kind)
        known = work.messages.get(heard.workspace_id, heard.channel_id, heard.ts)
        if known is None or known.deleted_at is None:
            _remove(work, channel, heard)
            work.commit()


def _is_news(known: Message | None, heard: HeardMessage) -> bool:
    return known is None or (known.deleted_at is None and float(known.revision) < float(heard.revision))


def _is_too_old(channel: Channel, ts: str) -> bool:
    if channel.retention_days is None:
        return False
    return float(ts) < (utc_now() - timedelta(days=channel.retention_days)).timestamp()


def _opted_out(work: UnitOfWork, workspace_id: str, person_id: str) -> bool:
    person = work.workspaces.person(workspace_id, person_id) if person_id else None
    return person is not None and person.opted_out


def _remove(work: UnitOfWork, channel: Channel, heard: HeardMessage) -> None:
    """Only that there was a message is kept, so that what is told of it late changes nothing."""
    remove_message(work, channel, _keep(work, heard))


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


def hear_file(
    record: Record, workspace_id: str, channel_id: str, channel_kind: ChannelKind, file: HeardFile, message_ts: str
) -> None:
    """Record a file that was shared in a channel."""
    with record() as work:
        channel = work.workspaces.ensure_channel(workspace_id, channel_id, channel_kind)
        if channel.is_listened_to and not _comes_late(work, channel, file, message_ts):
            _keep_file(work, channel, file, message_ts, "")
            work.commit()


def hear_pages(record: Record, channel: Channel, pages: Sequence[HeardFile], person_id: str) -> None:
    """Record pages from the web that this person asked for here; those that are known are fetched anew.

    Raises NotAllowed when the person asked not to be heard: a page has no author, and stays for those who want it.
    """
    with record() as work:
        if _opted_out(work, channel.workspace_id, person_id):
            raise NotAllowed(
                "You asked me to forget you, so I keep nothing that you ask for. `/forget me undo` brings you back."
            )
        for page in pages:
            known = work.files.ensure(channel.workspace_id, page.id)
            work.files.lock(known)
            known.state, known.deleted_at = FileState.WANTED, None
            known.revision += 1
            work.notices.drop_about(channel.workspace_id, page.id)
            _keep_file(work, channel, page, "", "")
        work.commit()


def hear_file_changed(record: Record, workspace_id: str, heard: HeardFile) -> None:
    """Record that a file says something else now, as canvases do: it is fetched again wherever it stands."""
    with record() as work:
        file = work.files.get(workspace_id, heard.id)
        if file is None:
            return
        work.files.lock(file)
        if file.deleted_at is None and file.state is not FileState.FORGOTTEN:
            file.revision += 1
            file.name, file.size, file.download_url = heard.name, heard.size, heard.download_url or file.download_url
            if file.state is not FileState.LINKED:
                file.state, file.attempts, file.not_before = FileState.WANTED, 0, None
            work.commit()


def hear_file_deleted(record: Record, workspace_id: str, file_id: str) -> None:
    """Record that a file is gone, also when it was never heard of."""
    with record() as work:
        remove_file(work, work.files.ensure(workspace_id, file_id))
        work.commit()


def file_stored(record: Record, workspace_id: str, file_id: str, blob: str, revision: int = 0) -> None:
    """The file's bytes are at `blob` (relative to the blob folder): its documents can be indexed.

    `revision` is the one that the file had when they were asked for; if it has changed since, it stays wanted.
    Bytes that arrive when the file stands nowhere any more are forgotten in their turn.
    """
    with record() as work:
        file = work.files.ensure(workspace_id, file_id)
        work.files.lock(file)
        file.blob, file.problem, file.attempts, file.not_before = blob, "", 0, None
        file.state = FileState.STORED if file.revision == revision else FileState.WANTED
        want_file_documents(work, workspace_id, file_id)
        work.commit()


def _comes_late(work: UnitOfWork, channel: Channel, file: HeardFile, message_ts: str) -> bool:
    """Whether the message that brought the file is gone, or the file left the channel and no message brings it back."""
    if message_ts:
        message = work.messages.get(channel.workspace_id, channel.id, message_ts)
        return (message is not None and message.deleted_at is not None) or _is_too_old(channel, message_ts)
    known = document_id(channel.workspace_id, DocumentKind.FILE, file_key(file.id, channel.id))
    return work.tombstones.get(channel.workspace_id, Forgotten.DOCUMENT, known) is not None


def _keep_missing_files(work: UnitOfWork, channel: Channel, heard: HeardMessage) -> None:
    """A message that is known may bring files that are not: they were refused, or the channel was not listened to."""
    if channel.is_listened_to:
        for file in heard.files:
            known = work.files.get(heard.workspace_id, file.id)
            is_here = work.files.is_shared_with(heard.workspace_id, file.id, channel.id, heard.ts)
            if known is None or known.state not in READABLE or not is_here:
                _keep_file(work, channel, file, heard.ts, heard.thread_ts)


def _keep_file(work: UnitOfWork, channel: Channel, heard: HeardFile, message_ts: str, thread_ts: str) -> None:
    file = work.files.ensure(channel.workspace_id, heard.id)
    if file.deleted_at is not None:
        return
    if _opted_out(work, channel.workspace_id, heard.person_id):
        remove_file(work, file)
        return
    if file.state not in READABLE:
        file.state = FileState.LINKED if heard.is_outside else FileState.WANTED
        file.attempts, file.not_before = 0, None
    file.name, file.mimetype, file.size = heard.name or file.name, heard.mimetype or file.mimetype, heard.size
    file.download_url = heard.download_url or file.download_url
    file.permalink = heard.permalink or file.permalink
    file.person_id = heard.person_id or file.person_id
    file.shared_at = min(file.shared_at, moment_of(message_ts)) if message_ts else file.shared_at
    work.files.share(channel.workspace_id, heard.id, channel.id, message_ts, thread_ts)
    if file.state in READABLE:
        want_file_documents(work, channel.workspace_id, heard.id)
