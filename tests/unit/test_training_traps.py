"""Every trap of the training libraries that is known: each test fails without its mend."""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from peft.peft_model import PeftModel
from torch import nn

from core.errors import ModelUnavailable, TrainingFailed, TrainingStopped
from core.training.base_model import load_base, with_lora
from core.training.fitting import Step, Tell, fit, newest_checkpoint
from core.training.recipes import BasePart, KtoPart, Recipe, load_recipe
from core.training.rows import Row, training_rows
from core.training.run_folder import Fitted
from core.training.tokens import IGNORED, Tokens
from core.training.trainers import sft_trainer
from tests.nights import example, quick_recipe, valves

pytestmark = pytest.mark.timeout(240)

FOUR_BIT = BasePart(dtype="bfloat16", four_bit=True)


class Bench:
    """A tiny base, rows and a recipe, ready to train in this process."""

    def __init__(self, base: Path, folder: Path) -> None:
        self.base, self.folder = base, folder
        self.recipe: Recipe = load_recipe(quick_recipe(folder, epochs="1"))
        self.tokens = Tokens(base, self.recipe.data.max_tokens)
        self.rows: list[Row] = training_rows(valves(10, 0), self.recipe.data, self.tokens.room_for, 7)

    def model(self) -> PeftModel:
        torch.manual_seed(0)
        return with_lora(load_base(self.base, self.recipe.base, targets=self.recipe.lora.targets), self.recipe.lora)

    def fit(self, make: Callable[[], PeftModel] | None = None, tell: Tell = lambda step: True) -> Fitted:
        folder = self.folder
        return fit(
            make or self.model, self.tokens, self.rows, self.recipe, folder / "checkpoints", folder / "out", tell
        )

    def change(self, part: str, **fields: Any) -> None:
        self.recipe = self.recipe.model_copy(update={part: getattr(self.recipe, part).model_copy(update=fields)})

    def kto(self) -> None:
        self.rows = training_rows(
            # Every example has an answer that was voted down.
            type(valves())("rejected", tuple(example(n, rejected=("It is green [1].",)) for n in range(6))),
            self.recipe.data,
            self.tokens.room_for,
            7,
        )
        self.recipe = self.recipe.model_copy(update={"kto": KtoPart(beta=0.1, smallest_rejected=6)})
        self.change("training", pack=False, batch=2)


@pytest.fixture
def bench(tiny_base: Path, tmp_path: Path) -> Bench:
    return Bench(tiny_base, tmp_path)


def gradients(model: PeftModel, *, look_first: bool) -> dict[str, torch.Tensor]:
    ids = torch.arange(10, 60)[None]
    if look_first:
        model.eval()
        with torch.no_grad():
            model(input_ids=ids)
    model.train()
    model(input_ids=ids, labels=ids).loss.backward()
    return {name: weight.grad for name, weight in model.named_parameters() if weight.grad is not None}


def test_an_evaluation_between_steps_does_not_cost_four_bit_weights_their_gradients(bench: Bench) -> None:
    bench.recipe = bench.recipe.model_copy(update={"base": FOUR_BIT})
    expected, found = gradients(bench.model(), look_first=False), gradients(bench.model(), look_first=True)
    assert expected.keys() == found.keys()
    first_layer = [name for name in expected if "layers.0" in name and "lora_B" in name]
    assert first_layer
    for name in first_layer:
        assert torch.allclose(expected[name], found[name], rtol=0.05, atol=expected[name].abs().max().item() * 0.05)


def test_four_bit_shapes_that_the_kernels_cannot_take_are_refused_before_loading(tmp_path: Path) -> None:
    from transformers import Phi3Config, Phi3ForCausalLM

    odd = Phi3Config(
        vocab_size=64,
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
    )
    Phi3ForCausalLM(odd).save_pretrained(tmp_path / "odd")
    with pytest.raises(ModelUnavailable, match=r"down_proj\.weight is 64 × 96"):
        load_base(tmp_path / "odd", FOUR_BIT, targets=("qkv_proj", "down_proj"))
    assert load_base(tmp_path / "odd", FOUR_BIT, targets=("qkv_proj", "o_proj")).config.hidden_size == 64


