"""Phi-3 in this process. One thread owns the model and writes one answer after the other; others only wait for it."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any

from core.answering.models.language_model import Prompt
from core.answering.models.messages import as_messages
from core.answering.models.phi3_checkpoint import Tokens, load_model, load_tokens
from core.answering.models.phi3_writing import write
from core.errors import ModelUnavailable

log = logging.getLogger(__name__)

RETRY_LOADING_S = 60.0
"""A checkpoint that could not be loaded is not tried again for each question."""
_LOOK_S = 0.05
_CLOSING_S = 5.0


@dataclass(frozen=True)
class _Ended:
    """The end of an answer, and what went wrong if it came too early."""

    error: Exception | None = None


@dataclass
class _Job:
    """One prompt on its way through the model's thread."""

    tokens: list[int]
    stop: Event
    pieces: "SimpleQueue[str | _Ended]" = field(default_factory=SimpleQueue)
    begun: bool = False


class Phi3:
    """A LanguageModel from any Phi-3 checkpoint, loaded when it is first asked; 4-bit on CUDA.

    While a question waits for others to be answered it yields empty pieces: the model is busy, not hung.
    """

    def __init__(
        self, checkpoint: str, *, max_new_tokens: int, device: str | None = None, dtype: str = "bfloat16"
    ) -> None:
        self._checkpoint = checkpoint
        self._max_new_tokens = max_new_tokens
        self._device = device
        self._dtype = dtype
        self._loading = Lock()
        self._tokenizing = Lock()
        self._tokens: Tokens | None = None
        self._model: Any = None
        self._failure: tuple[ModelUnavailable, float] | None = None
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._owner: Thread | None = None
        self._steps = 0

    @property
    def name(self) -> str:
        """The checkpoint."""
        return self._checkpoint

    @property
    def adapter(self) -> str:
        """The base model writes."""
        return ""

    @property
    def generates(self) -> bool:
        """It writes in its own words."""
        return True

    def room_for(self, prompt: Prompt) -> int:
        """Counts the tokens of the rendered prompt. Raises ModelUnavailable when there is no tokenizer."""
        tokens = self._loaded_tokens()
        return tokens.context - self._max_new_tokens - len(self._rendered(tokens, prompt))

    def generate(self, prompt: Prompt, stop: Event) -> Iterator[str]:
        """The answer, greedily, in pieces of whole characters."""
        tokens = self._loaded_tokens()
        job = _Job(self._rendered(tokens, prompt), stop)
        if len(job.tokens) + self._max_new_tokens > tokens.context:
            raise ModelUnavailable("The question and its sources are too long for the language model.")
        self._start_owner()
        self._jobs.put(job)
        yield from self._received(job)

    def close(self) -> None:
        """End the model's thread after the answer it is writing, and let go of the memory."""
        if self._owner is not None:
            self._jobs.put(None)
            self._owner.join(_CLOSING_S)

    def _received(self, job: _Job) -> Iterator[str]:
        seen = self._steps
        while not job.stop.is_set():
            try:
                piece = job.pieces.get(timeout=_LOOK_S)
            except Empty:
                if not job.begun and self._steps != seen:
                    seen = self._steps
                    yield ""
                continue
            if isinstance(piece, str):
                yield piece
            elif piece.error:
                raise piece.error
            else:
                return

    def _loaded_tokens(self) -> Tokens:
        with self._loading:
            self._raise_recent_failure()
            if self._tokens is None:
                try:
                    self._tokens = load_tokens(self._checkpoint)
                except ModelUnavailable as failure:
                    self._failure = failure, monotonic()
                    raise
            return self._tokens

    def _raise_recent_failure(self) -> None:
        if self._failure and monotonic() - self._failure[1] < RETRY_LOADING_S:
            raise ModelUnavailable(self._failure[0].sentence)

    def _rendered(self, tokens: Tokens, prompt: Prompt) -> list[int]:
        messages = as_messages(prompt, system_role=tokens.has_system_role)
        with self._tokenizing:
            # Control tokens in what people wrote are read as text, even if some were missed before.
            rendered = tokens.tokenizer.apply_chat_template(
                messages, add_generation_prompt=True, sanitize_control_tokens=True
            )
        ids: list[int] = rendered["input_ids"]
        return ids

    def _start_owner(self) -> None:
        with self._loading:
            if self._owner is None or not self._owner.is_alive():
                self._owner = Thread(target=self._own_model, name="phi3", daemon=True)
                self._owner.start()

    def _own_model(self) -> None:
        while (job := self._jobs.get()) is not None:
            job.begun = True
            if not job.stop.is_set():
                job.pieces.put(self._written(job))
        self._model = None

    def _written(self, job: _Job) -> _Ended:
        try:
            tokens = self._loaded_tokens()
            if self._model is None:
                self._load_model()
            began = monotonic()
            written = write(
                self._model,
                tokens,
                job.tokens,
                max_new_tokens=self._max_new_tokens,
                stop=job.stop,
                tokenizing=self._tokenizing,
                show=lambda piece: self._show(job, piece),
            )
            log.info("%d tokens at %.1f tokens/s", written, written / max(monotonic() - began, 1e-9))
        except ModelUnavailable as failure:
            return _Ended(failure)
        except (RuntimeError, ValueError, IndexError, MemoryError) as error:
            # Torch's failures are of these kinds; the next answer may well succeed.
            log.warning("Writing failed: %s", type(error).__name__)
            return _Ended(ModelUnavailable("The language model broke off while it was writing."))
        except Exception as error:  # noqa: BLE001 - it is raised again where the answer is waited for
            return _Ended(error)
        return _Ended()

    def _show(self, job: _Job, piece: str) -> None:
        self._steps += 1
        job.pieces.put(piece)

    def _load_model(self) -> None:
        import torch  # noqa: PLC0415 - takes seconds to import

        device = self._device or ("cuda" if torch.cuda.is_available() else "cpu")
        try:
            self._model = load_model(self._checkpoint, device, self._dtype)
        except ModelUnavailable as failure:
            with self._loading:
                self._failure = failure, monotonic()
            raise
