"""Editions of the index with their stores and embedders opened, each when it is first needed."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from threading import RLock

from core.errors import Misconfigured, Unavailable
from core.knowledge.embedders.by_words import ByWords
from core.knowledge.embedding import Embedder
from core.knowledge.stores.passage_store import PassageStore
from core.knowledge.stores.terms import TERMS
from core.records.base import utc_now
from core.records.editions import LIVE, Edition
from core.records.unit_of_work import Record

FORGOTTEN_AT_ONCE = 2_000
"""Passages of a former edition."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EmbedderChoice:
    """The settings that an embedder is opened by."""

    embedder: str
    base_url: str = ""


@dataclass(frozen=True)
class OpenEdition:
    """An edition that can be searched and written."""

    edition: Edition
    store: PassageStore
    embedder: Embedder


class OpenEditions:
    """The record says which edition answers, for every process; this process opens them. Threads may share it.

    `chosen` and `passage_tokens` are what the settings want of a new one.
    """

    def __init__(
        self,
        record: Record,
        chosen: EmbedderChoice,
        passage_tokens: int,
        open_embedder: Callable[[EmbedderChoice], Embedder],
        open_store: Callable[[str, int], PassageStore],
    ) -> None:
        self._record = record
        self._chosen = chosen
        self._passage_tokens = passage_tokens
        self._open_embedder = open_embedder
        self._open_store = open_store
        self._opened: dict[int, OpenEdition] = {}
        self._embedders: dict[EmbedderChoice, Embedder] = {}
        self._stores: dict[int, PassageStore] = {}
        self._opening = RLock()

    def live(self) -> OpenEdition:
        """The edition that answers, as the record says now; the first is made when there is none.

        Raises Misconfigured when the settings name an embedder that is not there.
        """
        with self._record() as work:
            live = work.editions.live()
        if live is not None and live.id not in self._opened:
            self._let_go_of_those_before(live.id)
        return self._open(live or self._first())

    def next(self) -> OpenEdition | None:
        """The edition that is being made, if one is."""
        with self._record() as work:
            coming = work.editions.next()
        return self._open(coming) if coming is not None else None

    def being_made(self) -> list[PassageStore]:
        """The index that is being made, if one is."""
        with self._record() as work:
            coming = work.editions.next()
        return [self.store_of(coming)] if coming is not None else []

    def stores(self) -> list[PassageStore]:
        """The index of every edition, of those too that were replaced a moment ago."""
        with self._record() as work:
            every = [work.editions.live(), work.editions.next(), *work.editions.retired()]
        return [self.store_of(each) for each in every if each is not None]

    def wanted(self, slot: str) -> Edition:
        """A new edition as the settings want it. Raises Misconfigured, or Unavailable."""
        embedder = self._embedder(self._chosen)
        return Edition(
            slot=slot,
            embedder=self._chosen.embedder,
            base_url=self._chosen.base_url,
            embedder_name=embedder.name,
            dimension=embedder.dimension,
            passage_tokens=min(self._passage_tokens, embedder.max_tokens),
            terms=TERMS,
        )

    def store_of(self, edition: Edition) -> PassageStore:
        """The edition's index."""
        with self._opening:
            if edition.id not in self._stores:
                opened = self._open_store(edition.embedder_name, edition.dimension)
                self._stores[edition.id] = opened.beside(edition.id)
            return self._stores[edition.id]

    def any_retired(self) -> bool:
        """Whether indexes of editions that were replaced are still there."""
        with self._record() as work:
            return bool(work.editions.retired())

    def drop_retired(self, kept: timedelta) -> int:
        """Remove the indexes of editions that were replaced longer ago than this; how many there were."""
        with self._record() as work:
            old = [each for each in work.editions.retired() if each.retired_at and each.retired_at + kept <= utc_now()]
        for edition in old:
            self.store_of(edition).drop()
            self._stores.pop(edition.id, None)
            self._forget(edition.id)
        return len(old)

    def close(self) -> None:
        """Let go of every store."""
        for store in self._stores.values():
            store.close()

    def _first(self) -> Edition:
        first = self.wanted(LIVE)
        with self._record() as work:
            if work.editions.add(first):
                work.passages.adopt(first.id)
                work.documents.adopt(first.id)
            work.commit()
            live = work.editions.live()
        assert live is not None
        return live

    def _forget(self, edition_id: int) -> None:
        """In small transactions: each holds the only write lock."""
        remaining = True
        while remaining:
            with self._record() as work:
                remaining = work.passages.drop_some_of_edition(edition_id, FORGOTTEN_AT_ONCE)
                there = work.editions.get(edition_id)
                if not remaining and there is not None:
                    work.editions.drop(there)
                work.commit()

    def _open(self, edition: Edition) -> OpenEdition:
        with self._opening:
            if edition.id not in self._opened:
                opened = OpenEdition(edition, self.store_of(edition), self._embedder_of(edition))
                self._opened[edition.id] = opened
            return self._opened[edition.id]

    def _let_go_of_those_before(self, edition_id: int) -> None:
        """An embedder may be gigabytes; a search that is still at it holds it until it comes to its end."""
        with self._opening:
            self._opened = {each: opened for each, opened in self._opened.items() if each >= edition_id}
            needed = [opened.embedder for opened in self._opened.values()]
            kept = {each: embedder for each, embedder in self._embedders.items() if embedder in needed}
            self._embedders = kept | {each: e for each, e in self._embedders.items() if each == self._chosen}

    def _embedder(self, choice: EmbedderChoice) -> Embedder:
        with self._opening:
            if choice not in self._embedders:
                self._embedders[choice] = self._open_embedder(choice)
            return self._embedders[choice]

    def _embedder_of(self, edition: Edition) -> Embedder:
        """The one that made the edition or, where that is lost, none. Raises Misconfigured only if settings want it."""
        if edition.by_words:
            return without_meaning(edition)
        choice = EmbedderChoice(edition.embedder, edition.base_url)
        try:
            embedder = self._embedder(choice)
            if _is_made_by(edition, embedder):
                return embedder
            now = f"it is {embedder.name} with {embedder.dimension} dimensions now"
        except Misconfigured as error:
            if choice == self._chosen:
                raise
            now = error.sentence
        log.warning(
            "Passages were embedded by %s, which cannot be had any more (%s): until the index is made anew, "
            "they are found by words alone",
            edition.embedder_name,
            now,
        )
        return without_meaning(edition)


def _is_made_by(edition: Edition, embedder: Embedder) -> bool:
    if embedder.name != edition.embedder_name:
        return False
    try:
        return embedder.dimension == edition.dimension
    except Unavailable:
        return True  # a server that does not answer just now: it is taken for what it was


def without_meaning(edition: Edition) -> Embedder:
    """What searches the edition by words alone."""
    return ByWords(edition.embedder_name, edition.dimension, edition.passage_tokens)
