"""From votes, corrections and teaching to training examples, and the reviewers' decisions about them."""

from uuid import uuid4

from core.curation.approval import ApprovalRule, is_approved
from core.errors import JourneymanError, NotAllowed
from core.records.base import utc_now
from core.records.examples import ExampleOrigin, ExampleSource, ExampleState, TrainingExample
from core.records.questions import SAYING_NOTHING, Answer, Citation, Verdict
from core.records.unit_of_work import Record, UnitOfWork
from core.records.workspaces import PUBLIC

_YOU_OPTED_OUT = "You asked me to learn nothing from you, so this was not kept."
_AUTHOR_OPTED_OUT = "Whoever wrote this message asked me to learn nothing from them, so it was not kept."

_MESSAGE_FORGOTTEN = "This message was forgotten, so nothing is learned from it."


def follow_votes(work: UnitOfWork, answer: Answer, rule: ApprovalRule) -> None:
    """Make the answer an example, or no longer one, as its votes now say. A reviewer's decision stands above votes."""
    example = work.examples.voted_for(answer.id)
    if example is not None and example.decided_by:
        return
    votes = work.feedback.votes_on(answer.id)
    wanted = answer.verdict not in SAYING_NOTHING and is_approved(votes, answer.question.person_id, rule)
    if wanted and example is None:
        in_favour = sorted(person for person, value in votes.items() if value > 0)
        example = _from_answer(work, answer, ExampleOrigin.VOTED, proposed_by=in_favour[0])
        example.state, example.decided_at = ExampleState.APPROVED, utc_now()
        work.examples.add(example)
    elif not wanted and example is not None:
        work.examples.remove(example)


def propose_correction(record: Record, answer_id: str, person_id: str, complaint: str, right_answer: str) -> str:
    """Keep what somebody says that the answer should have been, for review; returns the example's id.

    Who corrects the same answer again, before a reviewer has decided, changes what they said.
    Raises JourneymanError when the answer was deleted meanwhile, NotAllowed for somebody who opted out.
    """
    with record() as work:
        answer = work.questions.answer(answer_id)
        if answer is None or answer.verdict is Verdict.FORGOTTEN:
            raise JourneymanError("That answer was deleted meanwhile, so there is nothing left to correct.")
        _require_willing(work, answer.question.workspace_id, person_id, _YOU_OPTED_OUT)
        work.questions.hold(answer)
        example = work.examples.waiting_correction(answer.id, person_id)
        if example is None:
            example = _from_answer(work, answer, ExampleOrigin.CORRECTED, proposed_by=person_id)
            work.examples.add(example)
        example.answer, example.complaint = right_answer.strip(), complaint
        work.commit()
        return example.id


def teach(
    record: Record,
    workspace_id: str,
    channel_id: str,
    thread_ts: str,
    person_id: str,
    question: str,
    answer: str,
    message_ts: str = "",
    said_by: str = "",
) -> str:
    """Keep a question and answer that somebody teaches, for review; returns the example's id.

    What is taught in a channel is only as public as that channel is. `message_ts` is the message whose words the
    answer is, and `said_by` its author: with it, or with the thread's root, the example is forgotten.
    Raises NotAllowed when teacher or author opted out, JourneymanError when the message is forgotten, though it may
    stand in Slack.
    """
    with record() as work:
        _require_willing(work, workspace_id, person_id, _YOU_OPTED_OUT)
        _require_willing(work, workspace_id, said_by, _AUTHOR_OPTED_OUT)
        message = work.messages.get(workspace_id, channel_id, message_ts) if message_ts else None
        if message is not None and message.deleted_at is not None:
            raise JourneymanError(_MESSAGE_FORGOTTEN)
        channel = work.workspaces.channel(workspace_id, channel_id)
        example = TrainingExample(
            workspace_id=workspace_id,
            origin=ExampleOrigin.TAUGHT,
            channel_id=channel_id,
            thread=f"{channel_id}:{thread_ts or uuid4()}",
            audience=channel.audience if channel else channel_id,
            question=question.strip(),
            answer=answer.strip(),
            places=tuple(dict.fromkeys(filter(None, (thread_ts, message_ts)))),
            proposed_by=person_id,
        )
        work.examples.add(example)
        work.commit()
        return example.id


def withdraw(record: Record, example_id: str, person_id: str, rule: ApprovalRule) -> None:
    """Somebody takes back what they contributed; where that was a vote, the other votes decide.

    Raises NotAllowed when it is another's, JourneymanError when it is gone.
    """
    with record() as work:
        example = standing(work, example_id)
        if example.proposed_by != person_id:
            raise NotAllowed("Only the person who contributed this can withdraw it.")
        answer = work.questions.answer(example.answer_id) if example.answer_id else None
        work.examples.remove(example)
        if answer is not None and example.origin is ExampleOrigin.VOTED:
            work.questions.hold(answer)
            work.feedback.put(answer.id, person_id, 0)
            follow_votes(work, answer, rule)
        work.commit()


def standing(work: UnitOfWork, example_id: str) -> TrainingExample:
    """The example, held until the unit of work ends. Raises JourneymanError when it is gone."""
    example = work.reviews.to_decide(example_id)
    if example is None:
        raise JourneymanError("This example was withdrawn or forgotten meanwhile.")
    return example


def _require_willing(work: UnitOfWork, workspace_id: str, person_id: str, sentence: str) -> None:
    person = work.workspaces.person(workspace_id, person_id)
    if person is not None and person.opted_out:
        raise NotAllowed(sentence)


def _from_answer(work: UnitOfWork, answer: Answer, origin: ExampleOrigin, proposed_by: str) -> TrainingExample:
    question = answer.question
    sources = [_source(work, citation) for citation in answer.citations]
    channel = work.workspaces.channel(question.workspace_id, question.channel_id)
    said_in = channel.audience if channel and not question.ephemeral else question.channel_id
    private = [audience for audience in (said_in, *(s.audience for s in sources)) if audience != PUBLIC]
    return TrainingExample(
        workspace_id=question.workspace_id,
        origin=origin,
        answer_id=answer.id,
        channel_id=question.channel_id,
        thread=f"{question.channel_id}:{question.thread_ts or question.asked_ts}",
        audience=private[0] if private else PUBLIC,
        question=question.text,
        answer=answer.text,
        proposed_by=proposed_by,
        sources=sources,
    )


def _source(work: UnitOfWork, citation: Citation) -> ExampleSource:
    passage = work.passages.by_id([citation.passage_id]).get(citation.passage_id)
    return ExampleSource(
        marker=citation.marker,
        passage_id=citation.passage_id,
        document_id=citation.document_id,
        audience=citation.audience,
        name=citation.source,
        text=passage.text if passage else citation.quote,
    )
