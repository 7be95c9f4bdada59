"""What stands in for an embedder that was lost: its index is searched by words alone until there is another one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.knowledge.embedders.tokens import about_tokens

QUESTION, PASSAGE = 0, 1


class ByWords:
    """An `Embedder` without meaning: all questions have one vector and all passages another, orthogonal to it."""

    def __init__(self, name: str, dimension: int, max_tokens: int) -> None:
        self.name = name
        self.dimension = dimension
        self.max_tokens = max_tokens

    def count_tokens(self, text: str) -> int:
        """About as many as tokenizers make of it."""
        return about_tokens(text)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The same vector for each text."""
        return np.tile(self._direction(PASSAGE), (len(texts), 1))

    def embed_question(self, text: str) -> NDArray[np.float32]:  # noqa: ARG002 - the same for every text
        """The same vector for every question."""
        return self._direction(QUESTION)

    def readability(self, text: str) -> float:  # noqa: ARG002 - the same for every text
        """It reads nothing."""
        return 0.0

    def _direction(self, axis: int) -> NDArray[np.float32]:
        vector = np.zeros(self.dimension, dtype=np.float32)
        vector[axis % self.dimension] = 1
        return vector
