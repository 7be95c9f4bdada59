"""The record of questions: each is kept once before it is answered, and answered once, whatever is delivered again."""

from dataclasses import dataclass

from core.answering.drafts import Draft
from core.answering.models.language_model import Turn
from core.records.questions import Answer, AskedBy, Citation, Question, QuestionState, Verdict
from core.records.unit_of_work import Record


@dataclass(frozen=True)
class AskedQuestion:
    """A question as it came; the fields are those of `Question`."""

    workspace_id: str
    channel_id: str
    asked_ts: str
    person_id: str
    text: str
    asked_by: AskedBy
    thread_ts: str = ""
    ephemeral: bool = False
    reply_to: str = ""


@dataclass(frozen=True)
class Withdrawn:
    """A question that its asker took back; `replies` are our messages (channel, ts) that carried its answer."""

    question_id: str
    replies: tuple[tuple[str, str], ...]


def ask(record: Record, asked: AskedQuestion) -> str | None:
    """Keep the question and return its id; None when this message or command has asked it before."""
    with record() as work:
        question = Question(**vars(asked))
        if not work.questions.add_if_new(question):
            return None
        work.commit()
        return question.id


def save_answer(record: Record, question_id: str, draft: Draft) -> str | None:
    """Save the answer and what it rests on, and return its id.

    None when the question was withdrawn, forgotten or answered meanwhile: then nothing is saved.
    """
    with record() as work:
        question = work.questions.get_to_answer(question_id)
        if question is None or question.state is not QuestionState.ASKED:
            return None
        answer = Answer(
            text=draft.text, verdict=draft.verdict, model=draft.model, adapter=draft.adapter, note=draft.note
        )
        answer.citations = [Citation(**vars(citation)) for citation in draft.citations]
        work.questions.add_answer(question, answer)
        work.commit()
        return answer.id


def withdraw(record: Record, workspace_id: str, channel_id: str, asked_ts: str) -> Withdrawn | None:
    """The message that asked was deleted. May be told twice; None when it never asked anything."""
    with record() as work:
        known = work.questions.asked_at(workspace_id, channel_id, asked_ts)
        question = work.questions.get_to_answer(known.id) if known else None
        if question is None:
            return None
        work.questions.withdraw(question)
        work.commit()
        return Withdrawn(question.id, tuple((reply.channel_id, reply.ts) for reply in question.replies))


def unanswered(record: Record) -> list[Question]:
    """The questions that still wait, oldest first: after a restart they are to be answered."""
    with record() as work:
        return work.questions.unanswered()


def turns_of_thread(record: Record, question_id: str) -> tuple[Turn, ...]:
    """What was asked and answered before this question in its thread, oldest first.

    What only one person saw is told to nobody else, and to that person only where again nobody else sees it.
    """
    with record() as work:
        question = work.questions.get(question_id)
        if question is None or not question.thread_ts:
            return ()
        thread = work.questions.in_thread(question.workspace_id, question.channel_id, question.thread_ts)
        earlier = [one for one in thread if one.asked_at < question.asked_at and _may_be_retold(one, question)]
        return tuple(
            Turn(one.text, one.answer.text)
            for one in earlier
            if one.answer and one.state is QuestionState.ANSWERED and one.answer.verdict is not Verdict.UNKNOWN
        )


def _may_be_retold(earlier: Question, question: Question) -> bool:
    same_eyes = question.ephemeral and question.person_id == earlier.person_id
    return not earlier.ephemeral or same_eyes
