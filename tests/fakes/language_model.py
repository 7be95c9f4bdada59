"""A language model that follows a script: it writes, fails, or hangs just where a test wants it to."""

from collections.abc import Iterator, Sequence
from threading import Event

from core.answering.models.language_model import Prompt, WrittenWith
from core.errors import JourneymanError, ModelUnavailable


class ScriptedModel:
    """Writes `pieces`; then fails if `fails`, or hangs until it is stopped if `hangs` (for good if `deaf`)."""

    def __init__(
        self,
        pieces: Sequence[str] = (),
        *,
        fails: bool = False,
        hangs: bool = False,
        deaf: bool = False,
        generates: bool = True,
        context_characters: int = 1_000_000,
    ) -> None:
        self.pieces = list(pieces)
        self.prompts: list[Prompt] = []
        self.swaps: list[str] = []
        self.rests: list[str] = []
        self.swap_fails: JourneymanError | None = None
        self.hanging = Event()
        self.stopped = Event()
        self.release = Event()
        self._fails, self._hangs, self._deaf = fails, hangs, deaf
        self._generates = generates
        self._context_characters = context_characters

    @property
    def name(self) -> str:
        return "scripted"

    @property
    def adapter(self) -> str:
        return "adapter-7"

    @property
    def generates(self) -> bool:
        return self._generates

    def room_for(self, prompt: Prompt) -> int:
        told = [prompt.instructions, prompt.question, *(source.name + source.text for source in prompt.sources)]
        told += [turn.question + turn.answer for turn in prompt.turns]
        return self._context_characters - sum(map(len, told))

    def use(self, adapter: str) -> None:
        self.swaps.append(adapter)
        if self.swap_fails:
            raise self.swap_fails

    def generate(self, prompt: Prompt, stop: Event) -> Iterator[str | WrittenWith]:
        self.prompts.append(prompt)
        yield WrittenWith(self.adapter)
        for piece in self.pieces:
            if stop.is_set():
                break
            yield piece
        if self._fails:
            raise ModelUnavailable("The scripted model fell over.")
        if self._hangs:
            self.hanging.set()
            (self.release if self._deaf else stop).wait(120)
        if stop.is_set():
            self.stopped.set()

    def rest(self) -> None:
        self.rests.append("rest")

    def wake(self) -> None:
        self.rests.append("wake")

    def close(self) -> None:
        self.release.set()
