"""What whoever shared a file without text is told."""

from core.records.documents import Document
from core.records.notices import Notice
from core.records.unit_of_work import UnitOfWork

ONLY_ONCE = " I will not say so again of other pictures here."
"""People share photos all day, and most of them hold nothing to read."""


def tell_of_problem(work: UnitOfWork, document: Document, problem: str) -> None:
    """Keep with the file why it has no text, and owe its sharer the sentence: once, and of one picture in a place."""
    file = work.files.get(document.workspace_id, document.key.partition(":")[0])
    if file is None:
        return
    file.problem = problem
    if not problem or not file.person_id:
        return
    is_picture = file.mimetype.startswith("image/")
    if is_picture and work.notices.spoke_of_pictures(document.workspace_id, document.channel_id, file.person_id):
        return
    shares = work.files.shares(document.workspace_id, file.id, document.channel_id)
    work.notices.owe(
        Notice(
            workspace_id=document.workspace_id,
            channel_id=document.channel_id,
            thread_ts=shares[0].thread_ts if shares else "",
            person_id=file.person_id,
            subject=file.id,
            sentence=problem + ONLY_ONCE * is_picture,
        )
    )
