"""Training examples: what people approved, corrected or taught, and what it rested on."""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import ForeignKey, Index, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship, selectinload

from core.records.base import Base, holds_place, utc_now
from core.records.documents import Document


class ExampleOrigin(StrEnum):
    """Where an example came from. VOTED: an answer of ours that people found helpful."""

    VOTED = "voted"
    CORRECTED = "corrected"
    TAUGHT = "taught"


class ExampleState(StrEnum):
    """How far an example has come. CANDIDATE: waits for a reviewer."""

    CANDIDATE = "candidate"
    APPROVED = "approved"
    REJECTED = "rejected"


class TrainingExample(Base):
    """A question and the answer that ought to be given to it."""

    __tablename__ = "training_examples"
    __table_args__ = (Index(None, "workspace_id", "state", "proposed_at"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: str(uuid4()))
    workspace_id: Mapped[str]
    origin: Mapped[ExampleOrigin]
    state: Mapped[ExampleState] = mapped_column(default=ExampleState.CANDIDATE)
    answer_id: Mapped[str | None] = mapped_column(ForeignKey("answers.id", ondelete="SET NULL"), index=True)
    """The answer of ours that was voted on or corrected."""
    channel_id: Mapped[str]
    thread: Mapped[str]
    """Channel and root ts of the conversation it came from: examples of one thread stay on one side of the split."""
    audience: Mapped[str]
    """PUBLIC when question, answer and sources all are; otherwise the channel that keeps it from being so."""
    question: Mapped[str]
    answer: Mapped[str]
    complaint: Mapped[str] = mapped_column(default="")
    """What was wrong with the answer that this one corrects."""
    places: Mapped[tuple[str, ...]] = mapped_column(default=())
    """For what was taught: the ts of the messages in its channel that its words are from."""
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime] = mapped_column(default=utc_now)
    question_group: Mapped[str] = mapped_column(default="", index=True)
    """Shared with its paraphrases and its thread, set once and kept: it decides the side of the split."""
    held_because: Mapped[str] = mapped_column(default="")
    """Why the example is approved, and still kept out of training; empty when it is not."""
    decided_by: Mapped[str] = mapped_column(default="")
    """The reviewer who decided; empty where votes did."""
    decided_at: Mapped[datetime | None]

    sources: Mapped[list["ExampleSource"]] = relationship(cascade="all, delete-orphan", order_by="ExampleSource.marker")


class ExampleSource(Base):
    """A passage that an example rests on, as it read then."""

    __tablename__ = "example_sources"
    __table_args__ = (Index(None, "document_id"),)

    example_id: Mapped[str] = mapped_column(ForeignKey("training_examples.id", ondelete="CASCADE"), primary_key=True)
    marker: Mapped[int] = mapped_column(primary_key=True)
    passage_id: Mapped[str]
    document_id: Mapped[str]
    audience: Mapped[str]
    name: Mapped[str]
    text: Mapped[str]


