"""Searching and writing whichever edition of the index is the live one, also while another takes its place."""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from core.errors import StoreUnavailable, Unavailable
from core.knowledge.access import AccessScope
from core.knowledge.embedders.by_words import ByWords
from core.knowledge.indexing import CONVERSATIONS, FILES, Indexer
from core.knowledge.open_editions import OpenEdition, OpenEditions, without_meaning
from core.knowledge.retrieval import Found, Retrieval
from core.knowledge.stores.passage_store import Hit, PassageStore, StoredPassage
from core.records.documents import DocumentKind
from core.records.unit_of_work import Record

NO_TIME = timedelta(0)

log = logging.getLogger(__name__)


class LiveIndexer:
    """An `Indexer` of the live edition."""

    def __init__(self, record: Record, editions: OpenEditions, indexer_of: Callable[[OpenEdition], Indexer]) -> None:
        self._record = record
        self._editions = editions
        self._indexer_of = indexer_of
        self._made: tuple[int, Indexer] | None = None

    def index_due(self, worker: str, kinds: Collection[DocumentKind] = CONVERSATIONS | FILES) -> int:
        """Index a batch of the documents that have work due; how many there were."""
        return self._live().index_due(worker, kinds)

    def index_everything(self, worker: str) -> int:
        """Index until nothing is due; how many documents there were."""
        done = 0
        while count := self.index_due(worker):
            done += count
        return done

    def recover(self) -> None:
        """Ask for all documents anew where the store lost what the record says it holds."""
        self._live().recover()

    def _live(self) -> Indexer:
        live, made = self._editions.live(), self._made
        if made is None or made[0] != live.edition.id:
            if isinstance(live.embedder, ByWords):
                self._remember_the_loss(live.edition.id)
            self._made = made = (live.edition.id, self._indexer_of(live))
        return made[1]

    def _remember_the_loss(self, edition_id: int) -> None:
        """What is indexed from now on has no meaning, should the embedder come back: then it is made anew."""
        with self._record() as work:
            if (edition := work.editions.get(edition_id)) is not None:
                edition.by_words = True
                work.commit()


class LiveRetrieval:
    """A `Retrieval` in the live edition. The one it replaced stays long enough for a search to come to its end."""

    def __init__(self, editions: OpenEditions, retrieval_of: Callable[[OpenEdition], Retrieval]) -> None:
        self._editions = editions
        self._retrieval_of = retrieval_of
        self._made: tuple[int, Retrieval] | None = None

    def find(self, question: str, scope: AccessScope, limit: int, thread: str = "") -> list[Found]:
        """The best `limit` passages for the question inside the scope, best first. Raises StoreUnavailable.

        While the embedder does not answer, they are found by words alone.
        """
        live, made = self._editions.live(), self._made
        if made is None or made[0] != live.edition.id:
            self._made = made = (live.edition.id, self._retrieval_of(live))
        try:
            return made[1].find(question, scope, limit, thread)
        except StoreUnavailable:
            raise
        except Unavailable as error:
            log.warning("%s Until then passages are found by words alone.", error.sentence)
            by_words = OpenEdition(live.edition, live.store, without_meaning(live.edition))
            return self._retrieval_of(by_words).find(question, scope, limit, thread)

    def warm_up(self) -> None:
        """Load now what the first question would have to wait for."""
        self._editions.live().embedder.embed_question("Is everything ready?")


class LiveStore(PassageStore):
    """The live edition's store to search and write; what is removed, is removed from that of every edition."""

    def __init__(self, editions: OpenEditions) -> None:
        self._editions = editions

    @property
    def version(self) -> int:
        """The number of the live edition."""
        return self._live.version

    def beside(self, version: int) -> PassageStore:
        """Another version of the live edition's index."""
        return self._live.beside(version)

    def take_over(self) -> None:
        """The live edition's index answers already."""
        self._live.take_over()

    def drop(self) -> None:
        """Remove the live edition's index; `recover` fills it again."""
        self._live.drop()

    def replace(self, workspace_id: str, keep: Mapping[str, Sequence[str]], new: Sequence[StoredPassage]) -> None:
        """Make the live store hold exactly the passages in `keep`, of which `new` are written."""
        self._live.replace(workspace_id, keep, new)

    def held(self, workspace_id: str, passage_ids: Sequence[str]) -> set[str]:
        """Those of these passages that stand in the live store."""
        return self._live.held(workspace_id, passage_ids)

    def delete_documents(self, workspace_id: str, document_ids: Sequence[str]) -> None:
        """Remove every passage of these documents, everywhere."""
        for store in self._editions.stores():
            store.delete_documents(workspace_id, document_ids)

    def delete_channel(self, workspace_id: str, channel_id: str) -> None:
        """Remove every passage heard in the channel, everywhere."""
        for store in self._editions.stores():
            store.delete_channel(workspace_id, channel_id)

    def delete_workspace(self, workspace_id: str) -> None:
        """Remove every passage of the workspace, everywhere."""
        for store in self._editions.stores():
            store.delete_workspace(workspace_id)

    def search(
        self, question: str, vector: NDArray[np.float32], scope: AccessScope, limit: int, dense_weight: float
    ) -> list[Hit]:
        """The best `limit` passages of the live store that the scope may see, best first."""
        return self._live.search(question, vector, scope, limit, dense_weight)

    def count(self, workspace_id: str) -> int:
        """Passages held for the workspace in the live store."""
        return self._live.count(workspace_id)

    def tidy(self) -> None:
        """Merge small writes and bring indexes up to date."""
        for store in (self._live, *self._editions.being_made()):
            store.tidy()

    def words(self, workspace_id: str) -> Iterator[tuple[str, str]]:
        """Every passage held anywhere, by id, with the words that it is found by."""
        for store in self._editions.stores():
            yield from store.words(workspace_id)

    def erase_deleted(self, grace_s: float) -> None:
        """Leave nothing on the disk of what was removed, nor of an edition that was replaced."""
        for store in (self._live, *self._editions.being_made()):
            store.erase_deleted(grace_s)
        self._editions.drop_retired(NO_TIME)

    def close(self) -> None:
        """Let go of every store."""
        self._editions.close()

    @property
    def _live(self) -> PassageStore:
        return self._editions.live().store
