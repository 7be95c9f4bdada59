"""Votes on answers: one per person and answer, the last one counts, and it can be taken back."""

from core.curation.approval import ApprovalRule
from core.curation.examples import follow_votes
from core.records.questions import Answer
from core.records.unit_of_work import Record, UnitOfWork

HELPFUL = 1
NOT_HELPFUL = -1
_DEFAULT_RULE = ApprovalRule()


def vote(
    record: Record,
    workspace_id: str,
    channel_id: str,
    message_ts: str,
    person_id: str,
    value: int,
    rule: ApprovalRule = _DEFAULT_RULE,
) -> bool:
    """Count the person's vote on the answer that this message carries; False when the message is no answer of ours.

    In the same transaction the answer becomes a training example, or stops being one, as the rule says.
    """
    with record() as work:
        answer = _answer_voted_on(work, workspace_id, channel_id, message_ts)
        if answer is None or _may_not_vote(work, workspace_id, person_id):
            return False
        work.feedback.put(answer.id, person_id, value)
        follow_votes(work, answer, rule)
        work.commit()
        return True


def take_back(
    record: Record,
    workspace_id: str,
    channel_id: str,
    message_ts: str,
    person_id: str,
    value: int,
    rule: ApprovalRule = _DEFAULT_RULE,
) -> bool:
    """Drop the person's vote if it still is `value`; False when there is no such vote."""
    with record() as work:
        answer = _answer_voted_on(work, workspace_id, channel_id, message_ts)
        standing = work.feedback.get(answer.id, person_id) if answer else None
        if answer is None or standing is None or standing.value != value:
            return False
        work.feedback.take_back(standing)
        follow_votes(work, answer, rule)
        work.commit()
        return True


def _answer_voted_on(work: UnitOfWork, workspace_id: str, channel_id: str, message_ts: str) -> Answer | None:
    question = work.questions.answered_by_message(workspace_id, channel_id, message_ts)
    answer = question.answer if question else None
    if answer is not None:
        work.questions.hold(answer)
    return answer


def _may_not_vote(work: UnitOfWork, workspace_id: str, person_id: str) -> bool:
    person = work.workspaces.person(workspace_id, person_id)
    workspace = work.workspaces.get(workspace_id)
    return (person is not None and person.is_bot) or (workspace is not None and workspace.bot_user_id == person_id)
