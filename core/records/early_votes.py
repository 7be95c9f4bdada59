"""Votes on messages of ours whose answer is not saved yet: kept until it is, so that none is lost."""

from datetime import datetime

from sqlalchemy import CheckConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.records.base import Base
from core.records.questions import Question, QuestionState, ReplyMessage


class EarlyVote(Base):
    """What a person thinks of a message of ours that is still growing. 0: taken back."""

    __tablename__ = "early_votes"
    __table_args__ = (CheckConstraint("value IN (-1, 0, 1)", name="value"),)

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    channel_id: Mapped[str] = mapped_column(primary_key=True)
    ts: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]
    voted_at: Mapped[datetime]


class EarlyVotes:
    """Questions asked of early votes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, workspace_id: str, channel_id: str, ts: str, person_id: str) -> EarlyVote | None:
        """The person's standing vote on this message."""
        return self._session.get(EarlyVote, (workspace_id, channel_id, ts, person_id))

    def put(self, workspace_id: str, channel_id: str, ts: str, person_id: str, value: int, at: datetime) -> None:
        """The person's vote on this message, unless one that was given later is known."""
        standing = self.get(workspace_id, channel_id, ts, person_id)
        if standing is None:
            self._session.add(
                EarlyVote(
                    workspace_id=workspace_id,
                    channel_id=channel_id,
                    ts=ts,
                    person_id=person_id,
                    value=value,
                    voted_at=at,
                )
            )
        elif standing.voted_at <= at:
            standing.value, standing.voted_at = value, at
        self._session.flush()

    def ripe(self, workspace_id: str) -> list[tuple[EarlyVote, str]]:
        """Votes whose question waits no longer, each with the question's id; first given, first told."""
        rows = self._session.execute(
            select(EarlyVote, Question.id)
            .join(
                ReplyMessage,
                (ReplyMessage.workspace_id == EarlyVote.workspace_id)
                & (ReplyMessage.channel_id == EarlyVote.channel_id)
                & (ReplyMessage.ts == EarlyVote.ts),
            )
            .join(Question, Question.id == ReplyMessage.question_id)
            .where(EarlyVote.workspace_id == workspace_id, Question.state != QuestionState.ASKED)
            .order_by(EarlyVote.voted_at, EarlyVote.person_id)
        )
        return [(vote, question_id) for vote, question_id in rows]

    def drop(self, vote: EarlyVote) -> None:
        """It is counted, or there is nothing that it could count for."""
        self._session.delete(vote)
        self._session.flush()

    def drop_older(self, workspace_id: str, moment: datetime) -> None:
        """Votes from before this moment were given on messages that never became answers."""
        self._session.execute(
            delete(EarlyVote).where(EarlyVote.workspace_id == workspace_id, EarlyVote.voted_at < moment)
        )

    def drop_of_person(self, workspace_id: str, person_id: str) -> None:
        """Forget what the person thought."""
        self._session.execute(
            delete(EarlyVote).where(EarlyVote.workspace_id == workspace_id, EarlyVote.person_id == person_id)
        )
