"""What comes with a 👎: what was wrong with the answer, and what it should have been."""

from dataclasses import dataclass
from enum import StrEnum

from core.curation.examples import propose_correction
from core.curation.feedback import complain
from core.errors import JourneymanError
from core.records.questions import Verdict
from core.records.unit_of_work import Record


class Complaint(StrEnum):
    """What can be wrong with an answer."""

    WRONG = "wrong"
    OUTDATED = "outdated"
    NOT_GROUNDED = "not grounded"
    INCOMPLETE = "incomplete"
    TONE = "tone"


@dataclass(frozen=True)
class Received:
    """Where a correction was given: who saw the answer may learn of it. `proposed`: a right answer came with it."""

    channel_id: str
    thread_ts: str
    ephemeral: bool
    proposed: bool
    person: str


def receive(record: Record, question_id: str, person_id: str, complaint: Complaint, right_answer: str) -> Received:
    """Note what was wrong, and propose the right answer if one was given.

    Raises JourneymanError when the answer was deleted meanwhile, NotAllowed for somebody who opted out.
    """
    with record() as work:
        question = work.questions.get(question_id)
        answer = question.answer if question else None
        if question is None or answer is None or answer.verdict is Verdict.FORGOTTEN:
            raise JourneymanError("That answer was deleted meanwhile, so there is nothing left to correct.")
        person = work.workspaces.person(question.workspace_id, person_id)
    if right_answer.strip():
        propose_correction(record, answer.id, person_id, complaint, right_answer)
    complain(record, question_id, person_id, complaint)
    return Received(
        question.channel_id,
        question.thread_ts,
        question.ephemeral,
        bool(right_answer.strip()),
        person.name if person else "",
    )
