"""What ought to be findable becomes findable: documents with work due → passages in the store and in the record."""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import JourneymanError, Misconfigured, Unavailable, UnreadableFile
from core.knowledge.chunking import with_header
from core.knowledge.conversations import find_conversation, prepare
from core.knowledge.embedding import Embedder
from core.knowledge.extraction import ExtractionLimits
from core.knowledge.prepared import Cut, PreparedDocument
from core.knowledge.source_files import SourceFile, find_source_file, read_source_file
from core.knowledge.stores.passage_store import PassageStore, StoredPassage
from core.knowledge.unreadable import tell_of_problem
from core.records.base import utc_now
from core.records.documents import Document, DocumentKind
from core.records.editions import LIVE
from core.records.passages import Passage
from core.records.unit_of_work import Record, UnitOfWork

CONVERSATIONS = frozenset({DocumentKind.THREAD, DocumentKind.DAY})
FILES = frozenset({DocumentKind.FILE, DocumentKind.PATH})

CONVERSATIONS_AT_ONCE = 64
FILES_AT_ONCE = 4
FILES_READ_SIDE_BY_SIDE = 2
EMBEDDED_AT_ONCE = 512
"""Passages between two chances for other threads to use the embedder."""

HOLD = timedelta(minutes=15)
"""How long a claim stands when its worker vanished together with its machine."""

FIRST_RETRY_S = 2.0
LAST_RETRY_S = 3600.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ready:
    """A document whose text is known. `problem` says why it has none, where that is the file's own fault."""

    document: Document
    cuts: list[Cut]
    problem: str = ""

    @property
    def passages(self) -> list[Passage]:
        """Its passages, in reading order."""
        return [cut.passage for cut in self.cuts]


