"""Loading the base model for training or examining, whole or in 4-bit, with what the libraries get wrong put right."""

import logging
from pathlib import Path

import torch
from bitsandbytes.nn import Linear4bit
from peft import LoraConfig, get_peft_model
from peft.peft_model import PeftModel
from torch import nn
from transformers import (
    AutoModelForCausalLM,
    BitsAndBytesConfig,
    PreTrainedModel,
)

from core.errors import ModelUnavailable
from core.training.adapters import weight_shapes
from core.training.recipes import BasePart, LoraPart

log = logging.getLogger(__name__)


def load_base(folder: Path, part: BasePart, *, targets: tuple[str, ...] = (), spread: bool = False) -> PreTrainedModel:
    """The base model, frozen, on this process's device; `spread` leaves placing it to accelerate.

    Raises ModelUnavailable when it cannot be held in 4-bit or does not load.
    """
    if part.four_bit:
        refuse_odd_shapes(weight_shapes(folder), targets)
    quantization = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
        bnb_4bit_quant_storage=getattr(torch, part.storage),
    )
    try:
        model = AutoModelForCausalLM.from_pretrained(
            folder,
            dtype=getattr(torch, part.dtype),
            quantization_config=quantization if part.four_bit else None,
            device_map=None if spread else {"": _device()},
            attn_implementation="sdpa",
            local_files_only=True,
        )
    except (OSError, ValueError, ImportError) as error:
        raise ModelUnavailable(f"The base model in {folder.name} does not load: {str(error)[:200]}") from error
    keep_four_bit_trainable(model)
    model.config.use_cache = False
    return model.requires_grad_(False)


def with_lora(model: PreTrainedModel, part: LoraPart) -> PeftModel:
    """The base with a fresh adapter, in 32-bit: bfloat16 loses the small steps that AdamW takes."""
    config = LoraConfig(
        r=part.rank,
        lora_alpha=part.alpha,
        lora_dropout=part.dropout,
        target_modules=list(part.targets),
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)


def keep_four_bit_trainable(model: nn.Module) -> int:
    """Forbid bitsandbytes to repack 4-bit weights for CPUs; returns how many layers there are.

    On CPUs with AVX512-BF16 it does so in the first forward pass without gradients (such as an evaluation), and
    training afterwards silently gets no gradients through those layers.
    """
    layers = [layer for layer in model.modules() if isinstance(layer, Linear4bit)]
    for layer in layers:
        layer.support_avx512bf16_for_cpu = False
    return len(layers)


def refuse_odd_shapes(shapes: dict[str, tuple[int, ...]], targets: tuple[str, ...]) -> None:
    """Raises ModelUnavailable for a layer that bitsandbytes' 4-bit kernels would compute wrongly or refuse late."""
    for name, shape in shapes.items():
        if name.removesuffix(".weight").rsplit(".", 1)[-1] in targets and (shape[0] % 32 or shape[1] % 64):
            raise ModelUnavailable(
                f"{name} is {shape[0]} × {shape[1]}, and 4-bit needs multiples of 32 × 64. Use a recipe without 4-bit."
            )


def _device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"
