"""Answering on a GPU with the full-size Phi-3-mini architecture, in bf16 and NF4: speed, memory, and adapters swapped.

    python -m benchmarks.gpu_serving [--json] [--askers 1,8,32,64] [--tokens 64] [--peer]

The weights are random, which changes neither speed nor memory. Prompts have about 400 tokens, of which 336 are a prefix
that all share. Beside tokens/s of all askers, with the reading of their prompts, stands the share that writing alone
reaches of what memory allows: each pass reads the weights once, and all keys and values, at the speed at which the
device copies. `--peer` runs transformers' continuous batching too. Without a CUDA device, or with `--small`, a small
architecture is run, to show that it works; those figures say nothing about a GPU.
"""

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import torch
from peft import LoraConfig
from transformers import AutoModelForCausalLM, Phi3Config, Phi3ForCausalLM

from benchmarks.memory import peak_mib
from benchmarks.reporting import print_table, report
from benchmarks.serving import PREFIX, prompts_for
from benchmarks.serving_arms import batched, continuous_batching, continuously
from core.answering.models.phi3_adapters import LoadedAdapters
from core.answering.models.phi3_batch import Batch, Writing
from core.answering.models.phi3_checkpoint import four_bits

PRECISIONS = ("bf16", "nf4")
SMALL: dict[str, Any] = {
    "hidden_size": 256,
    "intermediate_size": 512,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
}
COPIED_BYTES = 2**30
COPIES = 20
LORA = LoraConfig(r=16, lora_alpha=32, target_modules=["qkv_proj", "o_proj"], task_type="CAUSAL_LM")
Figures = dict[str, float]


