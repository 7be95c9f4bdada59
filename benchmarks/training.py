"""How fast and how lean our training is, beside TRL's defaults on the same rows, and QLoRA beside LoRA.

    python -m benchmarks.training [--json] [--examples 64]

A Phi-3 of some eight million random weights learns rows made of answering's own prompts, of very different lengths, as
questions have. Ours is the recipe `tiny` with the base in bfloat16, as `phi3_lora` has it (TRL's defaults compute in
bfloat16 too), and in 4-bit, as `phi3_qlora` has it. Both sides have the same adapter, rate and epochs; TRL's batch,
checkpointed gradients and padding are its defaults. Every variant runs in a process of its own, so that peak memory is
its own, and the variants alternate. Useful tokens are those of the rows: padding is not counted. Seconds are those that
the process computes on one thread, so that other work on the machine does not count. The loss is that of all answers
after training, one row at a time.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import torch
from datasets import Dataset, disable_progress_bars
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import Phi3Config, Phi3ForCausalLM, PreTrainedTokenizerFast, PrinterCallback
from trl import SFTConfig, SFTTrainer

from benchmarks.memory import peak_mib
from benchmarks.reporting import Goal, print_table, report
from benchmarks.student import CONTROL, TEMPLATE
from core.answering.models.language_model import Prompt, Source
from core.answering.models.messages import as_messages
from core.answering.prompt import INSTRUCTIONS
from core.training.base_model import load_base, with_lora
from core.training.recipes import BasePart, load_recipe
from core.training.rows import Kind, Row
from core.training.tokens import Tokens
from core.training.trainers import sft_trainer

EPOCHS = 2
RATE = 1e-3
PACK = 1024
OURS, DEFAULTS, FOUR_BIT = VARIANTS = ("ours", "TRL defaults", "ours, 4-bit")


def main() -> None:
    """Print the table and, with --json, the figures and goals as the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="accepted for uniformity; this bench needs none")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--examples", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--one", choices=VARIANTS, help=argparse.SUPPRESS)
    parser.add_argument("--base", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(_measure(options.one, options.base, options.examples)))
        return
    with tempfile.TemporaryDirectory() as folder:
        base = _base(Path(folder) / "base", options.examples)
        rounds: dict[str, list[dict[str, float]]] = {variant: [] for variant in VARIANTS}
        for _ in range(options.rounds):
            for variant in VARIANTS:
                rounds[variant].append(_in_a_process(variant, base, options))
    told = {
        variant: {key: median(one[key] for one in measured) for key in measured[0]}
        for variant, measured in rounds.items()
    }
    columns = ("tokens/s", "seconds", "peak MB", "weights MB", "loss")
    keys = ("tokens_per_s", "seconds", "peak_mb", "weights_mb", "loss")
    print_table(columns, {variant: [one[key] for key in keys] for variant, one in told.items()})
    ours, theirs, four_bit = told[OURS], told[DEFAULTS], told[FOUR_BIT]
    goals = [
        Goal("tokens_per_s_ratio", ours["tokens_per_s"] / theirs["tokens_per_s"], 2.0),
        Goal("loss_gap", ours["loss"] - theirs["loss"], 0.02, "<="),
        Goal("qlora_time_ratio", four_bit["seconds"] / ours["seconds"], 1.3, "<="),
    ]
    figures: dict[str, Any] = {
        **{variant: {key: round(value, 3) for key, value in one.items()} for variant, one in told.items()},
        "peak_memory_ratio": ours["peak_mb"] / theirs["peak_mb"],
        "qlora_memory_ratio": four_bit["peak_mb"] / ours["peak_mb"],
        "qlora_weights_ratio": four_bit["weights_mb"] / ours["weights_mb"],
        "rounds": options.rounds,
    }
    report("training", figures, goals, as_json=options.json)


