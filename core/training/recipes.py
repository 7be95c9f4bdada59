"""Recipes: how an adapter is trained, as TOML files beside this module, checked when they are read."""

import tomllib
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.errors import Misconfigured

FOLDER = Path(__file__).parent / "recipes"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LoraPart(_Part):
    """The adapter's shape."""

    rank: int = Field(ge=1, le=256)
    alpha: float = Field(gt=0)
    dropout: float = Field(ge=0, lt=1)
    targets: tuple[Literal["qkv_proj", "o_proj", "gate_up_proj", "down_proj"], ...] = Field(min_length=1)


class BasePart(_Part):
    """How the base model is held while the adapter learns. `storage` matters to FSDP, which shards equal types only."""

    dtype: Literal["bfloat16", "float32"]
    four_bit: bool
    storage: Literal["uint8", "bfloat16"] = "uint8"


class DataPart(_Part):
    """What training rows are made of. Every example is learned with its passages among `distractors` others.

    Beside that, as shares of the examples: `closed_book` also without any passage, `without_oracle` also with the
    distractors alone, where the right answer is to say so. `replay`: general rows, as a share of all the others.
    """

    max_tokens: int = Field(ge=64)
    distractors: int = Field(ge=0)
    closed_book: float = Field(ge=0, le=1)
    without_oracle: float = Field(ge=0, le=1)
    replay: float = Field(ge=0, le=1)


class TrainingPart(_Part):
    """The optimisation. A batch is `batch` packed sequences of `max_tokens`, `accumulate` times."""

    epochs: float = Field(gt=0)
    batch: int = Field(ge=1)
    accumulate: int = Field(ge=1)
    learning_rate: float = Field(gt=0, lt=0.1)
    scheduler: Literal["linear", "cosine", "constant_with_warmup"]
    warmup_share: float = Field(ge=0, lt=1)
    weight_decay: float = Field(ge=0)
    max_grad_norm: float = Field(gt=0)
    gradient_checkpointing: bool
    pack: bool
    seed: int
    checkpoint_steps: int = Field(ge=1)
    hours: float = Field(gt=0)
    """Time after which the run is given up."""


class EvaluationPart(_Part):
    """How the candidate is examined."""

    questions: int = Field(ge=20)
    """Most held-out questions that are asked."""
    batch: int = Field(ge=1)
    answer_tokens: int = Field(ge=8)


class KtoPart(_Part):
    """Learning from answers that were voted down beside those that were approved."""

    beta: float = Field(gt=0)
    smallest_rejected: int = Field(ge=1)
    """So many rejected answers are needed; with fewer the run trains on approved ones alone."""


class Recipe(_Part):
    """One way to train. `accelerate` is a configuration, beside the recipe, that spreads the work over devices."""

    name: str
    about: str
    lora: LoraPart
    base: BasePart
    data: DataPart
    training: TrainingPart
    evaluation: EvaluationPart
    kto: KtoPart | None = None
    accelerate: str = ""

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        if self.kto and self.training.batch < 2:
            raise ValueError("KTO compares answers within a batch, so batch must be at least 2")
        if self.kto and self.training.pack:
            raise ValueError("KTO cannot pack")
        if self.accelerate and not Path(self.accelerate).is_file():
            raise ValueError(f"there is no {self.accelerate}")
        return self


def recipe_names() -> list[str]:
    """The recipes that come with Journeyman."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_recipe(name_or_path: str) -> Recipe:
    """A recipe by its name, or by the path of a file of one's own. Raises Misconfigured when it is not sound."""
    path = Path(name_or_path) if name_or_path.endswith(".toml") else FOLDER / f"{name_or_path}.toml"
    try:
        told = tomllib.loads(path.read_text("utf-8"))
        if told.get("accelerate"):
            told["accelerate"] = str(path.parent / told["accelerate"])
        return Recipe.model_validate({"name": path.stem, **told})
    except FileNotFoundError:
        raise Misconfigured(f"There is no recipe {name_or_path}. Known are: {', '.join(recipe_names())}.") from None
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise Misconfigured(f"The recipe {path.name} is not sound: {_faults(error)}.") from error


def _faults(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'recipe'}: {fault['msg']}" for fault in error.errors())
    return str(error)
