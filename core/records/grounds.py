"""What each answer rests on: the documents, and the places in them, that its writer had read. No words."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.records.base import Base, holds_place
from core.records.questions import Answer, Question, Verdict


class Ground(Base):
    """One passage that an answer rests on, with the neighbours that were read around it.

    `places` are the ts of messages for conversations, pages and the like for files.
    """

    __tablename__ = "answer_grounds"
    __table_args__ = (Index(None, "document_id"), Index(None, "channel_id"))

    answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id", ondelete="CASCADE"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document_id: Mapped[str] = mapped_column(default="")
    channel_id: Mapped[str] = mapped_column(default="")
    places: Mapped[tuple[str, ...]] = mapped_column(default=())


class Grounds:
    """Questions asked of what answers rest on. `asked_until`: only answers to questions asked until that moment."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, answer_id: str, grounds: Sequence[Ground]) -> None:
        """Keep what a new answer rests on."""
        for ordinal, ground in enumerate(grounds):
            ground.answer_id, ground.ordinal = answer_id, ordinal
        self._session.add_all(grounds)
        self._session.flush()

    def of(self, answer_ids: Collection[str]) -> list[Ground]:
        """What these answers rest on."""
        query = select(Ground).where(Ground.answer_id.in_(answer_ids)).order_by(Ground.answer_id, Ground.ordinal)
        return list(self._session.scalars(query))

    def drop(self, answer_id: str) -> None:
        """The answer says nothing any more, so it rests on nothing."""
        self._session.execute(delete(Ground).where(Ground.answer_id == answer_id))

    def on_message(self, workspace_id: str, channel_id: str, ts: str, asked_until: datetime) -> list[Answer]:
        """Answers that rest on this message."""
        return self._answers(workspace_id, asked_until, Ground.channel_id == channel_id, holds_place(Ground.places, ts))

    def on_document(self, workspace_id: str, document_id: str, asked_until: datetime) -> list[Answer]:
        """Answers that rest on this document."""
        return self._answers(workspace_id, asked_until, Ground.document_id == document_id)

    def on_channel(self, workspace_id: str, channel_id: str, asked_until: datetime) -> list[Answer]:
        """Answers that rest on anything said or shared in this channel."""
        return self._answers(workspace_id, asked_until, Ground.channel_id == channel_id)

    def _answers(self, workspace_id: str, asked_until: datetime, *rests_on: ColumnElement[bool]) -> list[Answer]:
        ids = select(Ground.answer_id).where(*rests_on)
        query = select(Answer).join(Question, Question.id == Answer.question_id)
        return list(
            self._session.scalars(
                query.where(
                    Answer.id.in_(ids),
                    Answer.verdict != Verdict.FORGOTTEN,
                    Question.workspace_id == workspace_id,
                    Question.asked_at <= asked_until,
                )
            )
        )
