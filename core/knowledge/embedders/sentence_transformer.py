"""Any sentence-transformers model, by its name on the hub or its folder, with the prompts of its own configuration."""

import hashlib
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import Misconfigured
from core.knowledge.embedders.readability import readability
from core.knowledge.embedders.unit import of_unit_length

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH = 32
PASSAGE_PROMPTS = ("document", "passage", "corpus")
LONGEST_OTHERWISE = 512
"""Tokens, where the model does not say how many it reads."""

LARGE_VOCABULARY = 60_000
"""Models for one language know about 30,000 pieces of words; those for many know 100,000 and more."""
HUB_TIMEOUT_S = 10.0
_READ_AT_ONCE = 1 << 20


class SentenceTransformerEmbedder:
    """An `Embedder`. Loads on first use; may be called from several threads."""

    def __init__(self, model: str) -> None:
        self._model_name = model
        self._loading = Lock()
        self._computing = Lock()

    @cached_property
    def name(self) -> str:
        """Model and revision: a folder's is made of its files, the hub's is the commit."""
        folder = Path(self._model_name)
        if folder.is_dir():
            return f"{folder.name}@{_fingerprint(folder)[:12]}"
        commit = getattr(self._transformer_config, "_commit_hash", None)
        return f"{self._model_name}@{commit[:12]}" if commit else self._model_name

    @cached_property
    def dimension(self) -> int:
        """Length of each vector."""
        found = self._loaded().get_embedding_dimension()
        return int(found) if found else len(self.embed_passages(["dimension"])[0])

    @cached_property
    def max_tokens(self) -> int:
        """Longest text that is read whole, special tokens and the prompt before it left out."""
        longest = int(self._loaded().max_seq_length or LONGEST_OTHERWISE)
        return longest - int(self._tokenizer.num_special_tokens_to_add()) - self.count_tokens(self._passage_prompt)

    def count_tokens(self, text: str) -> int:
        """Tokens in the text, special tokens left out."""
        return len(self._count(text))

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One unit vector a text, in the order given."""
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        return self._encode(self._loaded().encode_document, list(texts), self._passage_prompt)

    def embed_question(self, text: str) -> NDArray[np.float32]:
        """The question's unit vector, with the prompt that the model wants before questions."""
        vector: NDArray[np.float32] = self._encode(self._loaded().encode_query, [text])[0]
        return vector

    def readability(self, text: str) -> float:
        """1 where the vocabulary is one for many languages; otherwise by how many of the words it holds whole."""
        if len(self._tokenizer) >= LARGE_VOCABULARY:
            return 1.0
        return readability(text, self._count, self._tokenizer.unk_token_id)

    @property
    def _passage_prompt(self) -> str:
        """What the model wants before passages. The library takes the first name that is there, even if it is empty."""
        prompts = self._loaded().prompts
        return next((prompts[name] for name in PASSAGE_PROMPTS if prompts.get(name)), "")

    def _encode(self, encode: Callable[..., Any], texts: list[str], prompt: str = "") -> NDArray[np.float32]:
        with self._computing:
            vectors = encode(
                texts, prompt=prompt or None, batch_size=BATCH, convert_to_tensor=True, show_progress_bar=False
            )
        return of_unit_length(vectors.float().cpu().numpy())

    def _count(self, text: str) -> list[int]:
        ids: list[int] = self._counting.encode(text, add_special_tokens=False).ids
        return ids

    @cached_property
    def _counting(self) -> Any:
        """A tokenizer only for counting: it does not truncate, and needs no lock."""
        from tokenizers import Tokenizer  # noqa: PLC0415 - loads with the model

        copy = Tokenizer.from_str(self._tokenizer.backend_tokenizer.to_str())
        copy.no_truncation()
        copy.no_padding()
        return copy

    @property
    def _tokenizer(self) -> Any:
        return self._loaded().tokenizer

    @property
    def _transformer_config(self) -> Any:
        first = self._loaded()[0]
        return getattr(getattr(first, "auto_model", None), "config", None)

    def _loaded(self) -> "SentenceTransformer":
        with self._loading:
            return self._model

    @cached_property
    def _model(self) -> "SentenceTransformer":
        import torch  # noqa: PLC0415 - importing these takes seconds
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - the same
        from transformers.utils.logging import disable_progress_bar  # noqa: PLC0415 - the same

        disable_progress_bar()  # answers stand where it would be drawn
        device = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            is_here = Path(self._model_name).is_dir() or _was_downloaded(self._model_name)
            return SentenceTransformer(self._model_name, device=device, local_files_only=is_here)
        except Exception as error:  # there is no end to what may be wrong with somebody else's model
            raise Misconfigured(
                f"EMBEDDER={self._model_name} cannot be loaded ({type(error).__name__}). Name a model of "
                "sentence-transformers by its folder, or by its name on the hub if this machine reaches it; "
                "or leave EMBEDDER empty for the packaged one."
            ) from error


def _was_downloaded(name: str) -> bool:
    """True when it was downloaded before, False when the hub has it.

    Raises what the hub's library raises when neither has it, at once: loading would try every file for minutes.
    """
    from huggingface_hub import model_info, try_to_load_from_cache  # noqa: PLC0415 - loads with the model

    full = name if "/" in name else f"sentence-transformers/{name}"
    if isinstance(try_to_load_from_cache(full, "config.json"), str):
        return True
    model_info(full, timeout=HUB_TIMEOUT_S)
    return False


def _fingerprint(folder: Path) -> str:
    """Of all files that the model is made of, by name and content."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".md":
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            with path.open("rb") as file:
                while piece := file.read(_READ_AT_ONCE):
                    digest.update(piece)
    return digest.hexdigest()
