"""TRL's trainers as the recipes want them: every argument that matters is named, since the defaults are not ours."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft.peft_model import PeftModel
from transformers import PrinterCallback
from trl import KTOConfig, KTOTrainer, SFTConfig, SFTTrainer

from core.training.recipes import Recipe
from core.training.rows import Kind, Row
from core.training.tokens import Tokens


def sft_trainer(
    model: PeftModel, tokens: Tokens, rows: Sequence[Row], recipe: Recipe, checkpoints: Path, batch: int
) -> SFTTrainer:
    """Supervised training on approved answers only, with nothing padded."""
    encoded = [tokens.encode(row) for row in tokens.that_fit(rows) if row.kind is not Kind.REJECTED]
    trainer = SFTTrainer(
        model=model,
        args=SFTConfig(**sft_arguments(recipe, checkpoints, batch)),
        train_dataset=Dataset.from_list([{"input_ids": row.input_ids, "labels": row.labels} for row in encoded]),
        processing_class=tokens.tokenizer,
    )
    trainer.remove_callback(PrinterCallback)
    to_full_precision(model)
    return trainer


def kto_trainer(
    model: PeftModel, tokens: Tokens, rows: Sequence[Row], recipe: Recipe, checkpoints: Path, batch: int
) -> KTOTrainer:
    """Kahneman–Tversky optimisation: approved answers up, rejected ones down."""
    assert recipe.kto is not None
    arguments = common_arguments(recipe, checkpoints, batch)
    told = [{**tokens.as_text(row), "label": row.kind is not Kind.REJECTED} for row in tokens.that_fit(rows)]
    rejected = sum(not one["label"] for one in told)
    trainer = KTOTrainer(
        model=model,
        args=KTOConfig(
            beta=recipe.kto.beta,
            max_length=recipe.data.max_tokens,
            undesirable_weight=(len(told) - rejected) / rejected,  # as much weight on either side
            **arguments,
        ),
        train_dataset=Dataset.from_list(told),
        processing_class=tokens.tokenizer,
    )
    trainer.remove_callback(PrinterCallback)
    to_full_precision(model)
    return trainer


def to_full_precision(model: PeftModel) -> None:
    """Adapter weights in 32-bit: on a 4-bit base TRL makes them bfloat16, where AdamW's small steps are lost."""
    for weight in model.parameters():
        if weight.requires_grad:
            weight.data = weight.data.float()


def sft_arguments(recipe: Recipe, checkpoints: Path, batch: int) -> dict[str, Any]:
    """For supervised training. TRL's defaults: checkpointed gradients, a learning rate of 2e-5, 1,024 tokens."""
    return common_arguments(recipe, checkpoints, batch) | {
        "max_length": recipe.data.max_tokens if recipe.training.pack else None,
        "packing": recipe.training.pack,
        "packing_strategy": "bfd",
        "padding_free": True,
        "completion_only_loss": False,  # the rows bring their own labels
    }


def common_arguments(recipe: Recipe, checkpoints: Path, batch: int) -> dict[str, Any]:
    """What supervised training and KTO share."""
    part = recipe.training
    on_gpu = torch.cuda.is_available()
    return {
        "output_dir": str(checkpoints),
        "per_device_train_batch_size": batch,
        # A halved batch keeps the effective one, and so the number of steps that a checkpoint counts.
        "gradient_accumulation_steps": part.accumulate * (part.batch // batch),
        "num_train_epochs": part.epochs,
        "learning_rate": part.learning_rate,
        "lr_scheduler_type": part.scheduler,
        "warmup_steps": part.warmup_share,
        "weight_decay": part.weight_decay,
        "max_grad_norm": part.max_grad_norm,
        "optim": "adamw_torch",
        "gradient_checkpointing": part.gradient_checkpointing,
        "bf16": recipe.base.dtype == "bfloat16",
        "seed": part.seed,
        "data_seed": part.seed,
        "save_strategy": "steps",
        "save_steps": part.checkpoint_steps,
        "save_total_limit": 2,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,  # it would hide the very NaN that must end the run
        "report_to": "none",
        "disable_tqdm": True,
        "use_cpu": not on_gpu,
        "dataloader_pin_memory": on_gpu,
    }
