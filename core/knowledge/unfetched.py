"""What becomes of a file whose bytes did not come: it is tried again later, or refused, and its sharer is told."""

from datetime import timedelta

from core.records.base import utc_now
from core.records.files import FileState, SharedFile
from core.records.notices import Notice
from core.records.unit_of_work import Record, UnitOfWork

FIRST_PAUSE = timedelta(seconds=20)
_LONGER = 3
_SLOWEST = 6
"""After so many tries the pause, by then four hours, grows no more."""
_TOLD_AT = 6
"""By then it has been tried for some 40 minutes."""


def put_off(record: Record, file: SharedFile, problem: str) -> None:
    """Try it again, soon at first and then ever more seldom; who shared it is told once that goes on for long."""
    with record() as work:
        known = _still_wanted(work, file)
        if known is not None:
            known.not_before = utc_now() + FIRST_PAUSE * _LONGER ** min(known.attempts, _SLOWEST)
            known.attempts += 1
            known.problem = problem
            if known.attempts == _TOLD_AT:
                _tell(work, known)
            work.commit()


def refuse(record: Record, file: SharedFile, problem: str) -> None:
    """Try it no more, and tell whoever shared it why."""
    with record() as work:
        known = _still_wanted(work, file)
        if known is not None:
            known.state, known.problem = FileState.REFUSED, problem
            _tell(work, known)
            work.commit()


def _still_wanted(work: UnitOfWork, file: SharedFile) -> SharedFile | None:
    """The file as it is known now, unless it was forgotten or changed while its bytes were asked for."""
    known = work.files.ensure(file.workspace_id, file.id)
    work.files.lock(known)
    is_same = known.deleted_at is None and known.revision == file.revision
    return known if is_same and known.state is FileState.WANTED else None


def _tell(work: UnitOfWork, file: SharedFile) -> None:
    if not file.person_id:
        return
    for share in work.files.shares(file.workspace_id, file.id):
        work.notices.owe(
            Notice(
                workspace_id=file.workspace_id,
                channel_id=share.channel_id,
                thread_ts=share.thread_ts,
                person_id=file.person_id,
                subject=file.id,
                sentence=file.problem,
            )
        )