class Indexer:
    """Does the work that documents have due in one edition of the index: the live one, where there are editions.

    Safe to kill at any instruction, and to run in several processes.
    """

    slot = LIVE
    """Where its edition has to be for the work to count."""

    def __init__(
        self,
        record: Record,
        store: PassageStore,
        embedder: Embedder,
        *,
        blobs_dir: Path,
        passage_tokens: int,
        window_pause_s: float,
        limits: ExtractionLimits,
        edition: int = 0,
        elsewhere: Callable[[], Sequence[PassageStore]] = tuple,
    ) -> None:
        """`store` is that of the `edition`; `elsewhere` are those from which what is to be forgotten has to go, too."""
        self._record = record
        self._store = store
        self._embedder = embedder
        self._blobs_dir = blobs_dir
        self._passage_tokens = min(passage_tokens, embedder.max_tokens)
        self._window_pause_s = window_pause_s
        self._limits = limits
        self._edition = edition
        self._elsewhere = elsewhere

    def index_due(self, worker: str, kinds: Collection[DocumentKind] = CONVERSATIONS | FILES) -> int:
        """Index a batch of the documents of these kinds that have work due; how many there were.

        Conversations go before files, which may take minutes. Raises Misconfigured when nothing can be indexed at all.
        """
        for lane, at_once in ((CONVERSATIONS, CONVERSATIONS_AT_ONCE), (FILES, FILES_AT_ONCE)):
            if wanted := lane.intersection(kinds):
                with self._record() as work:
                    batch = self._claim(work, worker, at_once, wanted)
                    if batch:
                        work.commit()
                if batch:
                    self._index(batch, worker)
                    return len(batch)
        return 0

    def index_everything(self, worker: str) -> int:
        """Index until nothing is due; how many documents there were."""
        done = 0
        while count := self.index_due(worker):
            done += count
        return done

    def recover(self) -> None:
        """Ask for all documents of a workspace anew where the store holds nothing of what the record says it holds."""
        with self._record() as work:
            for workspace_id in work.passages.workspaces():
                if self._store.count(workspace_id) == 0:
                    log.warning("The passage store is empty: everything in workspace %s is indexed anew", workspace_id)
                    work.documents.want_all_again(workspace_id)
            work.commit()

    def _claim(self, work: UnitOfWork, worker: str, limit: int, kinds: Collection[DocumentKind]) -> list[Document]:
        now = utc_now()
        return work.claims.take_due(worker, now, HOLD, limit, kinds, only_gone=work.editions.is_closing(now))

    def _index(self, batch: Sequence[Document], worker: str) -> None:
        """The whole batch together; where that fails, one by one, so that a bad document stops no other."""
        try:
            ready = self._read(batch, worker)
            together = batch[0].kind in CONVERSATIONS  # a file may be thousands of passages by itself
            for group in [ready] if together else [[each] for each in ready]:
                self._put_in_store(group)
                self._mark(group, worker)
        except Misconfigured:
            raise
        except Unavailable as error:
            self._wait_out(batch, worker, error)
        except Exception as error:  # noqa: BLE001 - whatever a document provokes, the others must go on
            if len(batch) == 1:
                self._postpone(batch, worker, error)
                return
            for document in batch:
                self._index([document], worker)

    def _read(self, batch: Sequence[Document], worker: str) -> list[Ready]:
        """Each document with its passages. The transaction holds the only write lock: nothing slow happens in it."""
        wanted = [document for document in batch if not document.gone]
        with self._record() as work:
            said = [(d, find_conversation(work, d, self._window_pause_s)) for d in wanted if d.kind in CONVERSATIONS]
            files = [(d, find_source_file(work, d, self._blobs_dir)) for d in wanted if d.kind in FILES]
        ready = [Ready(document, []) for document in batch if document.gone]
        ready += [Ready(document, self._cut(prepare(conversation), document)) for document, conversation in said]
        with ThreadPoolExecutor(FILES_READ_SIDE_BY_SIDE) as readers:
            read = readers.map(lambda each: self._read_source_file(each[0], each[1], worker), files)
            ready += [each for each in read if each is not None]
        return ready

    def _read_source_file(self, document: Document, file: SourceFile | None, worker: str) -> Ready | None:
        if file is None:
            return Ready(document, [])
        try:
            return Ready(document, self._cut(read_source_file(file, self._limits), document))
        except UnreadableFile as unreadable:
            return Ready(document, [], problem=unreadable.sentence)
        except Unavailable as error:
            self._postpone([document], worker, error)
            return None

    def _cut(self, prepared: PreparedDocument, document: Document) -> list[Cut]:
        return prepared.cuts(document, self._passage_tokens, self._embedder.count_tokens, self._edition)

    def _put_in_store(self, ready: Sequence[Ready]) -> None:
        """Make the store hold what these documents say now; what it holds already is neither embedded nor written."""
        for each in ready:
            self._remove_what_is_forgotten(each.document)
        said = [each for each in ready if not each.document.gone]
        if not said:
            return
        held = self._held(passage for each in said for passage in each.passages)
        new = [(each.document, cut) for each in said for cut in each.cuts if cut.passage.id not in held]
        vectors = self._embed([with_header(cut.passage.header, cut.passage.text) for _, cut in new])
        stored = [_stored(document, cut, vector) for (document, cut), vector in zip(new, vectors, strict=True)]
        for workspace_id in {each.document.workspace_id for each in said}:
            mine = [each for each in said if each.document.workspace_id == workspace_id]
            keep = {each.document.id: [passage.id for passage in each.passages] for each in mine}
            self._store.replace(workspace_id, keep, [each for each in stored if each.workspace_id == workspace_id])

    def _remove_what_is_forgotten(self, document: Document) -> None:
        if document.gone:
            self._store.delete_documents(document.workspace_id, [document.id])
        if document.gone or document.indexed_revision < document.forgotten_revision:
            for store in self._elsewhere():
                store.delete_documents(document.workspace_id, [document.id])

    def _held(self, passages: Iterable[Passage]) -> set[str]:
        """Ids of those passages that stand in the store, whatever the record says: a worker may have died between."""
        ids: dict[str, list[str]] = defaultdict(list)
        for passage in passages:
            ids[passage.workspace_id].append(passage.id)
        return set[str]().union(*(self._store.held(workspace_id, some) for workspace_id, some in ids.items()))

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """All the texts, shortest first, so that a batch is not padded to the length of its one long text."""
        vectors = np.empty((len(texts), self._embedder.dimension), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        for start in range(0, len(by_length), EMBEDDED_AT_ONCE):
            some = by_length[start : start + EMBEDDED_AT_ONCE]
            vectors[some] = self._embedder.embed_passages([texts[at] for at in some])
        return vectors

    def _mark(self, ready: Sequence[Ready], worker: str) -> None:
        """Say in the record what stands in the store, in one transaction."""
        with self._record() as work:
            counts = not self._edition or work.editions.kept_in(self.slot, self._edition)
            is_removed = not counts and work.editions.get(self._edition) is None
            lost = [each.document for each in ready if counts and not self._marked(work, each, worker)]
            self._want_again(work, lost)
            if not counts:  # another edition took over: what was due still is, and is done there
                work.claims.let_go([each.document.id for each in ready], worker)
            work.commit()
        if is_removed:
            self._store.drop()
        if lost:
            self._undo(lost)

    def _undo(self, lost: Sequence[Document]) -> None:
        """Another worker took these over while this one was held up.

        What was just put in the store may be older than what the other put there: it goes, and each document that
        still exists is made anew, also where the other was quick enough to have done so already.
        """
        for document in lost:
            self._store.delete_documents(document.workspace_id, [document.id])
        with self._record() as work:
            self._want_again(work, lost)
            work.commit()

    def _want_again(self, work: UnitOfWork, documents: Sequence[Document]) -> None:
        for document in documents:
            work.documents.want_again(document.id)

    def _marked(self, work: UnitOfWork, ready: Ready, worker: str) -> bool:
        document, facts = ready.document, (ready.passages, ready.problem, self._edition)
        if not work.claims.indexed(document.id, worker, document.revision, *facts):
            return False
        if document.kind is DocumentKind.FILE and not document.gone:
            tell_of_problem(work, document, ready.problem)
        return True

    def _wait_out(self, batch: Sequence[Document], worker: str, error: Unavailable) -> None:
        """The store or the embedder is down."""
        self._postpone(batch, worker, error)

    def _postpone(self, batch: Sequence[Document], worker: str, error: Exception) -> None:
        """Try these again later, each time after twice as long."""
        problem = error.sentence if isinstance(error, JourneymanError) else f"Indexing failed ({type(error).__name__})."
        with self._record() as work:
            for document in batch:
                wait = min(FIRST_RETRY_S * 2 ** min(document.attempts, 20), LAST_RETRY_S)
                until = utc_now() + timedelta(seconds=wait)
                work.claims.postponed(document.id, worker, document.revision, problem, until)
                log.warning("Document %s is tried again in %.0f s: %s", document.id, wait, type(error).__name__)
            work.commit()


def _stored(document: Document, cut: Cut, vector: NDArray[np.float32]) -> StoredPassage:
    return StoredPassage(
        id=cut.passage.id,
        document_id=document.id,
        workspace_id=document.workspace_id,
        channel_id=document.channel_id,
        audience=document.audience,
        text=with_header(cut.passage.header, cut.passage.text),
        vector=vector,
        around=cut.around,
    )
