"""What the record holds of something forgotten goes: answers that rested on it, their votes, and examples of them."""

from datetime import datetime

from core.curation.approval import ApprovalRule
from core.curation.examples import follow_votes
from core.curation.heard_words import empty_heard_events
from core.knowledge.removing import remove_file
from core.records.examples import TrainingExample
from core.records.feedback import Vote
from core.records.questions import Answer, Question, QuestionState
from core.records.tombstones import Forgotten, Tombstone
from core.records.unit_of_work import UnitOfWork
from core.records.workspaces import PUBLIC


def empty_record(work: UnitOfWork, tombstone: Tombstone, rule: ApprovalRule) -> None:
    """Remove from the record all that came of what this tombstone stands for. Repeating it changes nothing.

    A person's messages, and the bytes of files, are not its work.
    """
    match tombstone.kind:
        case Forgotten.MESSAGE | Forgotten.EDIT:
            _empty_message(work, tombstone)
        case Forgotten.DOCUMENT:
            _forget_answers(work, work.grounds.on_document(*_where(tombstone)))
        case Forgotten.FILE:
            work.notices.drop_about(tombstone.workspace_id, tombstone.subject)
        case Forgotten.CHANNEL:
            _empty_channel(work, tombstone)
        case Forgotten.AUDIENCE:
            _follow_audience(work, tombstone)
        case Forgotten.PERSON:
            _empty_person(work, tombstone, rule)
        case Forgotten.WORKSPACE:
            _empty_workspace(work, tombstone)
    empty_heard_events(work, tombstone)


def forget_question(work: UnitOfWork, question: Question) -> None:
    """Nothing of what was asked and answered stays; our replies in Slack are to go."""
    if question.answer is not None:
        forget_answer(work, question.answer)
    if question.state is not QuestionState.WITHDRAWN:
        work.questions.withdraw(question)
        question.redaction_due = bool(question.replies)


def forget_answer(work: UnitOfWork, answer: Answer) -> None:
    """Nothing of the answer stays, nor what people thought of it and what was to be learned from it."""
    for example in work.examples.of_answer(answer.id):
        forget_example(work, example)
    work.feedback.drop_votes_on(answer.id)
    work.grounds.drop(answer.id)
    if answer.question.state is not QuestionState.WITHDRAWN:
        work.questions.forget_answer(answer)


def forget_example(work: UnitOfWork, example: TrainingExample) -> None:
    """The example goes; its tombstone says which rows of frozen sets and which adapters it reached."""
    work.tombstones.put(example.workspace_id, Forgotten.EXAMPLE, example.id)
    work.examples.remove(example)


def _where(tombstone: Tombstone) -> tuple[str, str, datetime]:
    return tombstone.workspace_id, tombstone.subject, tombstone.made_at


def _forget_answers(work: UnitOfWork, answers: list[Answer]) -> None:
    for answer in answers:
        forget_answer(work, answer)


def _empty_message(work: UnitOfWork, tombstone: Tombstone) -> None:
    channel_id, _, ts = tombstone.subject.rpartition(":")
    _forget_answers(work, work.grounds.on_message(tombstone.workspace_id, channel_id, ts, tombstone.made_at))
    for example in work.examples.taught_from(tombstone.workspace_id, channel_id, ts):
        if example.proposed_at <= tombstone.made_at:
            forget_example(work, example)
    question = work.questions.asked_at(tombstone.workspace_id, channel_id, ts)
    if question is None or question.asked_at > tombstone.made_at:
        return
    if tombstone.kind is Forgotten.MESSAGE:
        forget_question(work, question)
        return
    question.text = ""
    for example in work.examples.of_answer(question.answer.id) if question.answer else ():
        forget_example(work, example)


def _empty_channel(work: UnitOfWork, tombstone: Tombstone) -> None:
    _forget_answers(work, work.grounds.on_channel(*_where(tombstone)))
    for question in work.questions.asked_in(*_where(tombstone)):
        forget_question(work, question)
        question.redaction_due = False  # we are not in the channel any more
    for example in work.examples.of_channel(*_where(tombstone)):
        forget_example(work, example)
    work.notices.drop_channel(*_where(tombstone))
    channel = work.workspaces.channel(tombstone.workspace_id, tombstone.subject)
    if channel is not None and channel.deleted_at is not None:
        channel.name = ""


