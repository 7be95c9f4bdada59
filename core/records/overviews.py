"""Figures at a glance: what is known, what was answered, and what people thought of it."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.records.documents import Document, DocumentKind
from core.records.examples import ExampleState, TrainingExample
from core.records.feedback import Vote
from core.records.messages import Message
from core.records.passages import Passage
from core.records.questions import Answer, Question, QuestionState

_FILES = (DocumentKind.FILE, DocumentKind.PATH)


class Overviews:
    """Questions asked of everything at once. A span holds its beginning and not its end."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def files_findable(self, workspace_id: str) -> int:
        """How many files have passages; one that was shared in two channels is one file for each."""
        query = (
            select(func.count(func.distinct(Passage.document_id)))
            .join(Document, Document.id == Passage.document_id)
            .where(Document.workspace_id == workspace_id, Document.kind.in_(_FILES))
        )
        return self._session.scalar(query) or 0

    def last_heard(self, workspace_id: str) -> datetime | None:
        """When the newest message came in."""
        return self._session.scalar(select(func.max(Message.heard_at)).where(Message.workspace_id == workspace_id))

    def answers(self, workspace_id: str, since: datetime, until: datetime) -> int:
        """How many questions were answered in this span."""
        query = (
            select(func.count())
            .select_from(Answer)
            .join(Question, Question.id == Answer.question_id)
            .where(
                Question.workspace_id == workspace_id,
                Question.state == QuestionState.ANSWERED,
                Answer.answered_at >= since,
                Answer.answered_at < until,
            )
        )
        return self._session.scalar(query) or 0

    def votes(self, workspace_id: str, since: datetime, until: datetime) -> tuple[int, int]:
        """How many votes of this span found an answer helpful, and how many not."""
        query = (
            select(Vote.value, func.count())
            .join(Answer, Answer.id == Vote.answer_id)
            .join(Question, Question.id == Answer.question_id)
            .where(Question.workspace_id == workspace_id, Vote.voted_at >= since, Vote.voted_at < until)
            .group_by(Vote.value)
        )
        counted = {value: count for value, count in self._session.execute(query)}
        return counted.get(1, 0), counted.get(-1, 0)

    def held(self, workspace_id: str) -> int:
        """How many approved examples are kept out of training for a reason."""
        query = (
            select(func.count())
            .select_from(TrainingExample)
            .where(
                TrainingExample.workspace_id == workspace_id,
                TrainingExample.state == ExampleState.APPROVED,
                TrainingExample.held_because != "",
            )
        )
        return self._session.scalar(query) or 0

    def complaints(self, workspace_id: str, since: datetime) -> dict[str, int]:
        """What people said was wrong with answers since then, and how often."""
        query = (
            select(Vote.complaint, func.count())
            .join(Answer, Answer.id == Vote.answer_id)
            .join(Question, Question.id == Answer.question_id)
            .where(Question.workspace_id == workspace_id, Vote.voted_at >= since, Vote.complaint != "", Vote.value < 0)
            .group_by(Vote.complaint)
            .order_by(func.count().desc(), Vote.complaint)
        )
        return {complaint: count for complaint, count in self._session.execute(query)}
