"""How much of what was offered to the record it keeps."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.knowledge.hearing import HeardFile, HeardMessage
from core.records.files import FileState
from core.records.unit_of_work import Record, UnitOfWork


@dataclass(frozen=True)
class Tally:
    """Messages and files of theirs that the record keeps, and how many messages it does not."""

    messages: int = 0
    files: int = 0
    not_kept: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.messages + other.messages, self.files + other.files, self.not_kept + other.not_kept)


def tally(record: Record, offered: Sequence[HeardMessage]) -> Tally:
    """What of these the record keeps now, whether it was heard just now or before."""
    with record() as work:
        kept = [message for message in offered if _is_kept(work, message)]
        files = sum(_is_file_kept(work, message, file) for message in kept for file in message.files)
    return Tally(len(kept), files, len(offered) - len(kept))


def _is_kept(work: UnitOfWork, message: HeardMessage) -> bool:
    known = work.messages.get(message.workspace_id, message.channel_id, message.ts)
    return known is not None and known.deleted_at is None


def _is_file_kept(work: UnitOfWork, message: HeardMessage, file: HeardFile) -> bool:
    known = work.files.get(message.workspace_id, file.id)
    return known is not None and known.deleted_at is None and known.state is not FileState.FORGOTTEN
