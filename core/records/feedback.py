"""One vote per person and answer."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.records.base import Base, utc_now
from core.records.questions import Answer, Question


class Vote(Base):
    """A person's opinion of an answer: +1 helpful, -1 not. The last one counts."""

    __tablename__ = "votes"
    __table_args__ = (CheckConstraint("value IN (-1, 1)", name="value"),)

    answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]
    voted_at: Mapped[datetime] = mapped_column(default=utc_now)


class Feedback:
    """Questions asked of votes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, answer_id: str, person_id: str) -> Vote | None:
        """The person's standing vote."""
        return self._session.get(Vote, (answer_id, person_id))

    def put(self, answer_id: str, person_id: str, value: int) -> None:
        """The person's vote, replacing an earlier one."""
        self._session.merge(Vote(answer_id=answer_id, person_id=person_id, value=value, voted_at=utc_now()))
        self._session.flush()

    def take_back(self, vote: Vote) -> None:
        """The person no longer has an opinion."""
        self._session.delete(vote)
        self._session.flush()

    def drop_votes_on(self, answer_id: str) -> None:
        """Nobody has an opinion of this answer any more."""
        self._session.execute(delete(Vote).where(Vote.answer_id == answer_id))

    def of_person(self, workspace_id: str, person_id: str) -> list[Vote]:
        """Every vote of the person."""
        query = select(Vote).join(Answer, Answer.id == Vote.answer_id).join(Question, Question.id == Answer.question_id)
        return list(
            self._session.scalars(query.where(Question.workspace_id == workspace_id, Vote.person_id == person_id))
        )

    def votes_on(self, answer_id: str) -> dict[str, int]:
        """Every person's vote on the answer."""
        rows = self._session.execute(select(Vote.person_id, Vote.value).where(Vote.answer_id == answer_id))
        return {person_id: value for person_id, value in rows}

    def votes_since(self, moment: datetime) -> list[tuple[datetime, int]]:
        """When votes were given since then, and which, oldest first."""
        rows = self._session.execute(
            select(Vote.voted_at, Vote.value).where(Vote.voted_at >= moment).order_by(Vote.voted_at)
        )
        return [(voted_at, value) for voted_at, value in rows]

    def tally(self, answer_id: str) -> tuple[int, int]:
        """How many found the answer helpful, and how many not."""
        up = self._count(answer_id, 1)
        return up, self._count(answer_id, -1)

    def _count(self, answer_id: str, value: int) -> int:
        query = select(func.count()).select_from(Vote).where(Vote.answer_id == answer_id, Vote.value == value)
        return self._session.scalar(query) or 0
