"""Lists of training examples as people page through them, each showing only what its reader may read."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, selectinload

from core.records.examples import ExampleSource, ExampleState, TrainingExample
from core.records.questions import Answer, Question


class Listing(StrEnum):
    """WAITING: for a reviewer's decision. HELD: approved, and kept out all the same. MINE: the reader's own."""

    WAITING = "waiting"
    HELD = "held"
    MINE = "mine"


@dataclass(frozen=True)
class Reader:
    """Somebody who looks at a list; `audiences` are those whose words they may read."""

    workspace_id: str
    person_id: str
    audiences: frozenset[str]


@dataclass(frozen=True)
class Place:
    """A part of a list of `total`, from the `first` to the `last`, counted from 1; 0 where nothing is left of it."""

    first: int
    last: int
    total: int


@dataclass(frozen=True)
class ExamplePage:
    """Some examples of a list of `total`; `first` is the place of the first of them, from 1.

    `earlier` and `later` are the cursors of the neighbouring pages; empty where there is none.
    """

    examples: tuple[TrainingExample, ...]
    total: int
    first: int
    earlier: str
    later: str

    @property
    def place(self) -> Place:
        """Where the page is in the list."""
        return Place(self.first, self.first + len(self.examples) - 1, self.total)


class Reviews:
    """Pages of examples. A cursor is the place of an example that need not stand any more, so nothing is skipped."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def page(self, reader: Reader, listing: Listing, limit: int, cursor: str = "") -> ExamplePage:
        """The page at this cursor, or the first: oldest first, but one's own newest first."""
        conditions = _conditions(reader, listing)
        descending = listing is Listing.MINE
        query = select(TrainingExample).where(*conditions).options(selectinload(TrainingExample.sources))
        back = cursor.startswith("<")
        if cursor:
            query = query.where(_beyond(cursor[1:], ahead=back == descending))
        order = (TrainingExample.proposed_at, TrainingExample.id)
        falling = descending != back
        found = list(
            self._session.scalars(query.order_by(*(each.desc() if falling else each for each in order)).limit(limit))
        )
        if back:
            found.reverse()
        if not found and cursor:
            return self.page(reader, listing, limit)
        return self._framed(found, conditions, descending=descending)

    def _framed(
        self, found: list[TrainingExample], conditions: list[ColumnElement[bool]], *, descending: bool
    ) -> ExamplePage:
        total = self._count(*conditions)
        if not found:
            return ExamplePage((), total, 0, "", "")
        before = self._count(*conditions, _beyond(_place(found[0]), ahead=descending))
        return ExamplePage(
            tuple(found),
            total,
            before + 1,
            f"<{_place(found[0])}" if before else "",
            f">{_place(found[-1])}" if before + len(found) < total else "",
        )

    def place(self, reader: Reader, listing: Listing, example_ids: Collection[str]) -> Place:
        """Where those of these examples stand that are still in the list."""
        conditions = _conditions(reader, listing)
        descending = listing is Listing.MINE
        order = (TrainingExample.proposed_at, TrainingExample.id)
        standing = list(
            self._session.scalars(
                select(TrainingExample)
                .where(*conditions, TrainingExample.id.in_(example_ids))
                .order_by(*(each.desc() if descending else each for each in order))
            )
        )
        total = self._count(*conditions)
        if not standing:
            return Place(0, 0, total)
        before = self._count(*conditions, _beyond(_place(standing[0]), ahead=descending))
        return Place(before + 1, before + len(standing), total)

    def _count(self, *conditions: ColumnElement[bool]) -> int:
        return self._session.scalar(select(func.count()).select_from(TrainingExample).where(*conditions)) or 0

    def may_read(self, reader: Reader, example_id: str) -> bool:
        """Whether the reader may see this example."""
        return self._count(TrainingExample.id == example_id, *_readable(reader)) > 0

    def to_decide(self, example_id: str) -> TrainingExample | None:
        """The example, held until this unit of work ends: nobody else decides on it meanwhile."""
        return self._session.get(TrainingExample, example_id, with_for_update=True, populate_existing=True)

    def audiences(self, workspace_id: str) -> set[str]:
        """Whose words stand in examples and their sources."""
        own = select(TrainingExample.audience).where(TrainingExample.workspace_id == workspace_id)
        sources = (
            select(ExampleSource.audience)
            .join(TrainingExample, TrainingExample.id == ExampleSource.example_id)
            .where(TrainingExample.workspace_id == workspace_id)
        )
        return set(self._session.scalars(own.union(sources)))


def _conditions(reader: Reader, listing: Listing) -> list[ColumnElement[bool]]:
    if listing is Listing.MINE:
        return [
            TrainingExample.workspace_id == reader.workspace_id,
            TrainingExample.proposed_by == reader.person_id,
        ]
    if listing is Listing.WAITING:
        return [TrainingExample.state == ExampleState.CANDIDATE, *_readable(reader)]
    return [TrainingExample.state == ExampleState.APPROVED, TrainingExample.held_because != "", *_readable(reader)]


def _readable(reader: Reader) -> list[ColumnElement[bool]]:
    """Question, answer and every source are the reader's to see; what was whispered to another is not."""
    closed = select(ExampleSource.example_id).where(ExampleSource.audience.not_in(reader.audiences))
    whispered = (
        select(Answer.id)
        .join(Question, Question.id == Answer.question_id)
        .where(Question.ephemeral.is_(True), Question.person_id != reader.person_id)
    )
    return [
        TrainingExample.workspace_id == reader.workspace_id,
        TrainingExample.audience.in_(reader.audiences),
        TrainingExample.id.not_in(closed),
        or_(TrainingExample.answer_id.is_(None), TrainingExample.answer_id.not_in(whispered)),
    ]


def _place(example: TrainingExample) -> str:
    return f"{example.proposed_at.isoformat()} {example.id}"


def _beyond(place: str, *, ahead: bool) -> ColumnElement[bool]:
    """Later than this place in time, or with the same time and a greater id; not `ahead`: earlier."""
    moment, _, example_id = place.partition(" ")
    at, time, own = datetime.fromisoformat(moment), TrainingExample.proposed_at, TrainingExample.id
    if ahead:
        return or_(time > at, and_(time == at, own > example_id))
    return or_(time < at, and_(time == at, own < example_id))
