"""From votes, corrections and teaching to training examples, and the reviewers' decisions about them."""

from core.curation.approval import ApprovalRule, is_approved
from core.errors import JourneymanError, NotAllowed
from core.records.base import utc_now
from core.records.examples import ExampleOrigin, ExampleSource, ExampleState, TrainingExample
from core.records.questions import Answer, Citation, Verdict
from core.records.unit_of_work import Record, UnitOfWork
from core.records.workspaces import PUBLIC


def follow_votes(work: UnitOfWork, answer: Answer, rule: ApprovalRule) -> None:
    """Make the answer an example, or no longer one, as its votes now say. A reviewer's decision stands above votes."""
    example = work.examples.voted_for(answer.id)
    if example is not None and example.decided_by:
        return
    votes = work.feedback.votes_on(answer.id)
    wanted = answer.verdict is not Verdict.UNKNOWN and is_approved(votes, answer.question.person_id, rule)
    if wanted and example is None:
        in_favour = sorted(person for person, value in votes.items() if value > 0)
        example = _from_answer(work, answer, ExampleOrigin.VOTED, proposed_by=in_favour[0])
        example.state, example.decided_at = ExampleState.APPROVED, utc_now()
        work.examples.add(example)
    elif not wanted and example is not None:
        work.examples.remove(example)


def propose_correction(record: Record, answer_id: str, person_id: str, complaint: str, right_answer: str) -> str:
    """Keep what somebody says that the answer should have been, for review; returns the example's id.

    Raises JourneymanError when the answer was deleted meanwhile.
    """
    with record() as work:
        answer = work.questions.answer(answer_id)
        if answer is None:
            raise JourneymanError("That answer was deleted meanwhile, so there is nothing left to correct.")
        example = _from_answer(work, answer, ExampleOrigin.CORRECTED, proposed_by=person_id)
        example.answer, example.complaint = right_answer.strip(), complaint
        work.examples.add(example)
        work.commit()
        return example.id


def teach(
    record: Record, workspace_id: str, channel_id: str, thread_ts: str, person_id: str, question: str, answer: str
) -> str:
    """Keep a question and answer that somebody teaches, for review; returns the example's id.

    What is taught in a channel is only as public as that channel is.
    """
    with record() as work:
        channel = work.workspaces.channel(workspace_id, channel_id)
        example = TrainingExample(
            workspace_id=workspace_id,
            origin=ExampleOrigin.TAUGHT,
            channel_id=channel_id,
            thread=f"{channel_id}:{thread_ts}",
            audience=channel.audience if channel else channel_id,
            question=question.strip(),
            answer=answer.strip(),
            proposed_by=person_id,
        )
        work.examples.add(example)
        work.commit()
        return example.id


def decide(
    record: Record,
    example_id: str,
    reviewer: str,
    *,
    approve: bool,
    question: str | None = None,
    answer: str | None = None,
) -> None:
    """A reviewer's decision, with the wording they gave it. Raises JourneymanError when the example is gone."""
    with record() as work:
        example = _standing(work, example_id)
        example.state = ExampleState.APPROVED if approve else ExampleState.REJECTED
        example.question = (question or example.question).strip()
        example.answer = (answer or example.answer).strip()
        example.decided_by, example.decided_at = reviewer, utc_now()
        work.commit()


def withdraw(record: Record, example_id: str, person_id: str) -> None:
    """Somebody takes back what they contributed.

    Raises NotAllowed when it is another's, JourneymanError when it is gone.
    """
    with record() as work:
        example = _standing(work, example_id)
        if example.proposed_by != person_id:
            raise NotAllowed("Only the person who contributed this can withdraw it.")
        work.examples.remove(example)
        work.commit()


def _standing(work: UnitOfWork, example_id: str) -> TrainingExample:
    example = work.examples.get(example_id)
    if example is None:
        raise JourneymanError("This example was withdrawn or forgotten meanwhile.")
    return example


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
    passage = work.documents.passages([citation.passage_id]).get(citation.passage_id)
    return ExampleSource(
        marker=citation.marker,
        passage_id=citation.passage_id,
        document_id=citation.document_id,
        audience=citation.audience,
        name=citation.source,
        text=passage.text if passage else citation.quote,
    )