def main() -> None:
    """Print the tables and, with --json, the figures as the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="accepted for uniformity; this bench needs none")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--askers", default="")
    parser.add_argument("--tokens", type=int, default=0)
    parser.add_argument("--peer", action="store_true")
    options = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    small = options.small or device == "cpu"
    askers = [int(number) for number in (options.askers or ("1,8" if small else "1,8,32,64")).split(",")]
    tokens = options.tokens or (16 if small else 64)
    shown = torch.cuda.get_device_name() if device == "cuda" else "CPU"
    figures: dict[str, Any] = {"device": shown, "full_size": not small, "copy_gb_s": copied_per_second(device) / 1e9}
    with tempfile.TemporaryDirectory() as name:
        base = _base(Path(name) / "base", device, small=small)
        for precision in PRECISIONS:
            figures[precision] = _measured(base, precision, device, askers, tokens, figures["copy_gb_s"], options.peer)
    print(f"{shown}{', a small architecture' if small else ''}, torch {torch.__version__}")
    for precision in PRECISIONS:
        _print(precision, figures[precision], askers, options.peer)
    report("gpu_serving", figures, [], as_json=options.json)


def copied_per_second(device: str) -> float:
    """Bytes that the memory reads and writes in a second of copying."""
    size = COPIED_BYTES if device == "cuda" else COPIED_BYTES // 8
    source = torch.zeros(size, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    rates = []
    for _ in range(COPIES):
        _settle(device)
        began = time.perf_counter()
        target.copy_(source)
        _settle(device)
        rates.append(2 * size / (time.perf_counter() - began))
    return median(rates)


def _base(folder: Path, device: str, *, small: bool) -> Path:
    """Phi-3-mini-4k's shape is the configuration's default."""
    config = Phi3Config(pad_token_id=0, eos_token_id=None, **(SMALL if small else {}))
    with torch.device(device):
        Phi3ForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)
    if device == "cuda":
        torch.cuda.empty_cache()
    return folder


def _measured(
    base: Path, precision: str, device: str, askers: list[int], tokens: int, copy_gb_s: float, peer: bool
) -> Figures:
    quantisation = {"quantization_config": four_bits(torch.bfloat16)} if precision == "nf4" else {}
    place = {"device_map": {"": 0 if device == "cuda" else "cpu"}}
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16, **place, **quantisation).eval()
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    figures: Figures = {"weights_gb": _weights(model) / 1e9}
    for number in askers:
        both = prompts_for(2 * number)
        prompts, others = both[:number], both[number:]
        batch = Batch(model)
        batched(batch, others, PREFIX, 4)  # the prefix is kept, and the kernels are chosen
        timed = batched(batch, prompts, PREFIX, tokens)
        figures[f"tokens_per_second_{number}"] = timed.tokens_per_second
        figures[f"ttft_p50_{number}"] = sorted(timed.first)[number // 2]
        rate = _writing_rate(batch, prompts, tokens)
        figures[f"writing_tokens_per_second_{number}"] = rate
        longest = max(map(len, prompts)) + tokens / 2
        read = _weights(model) + number * longest * _key_value_bytes(model)
        figures[f"share_of_bandwidth_{number}"] = rate / number * read / (copy_gb_s * 1e9)
        if peer:
            with continuous_batching(model, prompts, tokens) as manager:
                continuously(manager, others, 4)
                figures[f"continuous_tokens_per_second_{number}"] = continuously(
                    manager, prompts, tokens
                ).tokens_per_second
    figures["peak_gb"] = _peak(device) / 1e9
    return figures | _swaps(model, base.parent / f"adapters-{precision}")


def _writing_rate(batch: Batch, prompts: list[list[int]], tokens: int) -> float:
    """Tokens a second of all askers once every prompt has been read."""
    writings = [Writing(prompt, PREFIX, tokens, frozenset(), lambda _: None, lambda: False) for prompt in prompts]
    for writing in writings:
        batch.add(writing)
    while not all(writing.written for writing in writings):
        batch.advance()
    before, began = sum(len(writing.written) for writing in writings), time.perf_counter()
    while batch.writings:
        batch.advance()
    return (sum(len(writing.written) for writing in writings) - before) / (time.perf_counter() - began)


def _weights(model: Any) -> int:
    """Bytes that one pass reads: all but the table of embeddings, of which it takes a few rows."""
    table = model.get_input_embeddings().weight
    return sum(each.numel() * each.element_size() for each in model.parameters() if each is not table)


def _key_value_bytes(model: Any) -> int:
    """Of one token in all layers, in bf16."""
    config = model.config
    width = config.hidden_size // config.num_attention_heads * config.num_key_value_heads
    return int(2 * 2 * config.num_hidden_layers * width)


def _swaps(model: Any, folder: Path) -> Figures:
    """Seconds to load another adapter and write with it, and to go back to the one before."""
    for name in ("one", "two"):
        model.add_adapter(LORA, adapter_name=name)
        model.set_adapter(name)
        model.save_pretrained(folder / name)
        model.delete_adapter(name)
    adapters = LoadedAdapters(model)
    adapters.use("one", folder / "one")
    began = time.perf_counter()
    adapters.use("two", folder / "two")
    loaded = time.perf_counter()
    adapters.use("one", folder / "one")
    return {"swap_s": loaded - began, "swap_back_s": time.perf_counter() - loaded}


def _peak(device: str) -> int:
    if device == "cuda":
        return torch.cuda.max_memory_allocated()
    return int(peak_mib() * 2**20)


def _settle(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def _print(precision: str, figures: Figures, askers: list[int], peer: bool) -> None:
    keys = ["tokens_per_second", "writing_tokens_per_second", "share_of_bandwidth", "ttft_p50"]
    columns = ["tokens/s", "writing", "of bandw.", "first p50"]
    if peer:
        keys, columns = [*keys, "continuous_tokens_per_second"], [*columns, "cont. b."]
    rows = {f"{precision}, {number} askers": [figures[f"{key}_{number}"] for key in keys] for number in askers}
    print_table(columns, rows)
    told = "weights {weights_gb:.2f} GB, peak {peak_gb:.2f} GB, swap {swap_s:.2f} s, swap back {swap_back_s:.3f} s"
    print(told.format(**figures))


if __name__ == "__main__":
    main()
