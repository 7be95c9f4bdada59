"""Every recipe that ships is sound, and a recipe that is not is refused in words."""

from pathlib import Path

import pytest

from core.errors import Misconfigured
from core.training.recipes import FOLDER, load_recipe, recipe_names


def test_all_recipes_are_there() -> None:
    assert recipe_names() == ["phi3_kto", "phi3_lora", "phi3_qlora", "phi3_qlora_fsdp", "tiny"]


@pytest.mark.parametrize("name", recipe_names())
def test_a_recipe_is_sound(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.name == name
    assert set(recipe.lora.targets) == {"qkv_proj", "o_proj", "gate_up_proj", "down_proj"}
    assert recipe.base.four_bit == (name not in {"phi3_lora", "tiny"})


def test_sharding_asks_for_one_type_of_storage() -> None:
    assert load_recipe("phi3_qlora_fsdp").base.storage == "bfloat16"


def changed(folder: Path, name: str, old: str, new: str) -> str:
    text = (FOLDER / f"{name}.toml").read_text("utf-8")
    assert old in text
    path = folder / "own.toml"
    path.write_text(text.replace(old, new), "utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("phi3_kto", "batch = 2", "batch = 1", "batch must be at least 2"),
        ("phi3_kto", "pack = false", "pack = true", "KTO cannot pack"),
        ("tiny", "rank = 16", "rank = 0", "rank"),
        ("tiny", "rank = 16", "rang = 16", "rang"),
        ("tiny", '"qkv_proj"', '"lm_head"', "targets"),
        ("tiny", "[lora]", "[lora", "own.toml is not sound"),
        ("phi3_qlora_fsdp", "fsdp.yaml", "gone.yaml", "gone.yaml"),
    ],
)
def test_an_unsound_recipe_is_refused_in_words(tmp_path: Path, name: str, old: str, new: str, words: str) -> None:
    with pytest.raises(Misconfigured, match="recipe") as caught:
        load_recipe(changed(tmp_path, name, old, new))
    assert words in caught.value.sentence


def test_an_unknown_recipe_names_those_that_are() -> None:
    with pytest.raises(Misconfigured, match="phi3_qlora"):
        load_recipe("phi4")
