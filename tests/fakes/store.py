"""A passage store in memory, with the contract of the real ones: BM25 and cosine, fused inside the scope."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.knowledge.access import AccessScope
from core.knowledge.stores.fusion import fuse
from core.knowledge.stores.passage_store import Hit, PassageStore, StoredPassage
from core.knowledge.stores.terms import terms_of


class FakeStore(PassageStore):
    def __init__(self, version: int = 1, versions: dict[int, dict[str, StoredPassage]] | None = None) -> None:
        self._version = version
        self._versions = versions if versions is not None else {}
        self._versions.setdefault(version, {})

    @property
    def version(self) -> int:
        return self._version

    def beside(self, version: int) -> "FakeStore":
        return FakeStore(version, self._versions)

    def take_over(self) -> None:
        pass

    def drop(self) -> None:
        self._versions.pop(self._version, None)

    @property
    def _passages(self) -> dict[str, StoredPassage]:
        return self._versions[self._version]

    def replace(self, workspace_id: str, keep: Mapping[str, Sequence[str]], new: Sequence[StoredPassage]) -> None:
        self._passages.update({each.id: each for each in new})
        self._drop(
            lambda each: (
                each.workspace_id == workspace_id and each.document_id in keep and each.id not in keep[each.document_id]
            )
        )

    def held(self, workspace_id: str, passage_ids: Sequence[str]) -> set[str]:
        return {each for each in passage_ids if each in self._passages and self._of(workspace_id, each)}

    def delete_documents(self, workspace_id: str, document_ids: Sequence[str]) -> None:
        self._drop(lambda each: each.workspace_id == workspace_id and each.document_id in document_ids)

    def delete_channel(self, workspace_id: str, channel_id: str) -> None:
        self._drop(lambda each: each.workspace_id == workspace_id and each.channel_id == channel_id)

    def delete_workspace(self, workspace_id: str) -> None:
        self._drop(lambda each: each.workspace_id == workspace_id)

    def search(
        self, question: str, vector: NDArray[np.float32], scope: AccessScope, limit: int, dense_weight: float
    ) -> list[Hit]:
        inside = {
            each.id: each
            for each in self._passages.values()
            if each.workspace_id == scope.workspace_id and scope.admits(each.audience, each.channel_id)
        }
        similarities = {each.id: float(each.vector @ vector) for each in inside.values()}
        scores = fuse(_bm25(question, inside), similarities, dense_weight)
        best = sorted(scores, key=lambda each: (-scores[each], each))[:limit]
        return [Hit(each, scores[each], similarities[each]) for each in best]

    def count(self, workspace_id: str) -> int:
        return sum(each.workspace_id == workspace_id for each in self._passages.values())

    def tidy(self) -> None:
        pass

    def words(self, workspace_id: str) -> Iterator[tuple[str, str]]:
        held = [each for each in self._passages.values() if each.workspace_id == workspace_id]
        yield from ((each.id, " ".join(terms_of(each.text).words)) for each in held)

    def erase_deleted(self, grace_s: float) -> None:
        pass

    def close(self) -> None:
        pass

    def _of(self, workspace_id: str, passage_id: str) -> bool:
        return self._passages[passage_id].workspace_id == workspace_id

    def _drop(self, doomed) -> None:
        self._versions[self._version] = {id: each for id, each in self._passages.items() if not doomed(each)}


def _bm25(question: str, passages: Mapping[str, StoredPassage]) -> dict[str, float]:
    counts = {id: Counter(each.terms.words) for id, each in passages.items()}
    mean = sum(sum(each.values()) for each in counts.values()) / max(1, len(counts))
    scores: dict[str, float] = {}
    for term in set(terms_of(question).words):
        having = [id for id, each in counts.items() if term in each]
        rarity = math.log(1 + (len(counts) - len(having) + 0.5) / (len(having) + 0.5))
        for id in having:
            often = counts[id][term]
            scores[id] = scores.get(id, 0) + rarity * often * 2.2 / (
                often + 1.2 * (0.25 + 0.75 * sum(counts[id].values()) / mean)
            )
    return scores
