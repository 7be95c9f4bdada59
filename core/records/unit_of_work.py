"""The unit of work: one transaction over all aggregates, committed whole or not at all."""

from types import TracebackType
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.records.adapters import Adapters
from core.records.backfills import Backfills
from core.records.claims import Claims
from core.records.documents import Documents
from core.records.early_votes import EarlyVotes
from core.records.editions import Editions
from core.records.examples import Examples
from core.records.feedback import Feedback
from core.records.files import Files
from core.records.grounds import Grounds
from core.records.heard_events import HeardEvents
from core.records.messages import Messages
from core.records.notices import Notices
from core.records.overviews import Overviews
from core.records.passages import Passages
from core.records.questions import Questions
from core.records.reviews import Reviews
from core.records.runs import Runs
from core.records.searching import FoundRow, search_tables
from core.records.tombstones import Tombstones
from core.records.user_groups import UserGroups
from core.records.workspaces import Workspaces


class UnitOfWork:
    """Opened with `with`; what is not committed by `commit()` is rolled back when the block ends.

    Keep it short: on SQLite it holds the only write lock. Objects read in it stay readable after it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> Self:
        self._session = Session(self._engine, expire_on_commit=False)
        self.workspaces = Workspaces(self._session)
        self.user_groups = UserGroups(self._session)
        self.backfills = Backfills(self._session)
        self.heard_events = HeardEvents(self._session)
        self.messages = Messages(self._session)
        self.files = Files(self._session)
        self.editions = Editions(self._session)
        self.passages = Passages(self._session)
        self.documents = Documents(self._session, self.passages)
        self.claims = Claims(self._session, self.passages)
        self.questions = Questions(self._session)
        self.grounds = Grounds(self._session)
        self.feedback = Feedback(self._session)
        self.early_votes = EarlyVotes(self._session)
        self.examples = Examples(self._session)
        self.reviews = Reviews(self._session)
        self.overviews = Overviews(self._session)
        self.notices = Notices(self._session)
        self.runs = Runs(self._session)
        self.adapters = Adapters(self._session)
        self.tombstones = Tombstones(self._session)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def search(self, sought: str) -> list[FoundRow]:
        """Every row of every table that holds this text or id."""
        return search_tables(self._session, sought)

    def commit(self) -> None:
        """Make everything done so far in this unit permanent."""
        self._session.commit()


class Record:
    """The system of record. Calling it opens a unit of work: `with record() as work: …; work.commit()`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __call__(self) -> UnitOfWork:
        """A new unit of work, to be opened with `with`."""
        return UnitOfWork(self.engine)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()
