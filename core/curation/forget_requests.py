"""What people ask to be forgotten: a message, a file, an ingested document, themselves."""

from pathlib import Path

from core.errors import JourneymanError, Unavailable
from core.knowledge.removing import remove_document, remove_file, remove_message
from core.records.documents import DocumentKind, document_id
from core.records.tombstones import Forgotten
from core.records.unit_of_work import Record


def forget_message(record: Record, workspace_id: str, channel_id: str, ts: str) -> None:
    """Forget what this message says, though it stands in Slack. Raises JourneymanError when it was never heard."""
    with record() as work:
        channel = work.workspaces.hold_channel(workspace_id, channel_id)
        message = work.messages.get(workspace_id, channel_id, ts)
        if message is None or channel is None:
            raise JourneymanError("I have never heard that message, so there is nothing to forget.")
        remove_message(work, channel, message)
        work.commit()


def forget_file(record: Record, workspace_id: str, file_id: str) -> None:
    """Forget this file, though it stands in Slack. Raises JourneymanError when it was never heard of."""
    with record() as work:
        file = work.files.get(workspace_id, file_id)
        if file is None:
            raise JourneymanError("I have never heard of that file, so there is nothing to forget.")
        remove_file(work, file)
        work.commit()


def forget_document(record: Record, workspace_id: str, path: Path) -> None:
    """Forget a file that was ingested from disk; ingesting its folder does not bring it back, naming itself does.

    Raises JourneymanError when it was never ingested.
    """
    try:
        forget_ingested(record, workspace_id, document_id(workspace_id, DocumentKind.PATH, str(path.resolve())))
    except Unavailable:
        raise
    except JourneymanError:
        raise JourneymanError(f"{path} was never ingested, so there is nothing to forget.") from None


def forget_ingested(record: Record, workspace_id: str, known_id: str) -> None:
    """The same, by the document's id."""
    with record() as work:
        known = work.documents.get(known_id)
        if known is None or known.workspace_id != workspace_id:
            raise JourneymanError("That was never ingested, so there is nothing to forget.")
        remove_document(work, known)
        work.commit()


def forget_person(record: Record, workspace_id: str, person_id: str) -> None:
    """Forget what this person said, shared, asked, voted for and taught, and keep nothing of it from now on."""
    with record() as work:
        person = work.workspaces.ensure_person(workspace_id, person_id)
        person.opted_out, person.name = True, ""
        work.tombstones.put(workspace_id, Forgotten.PERSON, person_id)
        work.commit()


def welcome_back(record: Record, workspace_id: str, person_id: str) -> None:
    """Listen to this person again from now on; what was forgotten stays so."""
    with record() as work:
        work.workspaces.ensure_person(workspace_id, person_id).opted_out = False
        work.commit()