def test_the_recipe_decides_and_not_the_librarys_defaults(bench: Bench) -> None:
    bench.change("training", learning_rate=0.003, gradient_checkpointing=False)
    bench.change("data", max_tokens=900)
    trainer = sft_trainer(bench.model(), bench.tokens, bench.rows, bench.recipe, bench.folder / "c", 2)
    arguments = trainer.args
    assert arguments.learning_rate == 0.003
    assert arguments.gradient_checkpointing is False
    assert arguments.max_length == 900
    assert arguments.bf16 is False
    bench.change("training", gradient_checkpointing=True, pack=False)
    trainer = sft_trainer(bench.model(), bench.tokens, bench.rows, bench.recipe, bench.folder / "c", 2)
    assert trainer.args.gradient_checkpointing is True
    assert trainer.args.max_length is None


def test_an_adapter_on_a_four_bit_base_keeps_its_small_steps(bench: Bench) -> None:
    """TRL makes it bfloat16, whose spacing near 0.05 is more than AdamW's usual step of 0.0002."""
    bench.recipe = bench.recipe.model_copy(update={"base": FOUR_BIT})
    model = bench.model()
    sft_trainer(model, bench.tokens, bench.rows, bench.recipe, bench.folder / "c", 2)
    assert {weight.dtype for weight in model.parameters() if weight.requires_grad} == {torch.float32}


def test_packed_rows_do_not_see_each_other(bench: Bench) -> None:
    model = bench.model()
    nn.init.normal_(next(weight for name, weight in model.named_parameters() if "lora_B" in name))
    trainer = sft_trainer(model, bench.tokens, bench.rows, bench.recipe, bench.folder / "c", 2)
    encoded = [bench.tokens.encode(row) for row in bench.tokens.that_fit(bench.rows)]
    model.eval()
    alone, learned, together = 0.0, 0, 0.0
    with torch.no_grad():
        for one in encoded:
            ids, labels = torch.tensor([one.input_ids]), torch.tensor([one.labels])
            alone += float(model(input_ids=ids, labels=labels).loss) * len(one.answer)
            learned += len(one.answer)
        packed = list(trainer.get_train_dataloader())
        for batch in packed:
            together += float(trainer.compute_loss(model, batch, num_items_in_batch=1))
    assert len(packed) < len(encoded) / 2
    assert together / learned == pytest.approx(alone / learned, rel=1e-4)


def test_only_the_answers_words_are_computed_and_no_pack_is_masked(bench: Bench) -> None:
    """TRL scores the prompts' words too on a CPU, and a mask over a whole pack hides most of what it costs."""
    model = bench.model()
    trainer = sft_trainer(model, bench.tokens, bench.rows, bench.recipe, bench.folder / "c", 2)
    scored: list[int] = []
    masks: list[object] = []
    model.get_base_model().lm_head.register_forward_pre_hook(lambda _, given: scored.append(given[0].shape[1]))
    attention = model.get_base_model().model.layers[0].self_attn
    attention.register_forward_pre_hook(lambda _, __, given: masks.append(given["attention_mask"]), with_kwargs=True)
    batch = next(iter(trainer.get_train_dataloader()))
    trainer.compute_loss(model, batch)
    assert scored == [int((batch["labels"] != IGNORED).sum())]
    assert masks == [None]


def test_a_loss_that_is_not_a_number_ends_the_run(bench: Bench) -> None:
    """Gradients are kept sound, so that only the loss can tell."""

    def broken() -> PeftModel:
        model = bench.model()
        next(weight for name, weight in model.named_parameters() if "lora_A" in name).data.fill_(float("nan"))
        for weight in model.parameters():
            if weight.requires_grad:
                weight.register_hook(torch.zeros_like)
        return model

    with pytest.raises(TrainingFailed, match="stopped being a number at step 1"):
        bench.fit(broken)


def test_gradients_that_are_not_numbers_end_the_run_before_the_loss_does(bench: Bench) -> None:
    """The loss of their own step is sound still: were it asked alone, a second step would be taken."""

    def broken() -> PeftModel:
        model = bench.model()
        next(weight for name, weight in model.named_parameters() if "lora_B" in name).register_hook(
            lambda gradient: gradient * float("nan")
        )
        return model

    with pytest.raises(TrainingFailed, match="stopped being a number at step 1"):
        bench.fit(broken)


def narrow(bench: Bench, tokens: int) -> Callable[[], PeftModel]:
    """A model that runs out of memory on more than so many tokens at once."""

    def forget(_module: nn.Module, _args: object, given: dict[str, Any]) -> None:
        if given["input_ids"].numel() > tokens:
            raise torch.OutOfMemoryError("out of memory")

    def make() -> PeftModel:
        model = bench.model()
        model.register_forward_pre_hook(forget, with_kwargs=True)
        return model

    return make


