"""LoRA and QLoRA on the full-size Phi-3-mini architecture: tokens/s, share of the bf16 peak, peak memory.

    python -m benchmarks.gpu_training [--json]

The weights are random, which changes neither speed nor memory. Without a CUDA device it runs on a small architecture,
to show that it works; those figures say nothing about a GPU.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from transformers import Phi3Config, Phi3ForCausalLM

from benchmarks.reporting import print_table, report
from core.training.base_model import load_base, with_lora
from core.training.recipes import load_recipe

RECIPES = ("phi3_lora", "phi3_qlora")
PEAK_TFLOPS = {"H200": 989, "H100": 989, "A100": 312, "L40S": 362, "L4": 121, "4090": 165, "A10": 125}
"""Dense bf16, by a part of the device's name, as its maker states it."""
SMALL: dict[str, Any] = {
    "hidden_size": 128,
    "intermediate_size": 256,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "vocab_size": 2048,
}


def main() -> None:
    """Print the table and, with --json, the figures as the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="accepted for uniformity; this bench needs none")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--steps", type=int, default=8)
    options = parser.parse_args()
    on_gpu = torch.cuda.is_available()
    device = torch.cuda.get_device_name() if on_gpu else "CPU, a small architecture"
    figures: dict[str, Any] = {"device": device, "on_gpu": on_gpu}
    with tempfile.TemporaryDirectory() as name:
        base = _base(Path(name), on_gpu)
        for recipe in RECIPES:
            figures[recipe] = _measure(base, recipe, options.steps if on_gpu else 2, on_gpu)
    print(f"{device}, torch {torch.__version__}")
    if not on_gpu:
        print("No CUDA device was found: this shows that the bench works, and says nothing about a GPU.")
    columns = ("tokens/s", "of bf16 peak", "peak MB", "adapter M")
    keys = ("tokens_per_s", "share_of_peak", "peak_mb", "trainable_m")
    print_table(columns, {recipe: [figures[recipe][key] for key in keys] for recipe in RECIPES})
    report("gpu_training", figures, [], as_json=options.json)


def _base(folder: Path, on_gpu: bool) -> Path:
    """Phi-3-mini-4k's shape is the configuration's default."""
    config = (
        Phi3Config(torch_dtype="bfloat16", pad_token_id=0)
        if on_gpu
        else Phi3Config(pad_token_id=0, bos_token_id=1, eos_token_id=2, **SMALL)
    )
    with torch.device("cuda" if on_gpu else "cpu"):
        model = Phi3ForCausalLM(config).to(torch.bfloat16)
    model.save_pretrained(folder)
    del model
    torch.cuda.empty_cache()
    return folder


def _measure(base: Path, name: str, steps: int, on_gpu: bool) -> dict[str, float | str]:
    """One packed batch of the recipe, forward, backward and an optimizer step, after one that warms up."""
    recipe = load_recipe(name)
    length = recipe.data.max_tokens if on_gpu else 64
    model = with_lora(load_base(base, recipe.base, targets=recipe.lora.targets), recipe.lora)
    if recipe.training.gradient_checkpointing:
        model.enable_input_require_grads()
        model.gradient_checkpointing_enable()
    model.train()
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=recipe.training.learning_rate)
    device = next(model.parameters()).device
    vocabulary = model.config.vocab_size
    if on_gpu:
        torch.cuda.reset_peak_memory_stats()
    began = 0.0
    for step in range(steps + 1):
        if step == 1:
            _settle(on_gpu)
            began = time.perf_counter()
        ids = torch.randint(3, vocabulary, (recipe.training.batch, length), device=device)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            model(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    _settle(on_gpu)
    seconds = time.perf_counter() - began
    rate = steps * recipe.training.batch * length / seconds
    return {
        "tokens_per_s": rate,
        "share_of_peak": _share_of_peak(base, rate),
        "peak_mb": torch.cuda.max_memory_allocated() / 2**20 if on_gpu else "not measured",
        "trainable_m": sum(weight.numel() for weight in weights) / 1e6,
    }


def _share_of_peak(base: Path, rate: float) -> float | str:
    """Of useful work: forward, and gradients to the inputs, through frozen weights; recomputing is not counted."""
    name = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
    peak = next((tera for part, tera in PEAK_TFLOPS.items() if part in name), 0)
    if not peak:
        return "not known"
    config = Phi3Config.from_pretrained(base)
    layer = config.hidden_size * (4 * config.hidden_size + 3 * config.intermediate_size)
    weights = config.num_hidden_layers * layer + config.hidden_size * config.vocab_size
    return 4 * weights * rate / (peak * 1e12)


def _settle(on_gpu: bool) -> None:
    if on_gpu:
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
