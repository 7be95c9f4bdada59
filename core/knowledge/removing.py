"""What is to be forgotten leaves what was heard: its words at once, with a tombstone for all that came of them."""

import re

from core.knowledge.wanting import documents_that_held, want_documents_of, want_file_documents
from core.records.base import utc_now
from core.records.documents import Document
from core.records.files import FileShare, SharedFile
from core.records.messages import Message
from core.records.tombstones import Forgotten, of_message
from core.records.unit_of_work import UnitOfWork
from core.records.workspaces import Channel

_WORD = re.compile(r"\w+")


def remove_message(work: UnitOfWork, channel: Channel, message: Message) -> None:
    """The message keeps its place and nothing else; files leave the channel with the last message that brought them."""
    if message.deleted_at is not None:
        return
    message.deleted_at = utc_now()
    message.text = message.person_id = message.permalink = ""
    want_documents_of(work, channel, message.ts, message.thread_ts)
    _remove_words(work, message, Forgotten.MESSAGE)
    for share in work.files.shared_with_message(message.workspace_id, message.channel_id, message.ts):
        remove_share(work, share)


def remove_wording(work: UnitOfWork, message: Message) -> None:
    """The message was edited: what it said before is to be forgotten."""
    _remove_words(work, message, Forgotten.EDIT)


def removes_words(before: str, after: str) -> bool:
    """Whether anything that was said before is not said after, in its order: additions alone remove nothing."""
    later = iter(_WORD.findall(after.casefold()))
    return not all(word in later for word in _WORD.findall(before.casefold()))


def remove_file(work: UnitOfWork, file: SharedFile) -> None:
    """The file is gone for good, wherever it was shared."""
    if file.deleted_at is None:
        file.deleted_at = utc_now()
        want_file_documents(work, file.workspace_id, file.id)


def remove_share(work: UnitOfWork, share: FileShare) -> None:
    """The file no longer stands in this place."""
    work.files.unshare(share)
    want_file_documents(work, share.workspace_id, share.file_id)


def remove_document(work: UnitOfWork, document: Document) -> None:
    """The document is gone, with its passages."""
    if not document.gone:
        work.documents.unwant(document)
        work.tombstones.put(document.workspace_id, Forgotten.DOCUMENT, document.id)


def _remove_words(work: UnitOfWork, message: Message, kind: Forgotten) -> None:
    work.tombstones.put(message.workspace_id, kind, of_message(message.channel_id, message.ts))
    for document in documents_that_held(work, message):
        work.documents.drop_passages(document, message.ts)
