"""Optional second look: a cross-encoder reads the question together with each passage that was found."""

from collections.abc import Sequence
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from core.errors import Misconfigured

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder


class Reranker(Protocol):
    """Says how well each text answers a question."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """A score in 0…1 for each text, in the order given."""


class CrossEncoderReranker:
    """A `Reranker` of sentence-transformers, by its name on the hub or its folder. Loads on first use."""

    def __init__(self, model: str) -> None:
        self._name = model
        self._computing = Lock()  # one question at a time: the cores are all in use anyway

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """A score in 0…1 for each text. Raises Misconfigured when the model cannot be loaded."""
        if not texts:
            return []
        import torch  # noqa: PLC0415 - takes seconds, which only who reranks should pay for

        with self._computing:
            found = self._model.predict(
                [(question, text) for text in texts], activation_fn=torch.nn.Sigmoid(), show_progress_bar=False
            )
        return [float(score) for score in found]

    @cached_property
    def _model(self) -> "CrossEncoder":
        from sentence_transformers import CrossEncoder  # noqa: PLC0415 - the same
        from transformers.utils.logging import disable_progress_bar  # noqa: PLC0415 - the same

        disable_progress_bar()  # answers stand where it would be drawn
        try:
            model = CrossEncoder(self._name)
        except (OSError, ValueError) as error:
            raise Misconfigured(
                f"RERANKER={self._name} cannot be loaded. Name a cross-encoder of sentence-transformers by its folder, "
                "or by its name on the hub if this machine reaches it; or leave RERANKER empty."
            ) from error
        if model.num_labels != 1:
            raise Misconfigured(
                f"RERANKER={self._name} gives {model.num_labels} scores a passage, not one. Name a cross-encoder that "
                "was trained to rank passages."
            )
        return model