def _in_a_process(variant: str, base: Path, options: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.training", "--one", variant, "--base", str(base)]
    command += ["--examples", str(options.examples)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def _measure(variant: str, base: Path, examples: int) -> dict[str, float]:
    torch.set_num_threads(1)
    disable_progress_bars()
    recipe = load_recipe("tiny")
    training = recipe.training.model_copy(update={"epochs": EPOCHS, "batch": 1, "accumulate": 1, "learning_rate": RATE})
    # TRL loads what it is given as it stands, in 32-bit here.
    part = BasePart(dtype="float32" if variant == DEFAULTS else "bfloat16", four_bit=variant == FOUR_BIT)
    recipe = recipe.model_copy(
        update={"training": training, "base": part, "data": recipe.data.model_copy(update={"max_tokens": PACK})}
    )
    tokens = Tokens(base, PACK)
    rows = _rows(examples)
    useful = sum(len(tokens.encode(row).input_ids) for row in rows) * EPOCHS
    torch.manual_seed(0)
    model = with_lora(load_base(base, recipe.base, targets=recipe.lora.targets), recipe.lora)
    with tempfile.TemporaryDirectory() as folder:
        if variant == DEFAULTS:
            trainer = _defaults(model, tokens, rows, Path(folder))
        else:
            trainer = sft_trainer(model, tokens, rows, recipe, Path(folder), 1)
            trainer.args.save_strategy = "no"
        began = time.process_time()
        trainer.train()
        seconds = time.process_time() - began
    return {
        "tokens_per_s": useful / seconds,
        "seconds": seconds,
        "peak_mb": peak_mib(),
        "weights_mb": sum(weight.numel() * weight.element_size() for weight in model.parameters()) / 2**20,
        "loss": _loss(model, tokens, rows),
    }


def _defaults(model: Any, tokens: Tokens, rows: list[Row], folder: Path) -> Any:
    """TRL as it comes, but for the learning rate, so that losses can be compared, and what would write files."""
    encoded = [tokens.encode(row) for row in rows]
    trainer = SFTTrainer(
        model=model,
        args=SFTConfig(
            output_dir=str(folder),
            num_train_epochs=EPOCHS,
            learning_rate=RATE,
            use_cpu=True,
            report_to="none",
            save_strategy="no",
            disable_tqdm=True,
        ),
        train_dataset=Dataset.from_list([{"input_ids": one.input_ids, "labels": one.labels} for one in encoded]),
        processing_class=tokens.tokenizer,
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _loss(model: Any, tokens: Tokens, rows: list[Row]) -> float:
    """Nats a token of all answers after training, one row at a time, the same way for every variant."""
    model.eval()
    total, learned = 0.0, 0
    with torch.no_grad():
        for row in rows:
            one = tokens.encode(row)
            ids, labels = torch.tensor([one.input_ids]), torch.tensor([one.labels])
            total += float(model(input_ids=ids, labels=labels, use_cache=False).loss) * len(one.answer)
            learned += len(one.answer)
    return total / learned


def _rows(count: int) -> list[Row]:
    """Questions beside none to six passages of ten to ninety words."""
    luck = random.Random(0)
    rows = []
    for number in range(count):
        sources = tuple(
            Source(marker, "#shop", " ".join(luck.choices(WORDS, k=luck.randint(10, 90))))
            for marker in range(1, luck.choice((0, 1, 1, 2, 3, 6)) + 1)
        )
        answer = " ".join(luck.choices(WORDS[:40], k=luck.randint(5, 30)))
        question = " ".join(luck.choices(WORDS, k=luck.randint(4, 20))) + "?"
        rows.append(Row(Prompt(INSTRUCTIONS, sources, (), question), f"{answer}.", Kind.OPEN_BOOK, str(number)))
    return rows


WORDS = tuple(f"{a}{b}{c}" for a in ("bra", "dun", "fel", "gor") for b in ("ki", "mo", "ta", "") for c in "npstrlx")


def _base(folder: Path, examples: int) -> Path:
    """A Phi-3 of some eight million random weights, with a tokenizer that knows the words."""
    bpe = Tokenizer(models.BPE(unk_token="<unk>"))
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=2000,
        special_tokens=[AddedToken(token, special=True) for token in CONTROL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = [message["content"] for row in _rows(examples) for message in as_messages(row.prompt)]
    bpe.train_from_iterator(texts, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        unk_token="<unk>",
        bos_token="<s>",
        eos_token="<|endoftext|>",
        pad_token="<|endoftext|>",
        chat_template=TEMPLATE,
    )
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    Phi3ForCausalLM(
        Phi3Config(
            vocab_size=len(tokenizer),
            hidden_size=512,
            intermediate_size=1024,
            num_hidden_layers=2,
            num_attention_heads=8,
            num_key_value_heads=8,
            max_position_embeddings=4096,
            original_max_position_embeddings=4096,
            bos_token_id=1,
            eos_token_id=3,
            pad_token_id=3,
        )
    ).save_pretrained(folder)
    return folder


if __name__ == "__main__":
    main()
