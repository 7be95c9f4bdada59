"""The passage store's seam: a projection of the record that can be searched, thrown away and rebuilt."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.knowledge.access import AccessScope
from core.knowledge.stores.terms import Terms, terms_of


@dataclass(frozen=True)
class StoredPassage:
    """A passage as the store keeps it.

    `text` (header and body) is what `vector` is of, and what words are looked for in. They are looked for in the texts
    `around` it, too, but count half there.
    """

    id: str
    document_id: str
    workspace_id: str
    channel_id: str
    audience: str
    text: str
    vector: NDArray[np.float32]
    around: tuple[str, ...] = ()

    @property
    def terms(self) -> Terms:
        """The terms that the passage is found by: its own count as said twice."""
        texts = (self.text, self.text, *self.around)
        every = [terms_of(text) for text in texts]
        return Terms([word for terms in every for word in terms.words], [p for terms in every for p in terms.pieces])


@dataclass(frozen=True)
class Hit:
    """A passage found. `score` is the fused score in 0…1; `similarity` the cosine of its vector to the question's."""

    passage_id: str
    score: float
    similarity: float


class PassageStore(Protocol):
    """Scoped hybrid search. All writes may be repeated without harm. StoreUnavailable when it cannot be reached.

    Of each embedder there may be several versions of the index side by side, which know nothing of each other: one
    answers while another is made. The record says which one answers.
    """

    @property
    def version(self) -> int:
        """Which of its embedder's versions this is."""

    def beside(self, version: int) -> "PassageStore":
        """Another version of the index of the same embedder, which is made when it is first used."""

    def take_over(self) -> None:
        """This version answers from now on: a store that has a name for the one that does lets it point here."""

    def drop(self) -> None:
        """Remove this version whole; nothing happens where it is gone already."""

    def replace(self, workspace_id: str, keep: Mapping[str, Sequence[str]], new: Sequence[StoredPassage]) -> None:
        """For each document id of the workspace in `keep`, make the store hold exactly the passage ids listed for it.

        `new` are those to write (or write over); the others listed are there already; what else the documents
        had is removed.
        """

    def held(self, workspace_id: str, passage_ids: Sequence[str]) -> set[str]:
        """Those of these passages that stand in the store."""

    def delete_documents(self, workspace_id: str, document_ids: Sequence[str]) -> None:
        """Remove every passage of these documents."""

    def delete_channel(self, workspace_id: str, channel_id: str) -> None:
        """Remove every passage heard in the channel."""

    def delete_workspace(self, workspace_id: str) -> None:
        """Remove every passage of the workspace, and what the store keeps for a workspace besides."""

    def search(
        self, question: str, vector: NDArray[np.float32], scope: AccessScope, limit: int, dense_weight: float
    ) -> list[Hit]:
        """The best `limit` passages that the scope may see, best first.

        The scope (its audiences, and its channels if it names them) is applied inside the store before ranking.
        `dense_weight` in 0…1 is the share of meaning (vectors) against words (BM25) in the relative-score fusion.
        An empty scope finds nothing.
        """

    def count(self, workspace_id: str) -> int:
        """Passages held for the workspace."""

    def tidy(self) -> None:
        """Merge small writes and bring indexes up to date; safe at any time."""

    def words(self, workspace_id: str) -> Iterator[tuple[str, str]]:
        """Every passage held, by id, with the words that it is found by: to prove that nothing else is."""

    def erase_deleted(self, grace_s: float) -> None:
        """Leave nothing on the disk of what was removed, as far as that is ours to do.

        Who reads the present state meanwhile has `grace_s` seconds to finish.
        """

    def close(self) -> None:
        """Let go of files and connections."""
