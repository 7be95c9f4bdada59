"""Many askers, one Phi-3: how much faster than one `generate` after the other, and are the answers the same?

    python -m benchmarks.serving [--json] [--size small|tiny|large] [--tokens 64] [--askers 1,4,8,16]

A Phi-3 with random weights (fp32, on the CPU) is built on the spot. Each prompt has about 400 tokens, of which 336 are
a system prefix that all share. Sequential is transformers' own greedy `generate`, one prompt after the other, in the
same run; ours is the batch of the product's model thread. The prefix is kept when time to first token is taken.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import torch
from transformers import Phi3Config, Phi3ForCausalLM

from benchmarks.reporting import Goal, print_table, report
from core.answering.models.phi3_batch import Batch, Writing

VOCABULARY = 32_064
PREFIX, OWN = 336, 64
SIZES = {"tiny": (128, 2, 384), "small": (256, 4, 768), "large": (512, 8, 1536)}
"""Width, layers, width of the feed-forward part: about 8.7, 20 and 60 million parameters."""
ROUNDS = 3


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


def build(size: str) -> Any:
    """A Phi-3 with random weights."""
    width, layers, inner = SIZES[size]
    torch.manual_seed(1)
    config = Phi3Config(
        vocab_size=VOCABULARY,
        hidden_size=width,
        intermediate_size=inner,
        num_hidden_layers=layers,
        num_attention_heads=8,
        num_key_value_heads=8,
        pad_token_id=0,
        eos_token_id=None,
        initializer_range=0.05,
    )
    return Phi3ForCausalLM(config).eval()


def prompts_for(askers: int) -> list[list[int]]:
    """Prompts that begin alike; their own parts differ in length."""
    generator = torch.Generator().manual_seed(0)

    def words(count: int) -> list[int]:
        return torch.randint(5, VOCABULARY - 5, (count,), generator=generator).tolist()

    prefix = words(PREFIX)
    return [prefix + words(OWN - 8 + number % 16) for number in range(askers)]


def sequential(model: Any, prompts: Sequence[list[int]], tokens: int) -> Timed:
    """`generate`, one after the other: the last asker waits for all before."""
    answers, first = [], []
    began = time.perf_counter()
    for prompt in prompts:
        ids = torch.tensor([prompt])
        told: list[float] = []
        streamer = _FirstToken(told)
        with torch.inference_mode():
            out = model.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=tokens,
                do_sample=False,
                pad_token_id=0,
                streamer=streamer,
            )
        answers.append(out[0, len(prompt) :].tolist())
        first.append(told[1] - began)
    return Timed(answers, time.perf_counter() - began, first)


class _FirstToken:
    """A streamer that notes when tokens come; the prompt comes first."""

    def __init__(self, told: list[float]) -> None:
        self._told = told

    def put(self, _value: Any) -> None:
        self._told.append(time.perf_counter())

    def end(self) -> None:
        """Nothing is held back."""


def batched(batch: Batch, prompts: Sequence[list[int]], tokens: int) -> Timed:
    """All at once, as the model's thread does it."""
    began = time.perf_counter()
    first: dict[int, float] = {}
    writings = [
        Writing(
            prompt,
            PREFIX,
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


def measure(model: Any, askers: int, tokens: int, rounds: int) -> tuple[list[Timed], list[Timed]]:
    """Sequential and batched, interleaved."""
    prompts = prompts_for(askers)
    batch = Batch(model)
    batched(batch, prompts[:1], 2)  # the prefix is kept from then on, as it is after anybody's first question
    plain, ours = [], []
    for _ in range(rounds):
        plain.append(sequential(model, prompts, tokens))
        ours.append(batched(batch, prompts, tokens))
    return plain, ours


def main() -> None:
    """Print the table and, with --json, the figures and goals as the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--askers", default="1,4,8,16")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    model = build(options.size)
    figures: dict[str, float] = {"parameters_million": sum(w.numel() for w in model.parameters()) / 1e6}
    rows: dict[str, list[float | str]] = {}
    identical = True
    for askers in map(int, options.askers.split(",")):
        plain, ours = measure(model, askers, options.tokens, options.rounds)
        identical &= all(one.answers == other.answers for one, other in zip(plain, ours, strict=True))
        speed = median(one.tokens_per_second for one in ours)
        ratio = median(one.tokens_per_second / other.tokens_per_second for one, other in zip(ours, plain, strict=True))
        first = sorted(seconds for one in ours for seconds in one.first)
        plain_first = sorted(seconds for one in plain for seconds in one.first)
        p50, p95 = first[len(first) // 2], first[int(len(first) * 0.95)]
        figures |= {
            f"tokens_per_second_{askers}": speed,
            f"throughput_{askers}": ratio,
            f"ttft_p50_{askers}": p50,
            f"ttft_p95_{askers}": p95,
            f"ttft_sooner_{askers}": plain_first[len(plain_first) // 2] / p50,
        }
        rows[f"{askers} askers"] = [speed, ratio, p50, p95, figures[f"ttft_sooner_{askers}"]]
    print_table(["tokens/s", "× seq.", "first p50", "first p95", "× sooner"], rows)
    goals = [Goal("identical", float(identical), 1)]
    if "throughput_8" in figures:
        goals.append(Goal("throughput_8", figures["throughput_8"], 2))
    if "ttft_sooner_1" in figures:
        goals.append(Goal("ttft_prefix", figures["ttft_sooner_1"], 4))
    report("serving", figures, goals, as_json=options.json)


if __name__ == "__main__":
    main()
