"""The record of questions: each is kept once before it is answered, and answered once, whatever is delivered again."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.answering.drafts import Draft, DraftGround
from core.answering.models.language_model import Turn
from core.answering.prompt import TURNS
from core.records.grounds import Ground
from core.records.questions import SAYING_NOTHING, Answer, AskedBy, Citation, Question, QuestionState, Verdict
from core.records.tombstones import Forgotten, of_message
from core.records.unit_of_work import Record, UnitOfWork


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

    None when the question was withdrawn, forgotten or answered meanwhile: then nothing is saved. Of an answer that
    rests on what was forgotten while it was written, and of one to somebody who opted out, only the fact is saved.
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
        grounds = [*draft.grounds, *(_grounds_of_turns(work, question) if draft.verdict is Verdict.GENERATED else ())]
        if _any_forgotten(work, question, grounds):
            work.questions.forget_answer(answer)
        elif _asker_opted_out(work, question):
            question.text = ""
            work.questions.forget_answer(answer)
            question.redaction_due = False  # the asker alone may take away what was said to them
        else:
            work.grounds.add(answer.id, [Ground(**vars(ground)) for ground in grounds])
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
        work.grounds.drop(question.answer.id if question.answer else "")
        question.redaction_due = False  # whoever withdraws it takes the replies away
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
        return tuple(Turn(earlier.text, answer.text) for earlier, answer in _earlier(work, question))


def _earlier(work: UnitOfWork, question: Question) -> list[tuple[Question, Answer]]:
    thread = work.questions.in_thread(question.workspace_id, question.channel_id, question.thread_ts)
    return [
        (one, one.answer)
        for one in thread
        if one.asked_at < question.asked_at
        and _may_be_retold(one, question)
        and one.state is QuestionState.ANSWERED
        and one.answer
        and one.answer.verdict not in SAYING_NOTHING
    ]


def _grounds_of_turns(work: UnitOfWork, question: Question) -> list[DraftGround]:
    """What the turns were that a model was told with the question, and what they rest on themselves."""
    turns = _earlier(work, question)[-TURNS:] if question.thread_ts else []
    asked = [DraftGround("", earlier.channel_id, (earlier.asked_ts,)) for earlier, _ in turns]
    known = work.grounds.of([answer.id for _, answer in turns])
    return asked + [DraftGround(ground.document_id, ground.channel_id, ground.places) for ground in known]


def _any_forgotten(work: UnitOfWork, question: Question, grounds: Sequence[DraftGround]) -> bool:
    """Whether anything that the answer rests on was forgotten since the question was asked."""
    channels = {ground.channel_id for ground in grounds if ground.channel_id}
    documents = {ground.document_id for ground in grounds}
    messages = {of_message(ground.channel_id, place) for ground in grounds for place in ground.places}
    return any(
        work.tombstones.any_since(question.workspace_id, kinds, subjects, question.asked_at)
        for kinds, subjects in (
            ((Forgotten.CHANNEL,), channels),
            ((Forgotten.DOCUMENT,), documents),
            ((Forgotten.MESSAGE, Forgotten.EDIT), messages),
            ((Forgotten.WORKSPACE,), {""}),
        )
    )


def _asker_opted_out(work: UnitOfWork, question: Question) -> bool:
    person = work.workspaces.person(question.workspace_id, question.person_id)
    return person is not None and person.opted_out


def _may_be_retold(earlier: Question, question: Question) -> bool:
    same_eyes = question.ephemeral and question.person_id == earlier.person_id
    return not earlier.ephemeral or same_eyes
