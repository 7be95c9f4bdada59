"""Adapter folders: what is sealed is used, and anything else is refused for a reason that can be read."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import DamagedAdapter
from core.training.adapters import MANIFEST, WEIGHTS, Manifest, base_fingerprint, remove_all_but, seal, validate
from core.training.recipes import load_recipe
from tests.fakes.trainer import write_adapter
from tests.tiny_phi3 import build_tiny_phi3


@pytest.fixture
def sealed(tmp_path: Path, tiny_base: Path) -> Path:
    write_adapter(tmp_path / "written", tiny_base, load_recipe("tiny"), value=0.5)
    (tmp_path / "written" / "README.md").write_text("what peft leaves beside it")
    return seal(tmp_path / "written", tmp_path / "adapters" / "night-1", manifest(tiny_base))


def manifest(base: Path) -> Manifest:
    return Manifest(
        id="night-1",
        base=str(base),
        base_fingerprint=base_fingerprint(base),
        recipe="tiny",
        data_set="d",
        example_ids=("e1", "e2"),
        figures={"gain": 0.1},
    )


def refused(folder: Path, base: Path) -> str:
    with pytest.raises(DamagedAdapter) as caught:
        validate(folder, base)
    return caught.value.sentence


def reseal(folder: Path, base: Path) -> None:
    """As if the damage had been there when it was made: the hashes agree."""
    moved = folder.rename(folder.with_name("again"))
    (moved / MANIFEST).unlink()
    seal(moved, folder, manifest(base))


def test_a_sealed_adapter_is_valid_and_says_what_it_is(sealed: Path, tiny_base: Path) -> None:
    found = validate(sealed, tiny_base)
    assert found.example_ids == ("e1", "e2")
    assert found.versions["torch"] == torch.__version__
    assert {path.name for path in sealed.iterdir()} == {MANIFEST, WEIGHTS, "adapter_config.json"}


def test_sealing_again_after_a_crash_keeps_the_first(sealed: Path, tmp_path: Path, tiny_base: Path) -> None:
    before = (sealed / WEIGHTS).read_bytes()
    write_adapter(tmp_path / "written", tiny_base, load_recipe("tiny"), value=0.7)
    seal(tmp_path / "written", sealed, manifest(tiny_base))
    assert (sealed / WEIGHTS).read_bytes() == before


def test_a_single_flipped_bit_is_refused(sealed: Path, tiny_base: Path) -> None:
    weights = bytearray((sealed / WEIGHTS).read_bytes())
    weights[-5] ^= 1
    (sealed / WEIGHTS).write_bytes(weights)
    assert "was changed" in refused(sealed, tiny_base)


@pytest.mark.parametrize("broken", [float("nan"), float("inf")])
def test_weights_that_are_not_numbers_are_refused(sealed: Path, tiny_base: Path, broken: float) -> None:
    weights = load_file(sealed / WEIGHTS)
    next(iter(weights.values()))[0, 0] = broken
    save_file(weights, sealed / WEIGHTS)
    reseal(sealed, tiny_base)
    assert "not numbers" in refused(sealed, tiny_base)


def test_missing_weights_are_refused(sealed: Path, tiny_base: Path) -> None:
    weights = load_file(sealed / WEIGHTS)
    weights.pop(min(weights))
    save_file(weights, sealed / WEIGHTS)
    reseal(sealed, tiny_base)
    assert "lacks weights" in refused(sealed, tiny_base)


def test_superfluous_weights_are_refused(sealed: Path, tiny_base: Path) -> None:
    save_file(load_file(sealed / WEIGHTS) | {"lm_head.weight": torch.zeros(2, 2)}, sealed / WEIGHTS)
    reseal(sealed, tiny_base)
    assert "do not belong" in refused(sealed, tiny_base)


def test_weights_of_the_wrong_shape_are_refused(sealed: Path, tiny_base: Path) -> None:
    weights = load_file(sealed / WEIGHTS)
    weights[min(weights)] = torch.zeros(3, 3)
    save_file(weights, sealed / WEIGHTS)
    reseal(sealed, tiny_base)
    assert "wrong shape" in refused(sealed, tiny_base)


def test_an_adapter_for_another_base_is_refused(sealed: Path, tmp_path: Path) -> None:
    other = build_tiny_phi3(tmp_path / "other", seed=8)
    assert "another base model" in refused(sealed, other)


@pytest.mark.parametrize("name", [MANIFEST, WEIGHTS, "adapter_config.json"])
def test_a_lost_file_is_refused(sealed: Path, tiny_base: Path, name: str) -> None:
    (sealed / name).unlink()
    assert "not used" in refused(sealed, tiny_base)


@pytest.mark.parametrize("content", ["", "{", "[]", json.dumps({"id": "x"})])
def test_an_unreadable_manifest_is_refused(sealed: Path, tiny_base: Path, content: str) -> None:
    (sealed / MANIFEST).write_text(content)
    assert "manifest" in refused(sealed, tiny_base)


def test_truncated_weights_are_refused(sealed: Path, tiny_base: Path) -> None:
    (sealed / WEIGHTS).write_bytes((sealed / WEIGHTS).read_bytes()[:100])
    reseal(sealed, tiny_base)
    assert "cannot be read" in refused(sealed, tiny_base)


def test_the_fingerprint_is_of_the_content_not_of_the_place(tiny_base: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(tiny_base, tmp_path / "copy")
    assert base_fingerprint(copy) == base_fingerprint(tiny_base)


def test_old_adapters_are_removed_and_the_kept_stay(sealed: Path) -> None:
    shutil.copytree(sealed, sealed.with_name("night-2"))
    assert remove_all_but(sealed.parent, ["night-2"]) == ["night-1"]
    assert [path.name for path in sealed.parent.iterdir()] == ["night-2"]
