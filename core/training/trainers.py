"""TRL's trainers as the recipes want them: every argument that matters is named, since the defaults are not ours."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft.peft_model import PeftModel
from torch import nn
from torch.nn.functional import cross_entropy
from transformers import PrinterCallback
from trl import KTOConfig, KTOTrainer, SFTConfig, SFTTrainer

from core.training.apart import NAME as ROWS_APART
from core.training.recipes import Recipe
from core.training.rows import Kind, Row
from core.training.tokens import IGNORED, Tokens


class AnswersTrainer(SFTTrainer):  # type: ignore[misc]  # TRL is not typed
    """Asks the model for the answers' words only.

    TRL does so on GPUs; on CPUs it computes all of the prompt's words too, to throw them away.
    """

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        """Nats for each token of the answers in a batch, which is one long row of packed ones."""
        if not self.args.use_cpu:
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        labels = inputs["labels"][0]
        places = (labels[1:] != IGNORED).nonzero().flatten()
        given = {name: value for name, value in inputs.items() if name != "labels"}
        outputs = model(**given, use_cache=False, logits_to_keep=places)
        loss = cross_entropy(outputs.logits[0].float(), labels[places + 1], reduction="sum")
        if num_items_in_batch is None:
            loss = loss / max(len(places), 1)
        else:  # which counts the tokens of all processes, whose gradients are then averaged
            loss = loss / num_items_in_batch * self.accelerator.num_processes
        self._total_train_tokens += int(self.accelerator.gather(torch.tensor(labels.numel())).sum())
        self._metrics["train"]["num_tokens"] = [self._total_train_tokens]
        return (loss, outputs) if return_outputs else loss


def sft_trainer(
    model: PeftModel, tokens: Tokens, rows: Sequence[Row], recipe: Recipe, checkpoints: Path, batch: int
) -> SFTTrainer:
    """Supervised training on approved answers only, with nothing padded."""
    encoded = [tokens.encode(row) for row in tokens.that_fit(rows) if row.kind is not Kind.REJECTED]
    model.get_base_model().set_attn_implementation(ROWS_APART)
    trainer = AnswersTrainer(
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
