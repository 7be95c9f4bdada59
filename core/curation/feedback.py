"""Votes on answers: one per person and answer, the last one counts, and it can be taken back."""

from datetime import datetime, timedelta

from core.curation.approval import ApprovalRule
from core.curation.examples import follow_votes
from core.records.base import utc_now
from core.records.questions import Answer, Question, Verdict
from core.records.unit_of_work import Record, UnitOfWork

HELPFUL = 1
NOT_HELPFUL = -1
TAKEN_BACK = 0

EARLY_VOTES_KEPT = timedelta(days=1)
"""Longer than any answer takes: after that a vote was on a message of ours that is no answer."""

_DEFAULT_RULE = ApprovalRule()


def vote(
    record: Record,
    workspace_id: str,
    channel_id: str,
    message_ts: str,
    person_id: str,
    value: int,
    rule: ApprovalRule = _DEFAULT_RULE,
    at: datetime | None = None,
) -> bool:
    """Count the person's vote, given at that moment, on the answer that this message of ours carries.

    In the same transaction the answer becomes a training example, or stops being one, as the rule says. While the
    message is still growing the vote is kept for `count_early`. False when it is nobody's to count.
    """
    given_at = at or utc_now()
    with record() as work:
        if _may_not_vote(work, workspace_id, person_id):
            return False
        question = work.questions.answered_by_message(workspace_id, channel_id, message_ts)
        answer = _held_answer(work, question)
        if answer is None:
            work.early_votes.put(workspace_id, channel_id, message_ts, person_id, value, given_at)
        elif answer.verdict is Verdict.FORGOTTEN:
            return False
        else:
            work.feedback.put(answer.id, person_id, value, given_at)
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
    at: datetime | None = None,
) -> bool:
    """Drop the person's vote if it still is `value`; False when there is no such vote.

    Where none is known the taking back is kept all the same: the vote itself may be delivered later.
    """
    taken_at = at or utc_now()
    with record() as work:
        question = work.questions.answered_by_message(workspace_id, channel_id, message_ts)
        answer = _held_answer(work, question)
        early = work.early_votes.get(workspace_id, channel_id, message_ts, person_id)
        standing = work.feedback.get(answer.id, person_id) if answer else early
        if _may_not_vote(work, workspace_id, person_id) or (standing is not None and standing.value != value):
            return False
        if answer is None:
            work.early_votes.put(workspace_id, channel_id, message_ts, person_id, TAKEN_BACK, taken_at)
        elif answer.verdict is not Verdict.FORGOTTEN:
            work.feedback.put(answer.id, person_id, TAKEN_BACK, taken_at)
            follow_votes(work, answer, rule)
        work.commit()
        return standing is not None


def count_early(record: Record, workspace_id: str, rule: ApprovalRule = _DEFAULT_RULE) -> int:
    """Count the votes whose answer has been completed since they were given; returns how many were settled."""
    with record() as work:
        ripe = work.early_votes.ripe(workspace_id)
        for early, question_id in ripe:
            answer = _held_answer(work, work.questions.get(question_id))
            if answer and answer.verdict is not Verdict.FORGOTTEN:
                if not _may_not_vote(work, workspace_id, early.person_id):
                    work.feedback.put(answer.id, early.person_id, early.value, early.voted_at)
                follow_votes(work, answer, rule)
            work.early_votes.drop(early)
        work.early_votes.drop_older(workspace_id, utc_now() - EARLY_VOTES_KEPT)
        work.commit()
        return len(ripe)


def complain(record: Record, question_id: str, person_id: str, complaint: str) -> bool:
    """Note what the person who voted against this question's answer found wrong; False when no such vote stands."""
    with record() as work:
        question = work.questions.get(question_id)
        standing = work.feedback.get(question.answer.id, person_id) if question and question.answer else None
        if standing is None or standing.value != NOT_HELPFUL:
            return False
        standing.complaint = complaint
        work.commit()
        return True


def _held_answer(work: UnitOfWork, question: Question | None) -> Answer | None:
    """The question's answer, held: nobody else changes what hangs on it until this unit of work ends."""
    answer = question.answer if question else None
    if answer is not None:
        work.questions.hold(answer)
    return answer


def _may_not_vote(work: UnitOfWork, workspace_id: str, person_id: str) -> bool:
    person = work.workspaces.person(workspace_id, person_id)
    workspace = work.workspaces.get(workspace_id)
    silent = person is not None and (person.is_bot or person.opted_out)
    return silent or (workspace is not None and workspace.bot_user_id == person_id)
