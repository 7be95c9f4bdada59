"""One vote per person and answer."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.records.base import Base, utc_now
from core.records.questions import Answer, Question


class Vote(Base):
    """A person's opinion of an answer: +1 helpful, -1 not, 0 taken back. The one that was given last counts."""

    __tablename__ = "votes"
    __table_args__ = (CheckConstraint("value IN (-1, 0, 1)", name="value"),)

    answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]
    voted_at: Mapped[datetime] = mapped_column(default=utc_now)
    """When the person gave it, by Slack's clock: what is delivered late must not undo what came after it."""
    complaint: Mapped[str] = mapped_column(default="")
    """What they said was wrong: "wrong", "outdated" and the like."""


class Feedback:
    """Questions asked of votes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, answer_id: str, person_id: str) -> Vote | None:
        """The person's standing vote."""
        return self._session.get(Vote, (answer_id, person_id))

    def put(self, answer_id: str, person_id: str, value: int, at: datetime | None = None) -> None:
        """The person's vote, or with 0 that they took it back, unless something given later is known."""
        standing, moment = self.get(answer_id, person_id), at or utc_now()
        if standing is None:
            self._session.add(Vote(answer_id=answer_id, person_id=person_id, value=value, voted_at=moment))
        elif standing.voted_at <= moment:
            standing.complaint = standing.complaint if standing.value == value else ""
            standing.value, standing.voted_at = value, moment
        self._session.flush()

    def take_back(self, vote: Vote) -> None:
        """Nothing is known of what this person thought."""
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
        rows = self._session.execute(
            select(Vote.person_id, Vote.value).where(Vote.answer_id == answer_id, Vote.value != 0)
        )
        return {person_id: value for person_id, value in rows}

    def votes_since(self, moment: datetime) -> list[tuple[datetime, int]]:
        """When votes were given since then, and which, oldest first."""
        rows = self._session.execute(
            select(Vote.voted_at, Vote.value).where(Vote.voted_at >= moment, Vote.value != 0).order_by(Vote.voted_at)
        )
        return [(voted_at, value) for voted_at, value in rows]

    def tally(self, answer_id: str) -> tuple[int, int]:
        """How many found the answer helpful, and how many not."""
        up = self._count(answer_id, 1)
        return up, self._count(answer_id, -1)

    def _count(self, answer_id: str, value: int) -> int:
        query = select(func.count()).select_from(Vote).where(Vote.answer_id == answer_id, Vote.value == value)
        return self._session.scalar(query) or 0
