"""Three ways to answer several prompts: `generate` one by one, our batch, and transformers' continuous batching.

All write greedily with the same model, and are timed alike.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from transformers import ContinuousBatchingConfig, GenerationConfig

from core.answering.models.phi3_batch import Batch, Writing

PAGE = 16
"""Tokens: whole pages only are shared between prompts, so that small ones share more of a prefix."""
MOST_READ = 256
"""Tokens in one pass, as our own batch reads prompts."""
PATIENCE_S = 300.0


@dataclass(frozen=True)
class Timed:
    """Answers, seconds for all of them, and seconds until each one's first token."""

    answers: list[list[int]]
    seconds: float
    first: list[float]

    @property
    def tokens_per_second(self) -> float:
        """Of all askers together."""
        return sum(map(len, self.answers)) / self.seconds


def sequential(model: Any, prompts: Sequence[list[int]], tokens: int) -> Timed:
    """`generate`, one after the other: the last asker waits for all before."""
    answers, first = [], []
    began = time.perf_counter()
    for prompt in prompts:
        ids = torch.tensor([prompt], device=model.device)
        told: list[float] = []
        with torch.inference_mode():
            out = model.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=tokens,
                do_sample=False,
                pad_token_id=0,
                streamer=_TokenTimes(told),
            )
        answers.append(out[0, len(prompt) :].tolist())
        first.append(told[1] - began)
    return Timed(answers, time.perf_counter() - began, first)


class _TokenTimes:
    """A streamer that notes when tokens come; the prompt comes first."""

    def __init__(self, told: list[float]) -> None:
        self._told = told

    def put(self, _value: Any) -> None:
        self._told.append(time.perf_counter())

    def end(self) -> None:
        """Nothing is held back."""


def batched(batch: Batch, prompts: Sequence[list[int]], shared: int, tokens: int) -> Timed:
    """All at once, as the model's thread does it. `shared` tokens of the prompts are the same."""
    began = time.perf_counter()
    first: dict[int, float] = {}
    writings = [
        Writing(
            prompt,
            shared,
            tokens,
            frozenset(),
            lambda _, nth=nth: first.setdefault(nth, time.perf_counter() - began),  # type: ignore[misc]  # a default
            lambda: False,
        )
        for nth, prompt in enumerate(prompts)
    ]
    for writing in writings:
        batch.add(writing)
    while batch.writings:
        batch.advance()
    return Timed([w.written for w in writings], time.perf_counter() - began, [first[n] for n in range(len(prompts))])


@contextmanager
def continuous_batching(model: Any, prompts: Sequence[list[int]], tokens: int) -> Iterator[Any]:
    """Transformers' own manager with its prefix cache, running, with room for all of these prompts at once."""
    longest = max(map(len, prompts)) + tokens
    config = ContinuousBatchingConfig(
        page_size=PAGE,
        num_blocks=(longest // PAGE + 2) * (len(prompts) + 1),
        max_batch_tokens=MOST_READ,
        max_requests_per_batch=len(prompts),
    )
    attention = model.config._attn_implementation
    manager = model.init_continuous_batching(
        generation_config=GenerationConfig(max_new_tokens=tokens, do_sample=False, eos_token_id=-1, pad_token_id=0),
        continuous_batching_config=config,
    )
    manager.start()
    try:
        yield manager
    finally:
        manager.stop(block=True, timeout=60)
        model.set_attn_implementation(attention)


def continuously(manager: Any, prompts: Sequence[list[int]], tokens: int) -> Timed:
    """All at once, by transformers' manager; its own thread writes."""
    began = time.perf_counter()
    numbers: dict[str, int] = {}
    for number, prompt in enumerate(prompts):
        numbers[manager.add_request(prompt, max_new_tokens=tokens, streaming=True)] = number
    first: dict[int, float] = {}
    answers: dict[int, list[int]] = {}
    while len(answers) < len(prompts):
        result = manager.get_result(timeout=1.0)
        if result is None:
            assert manager.is_running(), "transformers' continuous batching ended"
            assert time.perf_counter() - began < PATIENCE_S, "transformers' continuous batching hangs"
            continue
        number = numbers[result.request_id]
        if result.generated_tokens:
            first.setdefault(number, time.perf_counter() - began)
        if result.is_finished():
            answers[number] = list(result.generated_tokens)
    seconds = time.perf_counter() - began
    return Timed([answers[n] for n in range(len(prompts))], seconds, [first[n] for n in range(len(prompts))])
