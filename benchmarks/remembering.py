"""An embedder that reads each text once, however many rankers ask for it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.knowledge.embedding import Embedder

Vector = NDArray[np.float32]


class Remembering:
    """An `Embedder` around another one; it keeps every vector."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._passages: dict[str, Vector] = {}
        self._questions: dict[str, Vector] = {}
        self.name = embedder.name
        self.dimension = embedder.dimension
        self.max_tokens = embedder.max_tokens
        self.count_tokens = embedder.count_tokens
        self.readability = embedder.readability

    def embed_passages(self, texts: Sequence[str]) -> Vector:
        """One unit vector a text, in the order given."""
        new = [text for text in dict.fromkeys(texts) if text not in self._passages]
        if new:
            self._passages |= zip(new, self._embedder.embed_passages(new), strict=True)
        return np.array([self._passages[text] for text in texts], dtype=np.float32).reshape(-1, self.dimension)

    def embed_question(self, text: str) -> Vector:
        """The question's unit vector."""
        if text not in self._questions:
            self._questions[text] = self._embedder.embed_question(text)
        return self._questions[text]
