"""Embedders: text to vectors. The default is the MiniLM that a package carries; nothing is downloaded."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Embedder(Protocol):
    """Turns text into unit vectors whose dot product is their similarity in meaning."""

    @property
    def name(self) -> str:
        """Model and revision: an index made with another name must be made anew."""

    @property
    def dimension(self) -> int:
        """Length of each vector."""

    @property
    def max_tokens(self) -> int:
        """Longest text that is read whole; what is beyond is ignored."""

    def count_tokens(self, text: str) -> int:
        """Tokens in the text, special tokens left out."""

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One unit vector a text, shape (len(texts), dimension), in the order given."""

    def embed_question(self, text: str) -> NDArray[np.float32]:
        """The question's unit vector, shape (dimension,)."""

    def readability(self, text: str) -> float:
        """How well the model reads the text's language, in 0…1; always 1 for one that was made for all languages."""