def test_out_of_memory_halves_the_batch_and_takes_the_same_steps(bench: Bench) -> None:
    steps: list[Step] = []
    roomy = bench.fit(tell=lambda step: bool(steps.append(step)) or True)
    bench.folder = bench.folder / "narrow"
    fitted = bench.fit(narrow(bench, bench.recipe.data.max_tokens))
    assert (roomy.batch, fitted.batch) == (2, 1)
    assert [step for step, _ in fitted.losses] == [step for step, _ in roomy.losses]
    assert fitted.losses[-1][1] == pytest.approx(roomy.losses[-1][1], rel=0.02)


def test_when_nothing_fits_the_run_fails_in_words(bench: Bench) -> None:
    with pytest.raises(TrainingFailed, match="memory is too small"):
        bench.fit(narrow(bench, 10))


def test_kto_learns_and_is_never_halved_below_two(bench: Bench) -> None:
    bench.kto()
    assert bench.fit().losses[-1][1] > 0
    bench.folder = bench.folder / "narrow"
    bench.change("training", batch=4)
    seen: list[int] = []

    def make() -> PeftModel:
        model = bench.model()
        seen.append(1)

        def forget(_module: nn.Module, _args: object) -> None:
            raise torch.OutOfMemoryError("out of memory")

        model.register_forward_pre_hook(forget)
        return model

    with pytest.raises(TrainingFailed, match="memory is too small"):
        bench.fit(make)
    assert len(seen) == 2


def test_the_kto_recipe_that_ships_trains(bench: Bench) -> None:
    """In 4-bit and with checkpointed gradients, as it is; only shorter."""
    bench.kto()
    recipe = load_recipe("phi3_kto")
    assert recipe.kto is not None
    bench.recipe = recipe.model_copy(update={"kto": recipe.kto.model_copy(update={"smallest_rejected": 6})})
    bench.change("training", epochs=1, checkpoint_steps=1)
    bench.change("data", max_tokens=1024)
    losses = [loss for _, loss in bench.fit().losses]
    assert len(losses) == -(-len(bench.rows) // (recipe.training.batch * recipe.training.accumulate))
    assert all(0 < loss < 2 for loss in losses)
    assert (bench.folder / "out" / "adapter_model.safetensors").is_file()


def test_too_few_rejected_answers_train_on_the_approved_alone(bench: Bench) -> None:
    bench.kto()
    bench.recipe = bench.recipe.model_copy(update={"kto": KtoPart(beta=0.1, smallest_rejected=7)})
    approved = len([row for row in bench.rows if row.kind != "rejected"])
    assert len(bench.fit().losses) == -(-approved // 2)


def test_the_time_limit_ends_the_run(bench: Bench) -> None:
    bench.change("training", hours=1e-9)
    with pytest.raises(TrainingFailed, match="longer than"):
        bench.fit()


def test_a_stop_ends_the_run(bench: Bench) -> None:
    with pytest.raises(TrainingStopped):
        bench.fit(tell=lambda step: step.number < 2)


@contextmanager
def small_disk(size: int) -> Iterator[None]:
    """Files may not grow beyond `size` bytes, which libraries meet as they would meet a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_ends_the_run_in_words(bench: Bench) -> None:
    with small_disk(50_000), pytest.raises(TrainingFailed, match="disk took no more"):
        bench.fit()


def test_a_broken_off_run_goes_on_and_comes_to_the_same_end(bench: Bench) -> None:
    whole = bench.fit()
    expected = (bench.folder / "out" / "adapter_model.safetensors").read_bytes()
    bench.folder = bench.folder / "again"
    told: list[int] = []
    with pytest.raises(TrainingStopped):
        bench.fit(tell=lambda step: bool(told.append(step.number)) or step.number < 4)
    # Killed while it wrote its newest checkpoint: the trainer's state comes last.
    (bench.folder / "checkpoints" / "checkpoint-99").mkdir()
    (bench.folder / "checkpoints" / "checkpoint-99" / "adapter_model.safetensors").write_bytes(b"half")
    assert newest_checkpoint(bench.folder / "checkpoints") == bench.folder / "checkpoints" / "checkpoint-2"
    told.clear()
    resumed = bench.fit(tell=lambda step: bool(told.append(step.number)) or True)
    assert told[0] == 2
    assert dict(resumed.losses) == pytest.approx(dict(whole.losses))
    assert (bench.folder / "out" / "adapter_model.safetensors").read_bytes() == expected
