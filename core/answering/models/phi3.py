"""Phi-3 in this process: one thread owns the model and writes for many at once; others only wait for it."""

import gc
import logging
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty
from threading import Event, Lock
from time import monotonic

from core.answering.models.language_model import Prompt, WrittenWith
from core.answering.models.messages import as_messages
from core.answering.models.phi3_checkpoint import Loaded, Tokens, load_model, load_tokens
from core.answering.models.phi3_owner import Ended, Job, Owner, Swap
from core.errors import ModelResting, ModelUnavailable

log = logging.getLogger(__name__)

RETRY_LOADING_S = 60.0
"""A checkpoint that could not be loaded is not tried again for each question."""
_LOOK_S = 0.05
_CLOSING_S = 5.0
_RESTING = "The language model gave its memory to a training run, and comes back when that has ended."


def no_adapters(adapter: str) -> Path:
    """The folders of a model that has none."""
    raise ModelUnavailable(f"There is no folder to load the adapter {adapter} from.")


class Phi3:
    """A LanguageModel from any Phi-3 checkpoint, loaded when it is first asked; 4-bit on CUDA.

    `folder_of` gives the checked folder of an adapter. While a question waits for others it yields empty pieces: the
    model is busy, not hung. One that is at a single token for longer than `stall_s` has hung: a new one is started.
    """

    def __init__(
        self,
        checkpoint: str,
        *,
        max_new_tokens: int,
        device: str | None = None,
        dtype: str = "bfloat16",
        stall_s: float = 60.0,
        folder_of: Callable[[str], Path] = no_adapters,
    ) -> None:
        self._checkpoint = checkpoint
        self._max_new_tokens = max_new_tokens
        self._device = device
        self._dtype = dtype
        self._stall_s = stall_s
        self._folder_of = folder_of
        self._loading = Lock()
        self._tokenizing = Lock()
        self._owning = Lock()
        self._tokens: Tokens | None = None
        self._failure: tuple[ModelUnavailable, float] | None = None
        self._owner: Owner | None = None
        self._wanted: Swap | None = None
        self._closed = False
        self._resting = False

    @property
    def name(self) -> str:
        """The checkpoint."""
        return self._checkpoint

    @property
    def adapter(self) -> str:
        """The adapter that writes now."""
        return self._owner.adapter if self._owner else ""

    @property
    def generates(self) -> bool:
        """It writes in its own words."""
        return True

    def room_for(self, prompt: Prompt) -> int:
        """Counts the tokens of the rendered prompt. Raises ModelUnavailable when there is no tokenizer."""
        tokens = self._loaded_tokens()
        return tokens.context - self._max_new_tokens - len(self._rendered(tokens, prompt))

    def generate(self, prompt: Prompt, stop: Event) -> Iterator[str | WrittenWith]:
        """The answer, greedily, in pieces of whole characters."""
        tokens = self._loaded_tokens()
        rendered = self._rendered(tokens, prompt)
        if len(rendered) + self._max_new_tokens > tokens.context:
            raise ModelUnavailable("The question and its sources are too long for the language model.")
        bare = self._rendered(tokens, Prompt(prompt.instructions, (), (), ""))
        job = Job(rendered, _in_common(rendered, bare), self._max_new_tokens, stop)
        if not stop.is_set():
            self._hand_over(job, tokens)
            yield from self._received(job, tokens)

    def use(self, adapter: str) -> None:
        """Write with this adapter as soon as the answers under way are whole; before the first, when it is loaded."""
        swap = Swap(adapter, self._folder_of(adapter) if adapter else None)
        with self._owning:
            self._wanted = swap
            if self._owner is None or not self._owner.swap(swap):
                return  # the next owner begins with it
        swap.done.result()

    def rest(self) -> None:
        """Finish the answers under way, for as long as one of them may take, then let go of the weights."""
        with self._owning:
            self._resting = True
            owner = self._owner
        if owner is not None:
            owner.retire(self._stall_s)
            with self._owning:
                self._owner = None
            _let_go_of_memory()

    def wake(self) -> None:
        """Write again; a model that was in use before is loaded at once, so that nobody has to wait for it."""
        with self._owning:
            self._resting = False
        if self._tokens is not None:
            self._living_owner(self._tokens)

    def close(self) -> None:
        """End the model's thread, and let go of the memory."""
        with self._owning:
            self._closed = True
            owner, self._owner = self._owner, None
        if owner is not None:
            for job in owner.leave():
                job.pieces.put(Ended(ModelUnavailable("The language model is being stopped.")))
            owner.join(_CLOSING_S)

    def _hand_over(self, job: Job, tokens: Tokens) -> None:
        while True:
            if self._resting:
                raise ModelResting(_RESTING)
            if self._living_owner(tokens).add(job):
                return
            log.debug("The model's thread was about to end: the next one takes the question.")

    def _received(self, job: Job, tokens: Tokens) -> Iterator[str | WrittenWith]:
        seen = None
        while not job.stop.is_set():
            try:
                piece = job.pieces.get(timeout=_LOOK_S)
            except Empty:
                owner = self._living_owner(tokens)
                if seen != (seen := (id(owner), owner.steps)):
                    yield ""
                continue
            if not isinstance(piece, Ended):
                yield piece
            elif piece.error:
                raise piece.error
            else:
                return

    def _living_owner(self, tokens: Tokens) -> Owner:
        """Whoever waits looks after the owner: one that died or hangs is replaced, and gives up what waits for it."""
        with self._owning:
            owner = self._owner
            if self._closed:
                raise ModelUnavailable("The language model is being stopped.")
            if owner is not None and owner.is_alive and not owner.has_hung(self._stall_s):
                return owner
            if self._resting:
                raise ModelResting(_RESTING)
            waiting: deque[Job] = deque()
            if owner is not None:
                log.error("The language model's thread %s: it is started again.", _trouble(owner))
                waiting = owner.leave()
            wanted = Swap(self._wanted.adapter, self._wanted.folder) if self._wanted else None
            self._owner = Owner(self._load_model, tokens, self._tokenizing, waiting, wanted)
            return self._owner

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

    def _load_model(self) -> Loaded:
        import torch  # noqa: PLC0415 - takes seconds to import

        device = self._device or ("cuda" if torch.cuda.is_available() else "cpu")
        try:
            return load_model(self._checkpoint, device, self._dtype)
        except ModelUnavailable as failure:
            with self._loading:
                self._failure = failure, monotonic()
            raise


def _let_go_of_memory() -> None:
    import torch  # noqa: PLC0415 - takes seconds to import

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _trouble(owner: Owner) -> str:
    return "hangs" if owner.is_alive else "ended"


def _in_common(one: list[int], other: list[int]) -> int:
    """How many tokens both begin with; at least one is left over to be read."""
    pairs = zip(one[:-1], other[:-1], strict=False)
    return next((at for at, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)) - 1)
