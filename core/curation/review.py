"""Reviewers' work: look at what was proposed, page by page, and decide on it."""

from collections.abc import Collection
from dataclasses import replace

from core.curation.examples import standing
from core.curation.reviewing import Reviewing, reader_of
from core.errors import JourneymanError, NotAllowed
from core.records.base import utc_now
from core.records.examples import ExampleState, TrainingExample
from core.records.reviews import ExamplePage, Listing, Place, Reader
from core.records.unit_of_work import Record, UnitOfWork

PAGE = 5
"""Examples shown at once."""


def may_review(record: Record, reviewing: Reviewing, workspace_id: str, person_id: str) -> bool:
    """Whether this person decides on what was proposed."""
    with record() as work:
        return reviewing.may_review(work, workspace_id, person_id)


def page(
    record: Record,
    reviewing: Reviewing,
    workspace_id: str,
    person_id: str,
    listing: Listing,
    cursor: str = "",
    closed: Collection[str] = (),
) -> ExamplePage:
    """A page of this list. From channels in `closed` nothing is shown: who is in them is not known for sure.

    Raises NotAllowed when the list is the reviewers' and the person is none.
    """
    with record() as work:
        return work.reviews.page(
            _reader(work, reviewing, workspace_id, person_id, listing, closed), listing, PAGE, cursor
        )


def place(
    record: Record,
    reviewing: Reviewing,
    workspace_id: str,
    person_id: str,
    listing: Listing,
    example_ids: Collection[str],
    closed: Collection[str] = (),
) -> Place:
    """Where in this list those of the examples stand that are still in it. Raises as `page` does."""
    with record() as work:
        return work.reviews.place(
            _reader(work, reviewing, workspace_id, person_id, listing, closed), listing, example_ids
        )


def to_edit(
    record: Record, reviewing: Reviewing, workspace_id: str, example_id: str, person_id: str
) -> TrainingExample:
    """The example that this reviewer is about to edit. Raises as `decide` does."""
    with record() as work:
        return _open_to(work, reviewing, workspace_id, example_id, person_id)


def decide(
    record: Record,
    reviewing: Reviewing,
    workspace_id: str,
    example_id: str,
    reviewer: str,
    *,
    approve: bool,
    question: str | None = None,
    answer: str | None = None,
) -> TrainingExample:
    """A reviewer's decision, with the wording they gave it; returns the example as it stands then.

    Raises NotAllowed for who is no reviewer or may not read it, JourneymanError when it is gone or decided already.
    """
    with record() as work:
        example = _open_to(work, reviewing, workspace_id, example_id, reviewer)
        example.state = ExampleState.APPROVED if approve else ExampleState.REJECTED
        example.question = (question or example.question).strip()
        example.answer = (answer or example.answer).strip()
        example.held_because = ""
        example.decided_by, example.decided_at = reviewer, utc_now()
        work.commit()
        return example


def _reader(
    work: UnitOfWork,
    reviewing: Reviewing,
    workspace_id: str,
    person_id: str,
    listing: Listing,
    closed: Collection[str],
) -> Reader:
    if listing is not Listing.MINE:
        reviewing.require_reviewer(work, workspace_id, person_id)
    reader = reader_of(work, workspace_id, person_id)
    return replace(reader, audiences=reader.audiences - frozenset(closed))


def _open_to(
    work: UnitOfWork, reviewing: Reviewing, workspace_id: str, example_id: str, person_id: str
) -> TrainingExample:
    reviewing.require_reviewer(work, workspace_id, person_id)
    example = standing(work, example_id)
    if not work.reviews.may_read(reader_of(work, workspace_id, person_id), example_id):
        raise NotAllowed("This comes from a conversation that you are not in.")
    held = example.state is ExampleState.APPROVED and bool(example.held_because)
    if example.state is not ExampleState.CANDIDATE and not held:
        raise JourneymanError("Somebody has decided on this meanwhile.")
    return example
