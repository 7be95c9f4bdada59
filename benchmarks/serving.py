"""Many askers, one Phi-3: how much faster than one `generate` after the other, and are the answers the same?

    python -m benchmarks.serving [--json] [--size large|small|tiny] [--tokens 64] [--askers 1,4,8,16]

A Phi-3 with random weights (fp32, on the CPU) is built on the spot. Each prompt has about 400 tokens, of which 336 are
a system prefix that all share. Sequential is transformers' own greedy `generate`, one prompt after the other; ours is
the batch of the product's model thread; beside both runs transformers' continuous batching with its prefix cache. Both
have read the prefix before, in another asker's prompt. At the end mentions are timed through a sandbox.
"""

import argparse
from statistics import median
from typing import Any

import torch
from transformers import Phi3Config, Phi3ForCausalLM

from benchmarks.overhead import through_slack
from benchmarks.reporting import Goal, print_table, report
from benchmarks.serving_arms import Timed, batched, continuous_batching, continuously, sequential
from core.answering.models.phi3_batch import Batch

VOCABULARY = 32_064
PREFIX, OWN = 336, 64
SIZES = {"tiny": (128, 2, 384), "small": (256, 4, 768), "large": (512, 8, 1536)}
"""Width, layers, width of the feed-forward part: about 8.7, 20 and 60 million parameters."""
ROUNDS = 2
FIRST_TOKENS = 9
"""Prompts of a single asker each, of which only the first token is waited for."""


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


def measure(model: Any, askers: int, tokens: int, rounds: int) -> dict[str, list[Timed]]:
    """Each way's rounds, interleaved."""
    *prompts, other = prompts_for(askers + 1)
    batch = Batch(model)
    batched(batch, [other], PREFIX, 2)
    timed: dict[str, list[Timed]] = {"sequential": [], "ours": [], "continuous": []}
    for _ in range(rounds):
        timed["sequential"].append(sequential(model, prompts, tokens))
        timed["ours"].append(batched(batch, prompts, PREFIX, tokens))
        with continuous_batching(model, prompts, tokens) as manager:
            continuously(manager, [other], 2)
            timed["continuous"].append(continuously(manager, prompts, tokens))
    return timed


def single_asker(model: Any) -> dict[str, float]:
    """Seconds to the first token, medians, each way's prompts interleaved."""
    *prompts, other = prompts_for(FIRST_TOKENS + 1)
    batch = Batch(model)
    batched(batch, [other], PREFIX, 2)
    first: dict[str, list[float]] = {"sequential": [], "ours": [], "continuous": []}
    with continuous_batching(model, prompts, 1) as manager:
        continuously(manager, [other], 1)
        for prompt in prompts:
            first["sequential"] += sequential(model, [prompt], 1).first
            first["ours"] += batched(batch, [prompt], PREFIX, 1).first
            first["continuous"] += continuously(manager, [prompt], 1).first
    return {name: median(seconds) for name, seconds in first.items()}


def first_tokens(timed: list[Timed], share: float) -> float:
    """Seconds to the first token at this share of all askers, the soonest first."""
    first = sorted(seconds for one in timed for seconds in one.first)
    return first[min(int(len(first) * share), len(first) - 1)]


def ratio_of(timed: list[Timed], plain: list[Timed]) -> float:
    """How many times the tokens a second, round by round."""
    return median(one.tokens_per_second / other.tokens_per_second for one, other in zip(timed, plain, strict=True))


def main() -> None:
    """Print the table and, with --json, the figures and goals as the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--size", choices=SIZES, default="large")
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--askers", default="1,4,8,16")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--mentions", type=int, default=20, help="how many go through the sandbox; 0 for none")
    options = parser.parse_args()
    model = build(options.size)
    figures: dict[str, float] = {"parameters_million": sum(w.numel() for w in model.parameters()) / 1e6}
    rows: dict[str, list[float | str]] = {}
    identical = True
    for askers in map(int, options.askers.split(",")):
        timed = measure(model, askers, options.tokens, options.rounds)
        plain, plain_first = timed["sequential"], first_tokens(timed["sequential"], 0.5)
        for name, rounds in timed.items():
            same = all(one.answers == other.answers for one, other in zip(rounds, plain, strict=True))
            speed, ratio = median(one.tokens_per_second for one in rounds), ratio_of(rounds, plain)
            p50, p95 = first_tokens(rounds, 0.5), first_tokens(rounds, 0.95)
            rows[f"{askers} askers, {name}"] = [speed, ratio, p50, p95, plain_first / p50, "yes" if same else "no"]
            if name == "ours":
                identical &= same
            kind = "" if name == "ours" else f"{name}_"
            figures |= {f"{kind}tokens_per_second_{askers}": speed, f"{kind}throughput_{askers}": ratio}
            figures |= {f"{kind}ttft_p50_{askers}": p50, f"{kind}ttft_p95_{askers}": p95}
            figures |= {f"{kind}ttft_sooner_{askers}": plain_first / p50}
    alone = single_asker(model)
    figures |= {f"ttft_alone_{name}": seconds for name, seconds in alone.items()}
    print_table(["tokens/s", "× seq.", "first p50", "first p95", "× sooner", "same"], rows)
    print("first token for one asker: " + ", ".join(f"{name} {seconds:.3f} s" for name, seconds in alone.items()))
    goals = [Goal("identical", float(identical), 1)]
    if "throughput_8" in figures:
        goals.append(Goal("throughput_8", figures["throughput_8"], 2))
    goals.append(Goal("ttft_prefix", alone["sequential"] / alone["ours"], 4))
    if options.mentions:
        print(f"{options.mentions} mentions through a sandbox …")
        figures["overhead_ms"], figures["stop_ms"] = through_slack(options.mentions)
        goals.append(Goal("overhead_ms", figures["overhead_ms"], 100, "<="))
        goals.append(Goal("stop_ms", figures["stop_ms"], 1000, "<="))
    report("serving", figures, goals, as_json=options.json)


if __name__ == "__main__":
    main()