def _follow_audience(work: UnitOfWork, tombstone: Tombstone) -> None:
    """Citations and sources get the channel's audience of now; what is not public any more leaves sets and adapters."""
    channel = work.workspaces.channel(tombstone.workspace_id, tombstone.subject)
    if channel is None:
        return
    for citation in work.questions.citations_of_channel(channel.workspace_id, channel.id):
        citation.audience = channel.audience
    heard = {document.id for document in work.documents.of_channel(channel.workspace_id, channel.id)}
    examples = work.examples.of_channel(*_where(tombstone))
    examples += [each for each in work.examples.with_source_of_channel(channel.workspace_id, channel.id)]
    for example in {each.id: each for each in examples}.values():
        for source in example.sources:
            if source.document_id in heard:
                source.audience = channel.audience
        was_public = example.audience == PUBLIC
        example.audience = _audience_of(work, example)
        if was_public and example.audience != PUBLIC:
            work.tombstones.put(example.workspace_id, Forgotten.ROW, example.id)


def _audience_of(work: UnitOfWork, example: TrainingExample) -> str:
    answer = work.questions.answer(example.answer_id) if example.answer_id else None
    asked_in = work.workspaces.channel(example.workspace_id, example.channel_id)
    whispered = answer is not None and answer.question.ephemeral
    said_in = asked_in.audience if asked_in and not whispered else example.channel_id
    return next((each for each in (said_in, *(s.audience for s in example.sources)) if each != PUBLIC), PUBLIC)


def _empty_person(work: UnitOfWork, tombstone: Tombstone, rule: ApprovalRule) -> None:
    workspace_id, person_id = tombstone.workspace_id, tombstone.subject
    for file in work.files.of_person(workspace_id, person_id):
        remove_file(work, file)
    for question in work.questions.of_person(workspace_id, person_id):
        forget_question(work, question)
        question.person_id = ""
    for vote in work.feedback.of_person(workspace_id, person_id):
        _forget_vote(work, vote, rule)
    work.early_votes.drop_of_person(workspace_id, person_id)
    for example in work.examples.all_proposed_by(workspace_id, person_id):
        forget_example(work, example)
    for example in work.examples.decided_by(workspace_id, person_id):
        example.decided_by = SOMEBODY
        work.tombstones.put(workspace_id, Forgotten.ROW, example.id)
    work.notices.drop_to(workspace_id, person_id)


SOMEBODY = "somebody"
"""Stands for a reviewer who asked to be forgotten: that a reviewer decided still counts."""


def _forget_vote(work: UnitOfWork, vote: Vote, rule: ApprovalRule) -> None:
    """Take the vote back for its person; what it approved is approved by others, or forgotten."""
    answer = work.questions.answer(vote.answer_id)
    work.feedback.take_back(vote)
    if answer is None:
        return
    example = work.examples.voted_for(answer.id)
    follow_votes(work, answer, rule)
    if example is None:
        return
    if work.examples.get(example.id) is None:
        work.tombstones.put(answer.question.workspace_id, Forgotten.EXAMPLE, example.id)
        return
    work.tombstones.put(example.workspace_id, Forgotten.ROW, example.id)  # its rows say who approved
    if example.proposed_by == vote.person_id:
        others = sorted(person for person, value in work.feedback.votes_on(answer.id).items() if value > 0)
        example.proposed_by = others[0] if others else example.decided_by


def _empty_workspace(work: UnitOfWork, tombstone: Tombstone) -> None:
    workspace_id, until = tombstone.workspace_id, tombstone.made_at
    for example in work.examples.of_workspace(workspace_id, until):
        forget_example(work, example)
    work.questions.drop_workspace(workspace_id, until)
    work.messages.drop_workspace(workspace_id, until)
    work.notices.drop_workspace(workspace_id, until)
    for document in work.documents.all_of(workspace_id):
        if not document.gone and document.changed_at <= until:
            work.documents.unwant(document)
    if work.workspaces.is_gone(workspace_id):
        work.workspaces.ensure(workspace_id).name = ""
        work.workspaces.drop_people(workspace_id)
        for channel in work.workspaces.channels(workspace_id):
            channel.name = ""
