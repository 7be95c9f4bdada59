"""An embedder of hashed words: texts that share words are similar. Fast, and the same in every process."""

import hashlib
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.knowledge.embedding import Embedder


class FakeEmbedder(Embedder):
    def __init__(self, dimension: int = 64) -> None:
        self._dimension = dimension

    @property
    def name(self) -> str:
        return "words-hashed"

    @property
    def dimension(self) -> int:
        return self._dimension

    @property
    def max_tokens(self) -> int:
        return 256

    def count_tokens(self, text: str) -> int:
        return len(_words(text))

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self._dimension), dtype=np.float32)
        for at, text in enumerate(texts):
            for word in _words(text) or [""]:
                digest = hashlib.sha256(word.encode()).digest()
                vectors[at, int.from_bytes(digest[:4]) % self._dimension] += 1 if digest[4] % 2 else -1
            if not vectors[at].any():
                vectors[at, 0] = 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def embed_question(self, text: str) -> NDArray[np.float32]:
        return self.embed_passages([text])[0]

    def readability(self, text: str) -> float:
        return 1.0


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
