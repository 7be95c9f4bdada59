"""What ought to be findable becomes findable: documents with work due → passages in the store and in the record."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import JourneymanError, Misconfigured, Unavailable, UnreadableFile
from core.knowledge.chunking import with_header
from core.knowledge.conversations import find_conversation, write_down
from core.knowledge.embedding import Embedder
from core.knowledge.extraction import ExtractionLimits
from core.knowledge.manuscripts import Cut, Manuscript
from core.knowledge.papers import Paper, find_paper, read_paper
from core.knowledge.stores.passage_store import PassageStore, StoredPassage
from core.records.base import utc_now
from core.records.documents import Document, DocumentKind, Passage
from core.records.notices import Notice
from core.records.unit_of_work import Record, UnitOfWork

CONVERSATIONS = frozenset({DocumentKind.THREAD, DocumentKind.DAY})
PAPERS = frozenset({DocumentKind.FILE, DocumentKind.PATH})

CONVERSATIONS_AT_ONCE = 64
PAPERS_AT_ONCE = 4
PAPERS_READ_SIDE_BY_SIDE = 2
EMBEDDED_AT_ONCE = 512
"""Passages between two chances for other threads to use the embedder."""

HOLD = timedelta(minutes=15)
"""How long a claim stands when its worker vanished together with its machine."""

FIRST_RETRY_S = 2.0
LAST_RETRY_S = 3600.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Ready:
    """A document whose text is known. `problem` says why it has none, where that is the file's own fault."""

    document: Document
    cuts: list[Cut]
    problem: str = ""

    @property
    def passages(self) -> list[Passage]:
        return [cut.passage for cut in self.cuts]


class Indexer:
    """Does the work that documents have due. Safe to kill at any instruction, and to run in several processes."""

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
    ) -> None:
        self._record = record
        self._store = store
        self._embedder = embedder
        self._blobs_dir = blobs_dir
        self._passage_tokens = min(passage_tokens, embedder.max_tokens)
        self._window_pause_s = window_pause_s
        self._limits = limits

    def index_due(self, worker: str, kinds: Collection[DocumentKind] = CONVERSATIONS | PAPERS) -> int:
        """Index a batch of the documents of these kinds that have work due; how many there were.

        Conversations go before files, which may take minutes. Raises Misconfigured when nothing can be indexed at all.
        """
        for lane, at_once in ((CONVERSATIONS, CONVERSATIONS_AT_ONCE), (PAPERS, PAPERS_AT_ONCE)):
            if wanted := lane.intersection(kinds):
                with self._record() as work:
                    batch = work.documents.claim_due(worker, utc_now(), HOLD, at_once, wanted)
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
            for workspace_id in work.documents.workspaces_with_passages():
                if self._store.count(workspace_id) == 0:
                    log.warning("The passage store is empty: everything in workspace %s is indexed anew", workspace_id)
                    work.documents.want_all_again(workspace_id)
            work.commit()

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
            self._postpone(batch, worker, error)
        except Exception as error:  # noqa: BLE001 - whatever a document provokes, the others must go on
            if len(batch) == 1:
                self._postpone(batch, worker, error)
                return
            for document in batch:
                self._index([document], worker)

    def _read(self, batch: Sequence[Document], worker: str) -> list[_Ready]:
        """Each document with its passages. The transaction holds the only write lock: nothing slow happens in it."""
        wanted = [document for document in batch if not document.gone]
        with self._record() as work:
            said = [(d, find_conversation(work, d, self._window_pause_s)) for d in wanted if d.kind in CONVERSATIONS]
            papers = [(d, find_paper(work, d, self._blobs_dir)) for d in wanted if d.kind in PAPERS]
        ready = [_Ready(document, []) for document in batch if document.gone]
        ready += [_Ready(document, self._cut(write_down(conversation), document)) for document, conversation in said]
        with ThreadPoolExecutor(PAPERS_READ_SIDE_BY_SIDE) as readers:
            read = readers.map(lambda each: self._read_paper(each[0], each[1], worker), papers)
            ready += [each for each in read if each is not None]
        return ready

    def _read_paper(self, document: Document, paper: Paper | None, worker: str) -> _Ready | None:
        if paper is None:
            return _Ready(document, [])
        try:
            return _Ready(document, self._cut(read_paper(paper, self._limits), document))
        except UnreadableFile as unreadable:
            return _Ready(document, [], problem=unreadable.sentence)
        except Unavailable as error:
            self._postpone([document], worker, error)
            return None

    def _cut(self, manuscript: Manuscript, document: Document) -> list[Cut]:
        return manuscript.cuts(document, self._passage_tokens, self._embedder.count_tokens)

    def _put_in_store(self, ready: Sequence[_Ready]) -> None:
        """Make the store hold what these documents say now; what it holds already is neither embedded nor written."""
        for each in ready:
            if each.document.gone:
                self._store.delete_documents(each.document.workspace_id, [each.document.id])
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

    def _mark(self, ready: Sequence[_Ready], worker: str) -> None:
        """Say in the record what stands in the store, in one transaction."""
        with self._record() as work:
            lost = [each.document for each in ready if not self._marked(work, each, worker)]
            for document in lost:
                work.documents.want_again(document.id)
            work.commit()
        for document in lost:
            # Another worker took the document over while this one was held up. What was just put in the store may
            # be older than what the other put there: it goes, and the document, if it still exists, is made anew.
            self._store.delete_documents(document.workspace_id, [document.id])

    def _marked(self, work: UnitOfWork, ready: _Ready, worker: str) -> bool:
        document = ready.document
        if not work.documents.indexed(document.id, worker, document.revision, ready.passages, ready.problem):
            return False
        if document.kind is DocumentKind.FILE and not document.gone:
            _tell_of_problem(work, document, ready.problem)
        return True

    def _postpone(self, batch: Sequence[Document], worker: str, error: Exception) -> None:
        """Try these again later, each time after twice as long."""
        problem = error.sentence if isinstance(error, JourneymanError) else f"Indexing failed ({type(error).__name__})."
        with self._record() as work:
            for document in batch:
                wait = min(FIRST_RETRY_S * 2 ** min(document.attempts, 20), LAST_RETRY_S)
                until = utc_now() + timedelta(seconds=wait)
                work.documents.postponed(document.id, worker, document.revision, problem, until)
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


def _tell_of_problem(work: UnitOfWork, document: Document, problem: str) -> None:
    """Keep with the file why it has no text, and owe its sharer the sentence, once."""
    file = work.files.get(document.workspace_id, document.key.partition(":")[0])
    if file is None:
        return
    file.problem = problem
    if problem and file.person_id:
        share = work.files.share_in(document.workspace_id, file.id, document.channel_id)
        work.notices.owe(
            Notice(
                workspace_id=document.workspace_id,
                channel_id=document.channel_id,
                thread_ts=share.thread_ts if share else "",
                person_id=file.person_id,
                subject=file.id,
                sentence=problem,
            )
        )