class Examples:
    """Questions asked of training examples."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, example_id: str) -> TrainingExample | None:
        """The example, if it is known."""
        return self._session.get(TrainingExample, example_id)

    def add(self, example: TrainingExample) -> None:
        """Keep a new example."""
        self._session.add(example)
        self._session.flush()

    def remove(self, example: TrainingExample) -> None:
        """Drop the example with its sources."""
        self._session.delete(example)
        self._session.flush()

    def voted_for(self, answer_id: str) -> TrainingExample | None:
        """The example that votes on this answer made."""
        return self._session.scalar(
            select(TrainingExample).where(
                TrainingExample.answer_id == answer_id, TrainingExample.origin == ExampleOrigin.VOTED
            )
        )

    def waiting_correction(self, answer_id: str, person_id: str) -> TrainingExample | None:
        """The person's correction of this answer that no reviewer has decided on."""
        return self._session.scalar(
            select(TrainingExample).where(
                TrainingExample.answer_id == answer_id,
                TrainingExample.proposed_by == person_id,
                TrainingExample.origin == ExampleOrigin.CORRECTED,
                TrainingExample.state == ExampleState.CANDIDATE,
            )
        )

    def in_state(self, workspace_id: str, state: ExampleState, limit: int, offset: int = 0) -> list[TrainingExample]:
        """A page of examples in this state, longest waiting first."""
        return list(
            self._session.scalars(
                select(TrainingExample)
                .where(TrainingExample.workspace_id == workspace_id, TrainingExample.state == state)
                .order_by(TrainingExample.proposed_at, TrainingExample.id)
                .limit(limit)
                .offset(offset)
            )
        )

    def approved(self, workspace_id: str) -> list[TrainingExample]:
        """Every approved example, oldest first."""
        return list(
            self._session.scalars(
                select(TrainingExample)
                .where(TrainingExample.workspace_id == workspace_id, TrainingExample.state == ExampleState.APPROVED)
                .order_by(TrainingExample.proposed_at, TrainingExample.id)
                .options(selectinload(TrainingExample.sources))
            )
        )

    def proposed_by(self, workspace_id: str, person_id: str, limit: int) -> list[TrainingExample]:
        """What the person contributed, newest first."""
        return list(
            self._session.scalars(
                select(TrainingExample)
                .where(TrainingExample.workspace_id == workspace_id, TrainingExample.proposed_by == person_id)
                .order_by(TrainingExample.proposed_at.desc(), TrainingExample.id)
                .limit(limit)
            )
        )

    def existing(self, example_ids: Collection[str]) -> set[str]:
        """Those of these examples that stand in the record, and were neither withdrawn nor forgotten."""
        return set(self._session.scalars(select(TrainingExample.id).where(TrainingExample.id.in_(example_ids))))

    def of_answer(self, answer_id: str) -> list[TrainingExample]:
        """What people approved or corrected of this answer."""
        return list(self._session.scalars(select(TrainingExample).where(TrainingExample.answer_id == answer_id)))

    def taught_from(self, workspace_id: str, channel_id: str, ts: str) -> list[TrainingExample]:
        """What was taught with this message's words."""
        return list(
            self._session.scalars(
                select(TrainingExample).where(
                    TrainingExample.workspace_id == workspace_id,
                    TrainingExample.channel_id == channel_id,
                    holds_place(TrainingExample.places, ts),
                )
            )
        )

    def of_channel(self, workspace_id: str, channel_id: str, until: datetime) -> list[TrainingExample]:
        """Examples of what was asked, answered or taught in the channel until then."""
        return list(
            self._session.scalars(
                select(TrainingExample).where(
                    TrainingExample.workspace_id == workspace_id,
                    TrainingExample.channel_id == channel_id,
                    TrainingExample.proposed_at <= until,
                )
            )
        )

    def of_workspace(self, workspace_id: str, until: datetime) -> list[TrainingExample]:
        """Every example until then."""
        return list(
            self._session.scalars(
                select(TrainingExample).where(
                    TrainingExample.workspace_id == workspace_id, TrainingExample.proposed_at <= until
                )
            )
        )

    def with_source_of_channel(self, workspace_id: str, channel_id: str) -> list[TrainingExample]:
        """Examples with a source that was heard in the channel, as long as its document is known."""
        heard = select(Document.id).where(Document.workspace_id == workspace_id, Document.channel_id == channel_id)
        ids = select(ExampleSource.example_id).where(ExampleSource.document_id.in_(heard))
        return list(self._session.scalars(select(TrainingExample).where(TrainingExample.id.in_(ids))))

    def all_proposed_by(self, workspace_id: str, person_id: str) -> list[TrainingExample]:
        """Everything that the person contributed."""
        return list(
            self._session.scalars(
                select(TrainingExample).where(
                    TrainingExample.workspace_id == workspace_id, TrainingExample.proposed_by == person_id
                )
            )
        )

    def decided_by(self, workspace_id: str, person_id: str) -> list[TrainingExample]:
        """Examples on which this person decided."""
        return list(
            self._session.scalars(
                select(TrainingExample).where(
                    TrainingExample.workspace_id == workspace_id, TrainingExample.decided_by == person_id
                )
            )
        )

    def mark(self, groups: Mapping[str, str], held_because: Mapping[str, str]) -> None:
        """Write down the groups given (example id → group) and why examples are held back (example id → reason)."""
        for example in self._session.scalars(
            select(TrainingExample).where(TrainingExample.id.in_({*groups, *held_because}))
        ):
            example.question_group = example.question_group or groups.get(example.id, "")
            example.held_because = held_because.get(example.id, example.held_because)

    def count(self, workspace_id: str, state: ExampleState, since: datetime | None = None) -> int:
        """How many examples are in this state, of those proposed since then."""
        query = (
            select(func.count())
            .select_from(TrainingExample)
            .where(TrainingExample.workspace_id == workspace_id, TrainingExample.state == state)
        )
        if since is not None:
            query = query.where(TrainingExample.proposed_at >= since)
        return self._session.scalar(query) or 0
