"""Writes several answers together: each token of all of them takes one pass through the model. Knows no threads.

A new prompt is read in chunks between the others' tokens. The beginning that prompts share (the rules) is read once and
kept. Alone, an answer is guessed ahead from what its sources say, and the guesses are checked in one pass.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from core.answering.models.phi3_lookup import MOST_GUESSED, agreed, guessed
from core.answering.models.phi3_memory import Memory, empty_memory, gathered

CHUNK = 256
"""Tokens of prompts that are read between two tokens of the answers under way."""


@dataclass(eq=False)
class Writing:
    """One answer under way. `show` gets each token; `ended` tells why there will be no more of them.

    `shared` is how many of the prompt's tokens other prompts begin with too.
    """

    prompt: list[int]
    shared: int
    most: int
    stops: frozenset[int]
    show: Callable[[int], None]
    is_stopped: Callable[[], bool]
    written: list[int] = field(default_factory=list)
    guesses: int = MOST_GUESSED

    @property
    def ended(self) -> bool:
        """Whether it is whole, or nobody wants it any more."""
        return self.is_stopped() or len(self.written) >= self.most or (self.written[-1:] or [-1])[0] in self.stops

    @property
    def longest(self) -> int:
        """Tokens that it may come to."""
        return len(self.prompt) + self.most

    def take(self, tokens: Sequence[int]) -> int:
        """Go on with these tokens as far as the answer goes; how many were taken."""
        for count, token in enumerate(tokens, 1):
            self.written.append(token)
            self.show(token)
            if self.ended:
                return count
        return len(tokens)


@dataclass
class _Reading:
    """A prompt of which the memory holds the beginning."""

    writing: Writing
    memory: Memory

    @property
    def done(self) -> int:
        return self.memory.lengths[0]


class Batch:
    """The answers under way on one model. Not safe for several threads."""

    def __init__(self, model: Any, *, look_up: bool = True, keep_shared: bool = True) -> None:
        self._model = model
        self._look_up = look_up
        self._keep_shared = keep_shared
        self._readings: list[_Reading] = []
        self._writings: list[Writing] = []
        self._memory: Memory | None = None
        self._kept: tuple[list[int], Memory] = [], empty_memory(0)

    @property
    def writings(self) -> list[Writing]:
        """The answers that have begun and not ended."""
        return [reading.writing for reading in self._readings] + self._writings

    def add(self, writing: Writing) -> None:
        """Begin with this answer."""
        kept, memory = self._kept
        if kept and kept == writing.prompt[: writing.shared]:
            self._readings.append(_Reading(writing, gathered([(memory, 0)])))
        else:
            self._readings.append(_Reading(writing, empty_memory(self._model.config.num_hidden_layers)))

    def forget_shared(self) -> None:
        """The kept beginning was read by other weights than those that write from now on."""
        self._kept = [], empty_memory(0)

    def clear(self) -> None:
        """Drop everything under way."""
        self._readings, self._writings, self._memory = [], [], None
        self.forget_shared()

    @torch.inference_mode()
    def advance(self) -> None:
        """A chunk of the prompts and one token of every answer; several where guesses were right."""
        self._leave()
        self._read_prompts()
        self._leave()
        if self._memory is None:
            return
        if len(self._writings) == 1 and self._look_up:
            self._write_ahead(self._writings[0], self._memory)
        else:
            self._write_each(self._memory)
        self._leave()

    def _read_prompts(self) -> None:
        room = CHUNK
        while self._readings and room > 0:
            reading = self._readings[0]
            writing = reading.writing
            up_to = min(reading.done + room, len(writing.prompt))
            if self._keep_shared and reading.done < writing.shared:
                up_to = min(up_to, writing.shared)
            room -= up_to - reading.done
            first = self._next_of(reading.memory, [writing.prompt[reading.done : up_to]])[0][-1]
            if self._keep_shared and up_to == writing.shared:
                self._kept = writing.prompt[:up_to], gathered([(reading.memory, 0)])
            if up_to == len(writing.prompt):
                self._readings.pop(0)
                writing.take([first])
                self._join(reading)
            elif writing.is_stopped():
                self._readings.pop(0)

    def _join(self, reading: _Reading) -> None:
        known = [(self._memory, row) for row in range(len(self._writings))] if self._memory else []
        self._memory = gathered([*known, (reading.memory, 0)]) if known else reading.memory
        self._writings.append(reading.writing)

    def _leave(self) -> None:
        self._readings = [reading for reading in self._readings if not reading.writing.ended]
        staying = [row for row, writing in enumerate(self._writings) if not writing.ended]
        if len(staying) == len(self._writings):
            return
        memory, self._writings = self._memory, [self._writings[row] for row in staying]
        self._memory = gathered([(memory, row) for row in staying]) if memory and staying else None

    def _write_each(self, memory: Memory) -> None:
        newest = [[writing.written[-1]] for writing in self._writings]
        for writing, following in zip(self._writings, self._next_of(memory, newest), strict=True):
            writing.take(following)

    def _write_ahead(self, writing: Writing, memory: Memory) -> None:
        left = writing.most - len(writing.written) - 1
        guesses = guessed([*writing.prompt, *writing.written], min(writing.guesses, left)) if left > 0 else []
        following = self._next_of(memory, [[writing.written[-1], *guesses]])[0]
        right = agreed(guesses, following)
        if guesses:
            writing.guesses = MOST_GUESSED if right == len(guesses) else max(2, right + 1)
        memory.forget(len(guesses) - right)
        writing.take(following[: right + 1])

    def _next_of(self, memory: Memory, tokens: list[list[int]]) -> list[list[int]]:
        """Let the model read these tokens of each text; what it writes after each one, greedily."""
        reading = len(tokens[0])
        starts = torch.tensor(memory.lengths)[:, None]
        device = self._model.device
        mask = memory.mask(reading)
        # Of a chunk of a prompt only the last position says anything new.
        keep = reading if reading <= MOST_GUESSED + 1 else 1
        out = self._model(
            input_ids=torch.tensor(tokens, device=device),
            position_ids=(starts + torch.arange(reading)[None, :]).to(device),
            attention_mask=None if mask is None else mask.to(device),
            past_key_values=memory,
            use_cache=True,
            logits_to_keep=keep,
        )
        memory.read(reading)
        following: list[list[int]] = out.logits.argmax(-1).tolist()
        return following
