"""What somebody may want to have forgotten, found by a link or a name: what it is, whose it is, and where it stands."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

from core.curation.forget_requests import forget_file, forget_ingested, forget_message
from core.knowledge.pages import is_page, page_id
from core.records.documents import Document, DocumentKind
from core.records.files import FileState, SharedFile
from core.records.messages import Message
from core.records.unit_of_work import Record, UnitOfWork


class Kind(StrEnum):
    """What it is, and so what its `subject` is: "C1:1700000000.000100", a file's id, an ingested document's id."""

    MESSAGE = "message"
    FILE = "file"
    PAGE = "page"
    DOCUMENT = "document"


@dataclass(frozen=True)
class Forgettable:
    """Something that was heard. `person_id` is whose it is; nobody's is for admins alone.

    `is_gone`: it is forgotten already, and nothing else is known of it.
    """

    kind: Kind
    subject: str
    name: str = ""
    link: str = ""
    person_id: str = ""
    channel_ids: tuple[str, ...] = ()
    is_gone: bool = False


def known_message(record: Record, workspace_id: str, channel_id: str, ts: str) -> Forgettable | None:
    """The message that stands there; for a reply of ours the question behind it. None for what was never heard."""
    with record() as work:
        message = work.messages.get(workspace_id, channel_id, ts) or _asked(work, workspace_id, channel_id, ts)
        if message is None:
            return None
        return Forgettable(
            Kind.MESSAGE,
            f"{message.channel_id}:{message.ts}",
            link=message.permalink,
            person_id=message.person_id,
            channel_ids=(message.channel_id,),
            is_gone=message.deleted_at is not None,
        )


def known_file(record: Record, workspace_id: str, file_id: str) -> Forgettable | None:
    """The file of this id, or the page from the web."""
    with record() as work:
        file = work.files.get(workspace_id, file_id)
        return _file(work, file) if file else None


def known_page(record: Record, workspace_id: str, address: str) -> Forgettable | None:
    """The page from the web at this address."""
    return known_file(record, workspace_id, page_id(address))


def known_by_name(record: Record, workspace_id: str, name: str) -> list[Forgettable]:
    """Files, pages and ingested documents that are called this; of a document its path is a name, too."""
    with record() as work:
        files = [_file(work, file) for file in work.files.named(workspace_id, name)]
        ingested = work.documents.of_kind(workspace_id, DocumentKind.PATH)
        return files + [_document(each) for each in ingested if not each.gone and _is_called(each, name)]


def find_again(record: Record, workspace_id: str, kind: Kind, subject: str) -> Forgettable | None:
    """What was found before, as it stands now."""
    if kind is Kind.MESSAGE:
        channel_id, _, ts = subject.rpartition(":")
        return known_message(record, workspace_id, channel_id, ts)
    if kind is not Kind.DOCUMENT:
        return known_file(record, workspace_id, subject)
    with record() as work:
        document = work.documents.get(subject)
        is_ours = document is not None and document.workspace_id == workspace_id
        return _document(document) if document and is_ours and not document.gone else None


def forget(record: Record, workspace_id: str, known: Forgettable) -> None:
    """Forget it, wherever it is. Raises JourneymanError when it was never heard of."""
    if known.kind is Kind.MESSAGE:
        channel_id, _, ts = known.subject.rpartition(":")
        forget_message(record, workspace_id, channel_id, ts)
    elif known.kind is Kind.DOCUMENT:
        forget_ingested(record, workspace_id, known.subject)
    else:
        forget_file(record, workspace_id, known.subject)


def _asked(work: UnitOfWork, workspace_id: str, channel_id: str, reply_ts: str) -> Message | None:
    question = work.questions.answered_by_message(workspace_id, channel_id, reply_ts)
    return work.messages.get(workspace_id, question.channel_id, question.asked_ts) if question else None


def _file(work: UnitOfWork, file: SharedFile) -> Forgettable:
    return Forgettable(
        Kind.PAGE if is_page(file) else Kind.FILE,
        file.id,
        name=file.name,
        link=file.permalink,
        person_id=file.person_id,
        channel_ids=tuple(work.files.channels_of(file.workspace_id, file.id)),
        is_gone=file.deleted_at is not None or file.state is FileState.FORGOTTEN,
    )


def _document(document: Document) -> Forgettable:
    return Forgettable(
        Kind.DOCUMENT,
        document.id,
        name=document.title or PurePath(document.key).name,
        channel_ids=(document.channel_id,) if document.channel_id else (),
    )


def _is_called(document: Document, name: str) -> bool:
    path = PurePath(document.key)
    names = (document.key, document.title, path.name, path.stem)
    return name.casefold() in {each.casefold() for each in names if each}
