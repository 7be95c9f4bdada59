"""The language model's seam: a prompt with numbered sources goes in, text comes out bit by bit."""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event
from typing import Protocol


@dataclass(frozen=True)
class Source:
    """A passage as the prompt shows it under its marker [1], [2] …; `name` is how a reader knows it.

    `own` is the passage by itself, where `text` shows what stands beside it too.
    """

    marker: int
    name: str
    text: str
    own: str = ""


@dataclass(frozen=True)
class Turn:
    """An earlier question and its answer in the same thread."""

    question: str
    answer: str


@dataclass(frozen=True)
class Prompt:
    """All that a model is told: what to do, what was found, what was said before, and what is asked."""

    instructions: str
    sources: tuple[Source, ...]
    turns: tuple[Turn, ...]
    question: str


@dataclass(frozen=True)
class WrittenWith:
    """The adapter that writes this answer, from its first word to its last; it is empty for the base model."""

    adapter: str


class LanguageModel(Protocol):
    """Writes an answer. One object may be called from several threads."""

    @property
    def name(self) -> str:
        """How the record and readers know the model."""

    @property
    def adapter(self) -> str:
        """The LoRA adapter that writes the answers that begin now; empty for the base model."""

    @property
    def generates(self) -> bool:
        """False for a model that only quotes its sources: the reply says so."""

    def room_for(self, prompt: Prompt) -> int:
        """Tokens left in the model's context after this prompt and the longest reply; negative when it does not fit."""

    def generate(self, prompt: Prompt, stop: Event) -> Iterator[str | WrittenWith]:
        """The answer's text as it is written; ends soon after `stop` is set. A model with adapters says first which.

        An empty piece is a sign of life of a model that is busy with other questions: it is not given up as hung.
        Raises ModelUnavailable, at the first piece or in the middle, when the model cannot go on.
        """

    def use(self, adapter: str) -> None:
        """Write with this adapter from now on, empty for the base; answers under way are finished with theirs first.

        Raises DamagedAdapter or ModelUnavailable: then what wrote before goes on.
        """

    def rest(self) -> None:
        """Finish the answers under way, then let go of memory; until `wake`, `generate` may raise ModelResting."""

    def wake(self) -> None:
        """Write again, with the adapter that was wanted last."""

    def close(self) -> None:
        """Let go of memory and connections."""
