"""Adapter folders: written whole or not at all, with a manifest that proves what they are, and checked before use."""

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from core.errors import DamagedAdapter

MANIFEST = "manifest.json"
WEIGHTS = "adapter_model.safetensors"
CONFIG = "adapter_config.json"
LIBRARIES = ("torch", "transformers", "peft", "trl", "bitsandbytes")

_SAMPLES = 64
_SAMPLE_BYTES = 64 * 1024


@dataclass(frozen=True)
class Manifest:
    """What an adapter is: made when, by which recipe, from which data, for which base, and the sha256 of each file."""

    id: str
    base: str
    base_fingerprint: str
    recipe: str
    data_set: str
    example_ids: tuple[str, ...]
    figures: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=lambda: {name: version(name) for name in LIBRARIES})
    sha256: dict[str, str] = field(default_factory=dict)


def seal(written: Path, folder: Path, manifest: Manifest) -> Path:
    """Move the adapter that was saved in `written` to `folder`, with its manifest, in one rename.

    A folder that stands there already is the same adapter, sealed before a crash: it stays.
    """
    if folder.exists():
        return folder
    names = (WEIGHTS, CONFIG)
    for stray in [path for path in written.iterdir() if path.name not in names]:
        shutil.rmtree(stray) if stray.is_dir() else stray.unlink()
    sealed = asdict(manifest) | {"sha256": {name: _sha256(written / name) for name in names}}
    (written / MANIFEST).write_text(json.dumps(sealed, indent=1, sort_keys=True), "utf-8")
    folder.parent.mkdir(parents=True, exist_ok=True)
    written.rename(folder)
    return folder


def read_manifest(folder: Path) -> Manifest:
    """The folder's manifest. Raises DamagedAdapter."""
    try:
        fields = json.loads((folder / MANIFEST).read_text("utf-8"))
        return Manifest(**fields | {"example_ids": tuple(fields["example_ids"])})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DamagedAdapter(f"The adapter {folder.name} has no readable manifest, so it is not used.") from error


def validate(folder: Path, base: Path) -> Manifest:
    """Refuse an adapter that is not byte for byte what was made, or was made for another base.

    peft loads flipped bits, NaN, missing and superfluous weights without a word. Raises DamagedAdapter.
    """
    manifest = read_manifest(folder)
    for name in (WEIGHTS, CONFIG):
        try:
            found = _sha256(folder / name)
        except OSError as error:
            raise DamagedAdapter(f"The adapter {folder.name} lacks {name}, so it is not used.") from error
        if found != manifest.sha256.get(name):
            raise DamagedAdapter(f"{name} of the adapter {folder.name} was changed since it was made: it is not used.")
    if manifest.base_fingerprint != base_fingerprint(base):
        raise DamagedAdapter(
            f"The adapter {folder.name} was made for another base model ({manifest.base}), so it is not used."
        )
    check_weights(folder, base)
    return manifest


def check_weights(folder: Path, base: Path) -> None:
    """Raises DamagedAdapter unless the weights are exactly those that its configuration and this base ask for."""
    import torch  # noqa: PLC0415 - takes seconds, which a command that only lists adapters should not pay for

    name = folder.name
    wanted = expected_shapes(json.loads((folder / CONFIG).read_text("utf-8")), weight_shapes(base))
    try:
        with safe_open(folder / WEIGHTS, framework="pt") as weights:
            found = {key: tuple(weights.get_slice(key).get_shape()) for key in weights.keys()}  # noqa: SIM118 - not a dict
            broken = [key for key in found if not torch.isfinite(weights.get_tensor(key)).all()]
    except SafetensorError as error:
        raise DamagedAdapter(f"The weights of the adapter {name} cannot be read, so it is not used.") from error
    for problem, keys in (
        ("lacks weights", wanted.keys() - found.keys()),
        ("has weights that do not belong to it", found.keys() - wanted.keys()),
        ("has weights of the wrong shape", {key for key in wanted.keys() & found.keys() if wanted[key] != found[key]}),
        ("has weights that are not numbers", set(broken)),
    ):
        if keys:
            raise DamagedAdapter(f"The adapter {name} {problem} ({min(keys)}, {len(keys)} in all): it is not used.")


def expected_shapes(config: dict[str, Any], base: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the weights that an adapter of this configuration has on a base with these weights."""
    rank, targets = int(config["r"]), set(config["target_modules"])
    wanted: dict[str, tuple[int, ...]] = {}
    for name, shape in base.items():
        layer = name.removesuffix(".weight")
        if layer.rsplit(".", 1)[-1] in targets:
            wanted[f"base_model.model.{layer}.lora_A.weight"] = (rank, shape[1])
            wanted[f"base_model.model.{layer}.lora_B.weight"] = (shape[0], rank)
    return wanted


def weight_shapes(base: Path) -> dict[str, tuple[int, ...]]:
    """Shape of every weight of a checkpoint, read from the heads of its files."""
    shapes: dict[str, tuple[int, ...]] = {}
    for path in _weight_files(base):
        with safe_open(path, framework="pt") as weights:
            shapes |= {key: tuple(weights.get_slice(key).get_shape()) for key in weights.keys()}  # noqa: SIM118 - not a dict
    return shapes


def base_fingerprint(base: Path) -> str:
    """Tells base models apart: its files' names and sizes, and samples of their bytes from beginning to end."""
    digest = hashlib.sha256()
    for path in _weight_files(base):
        size = path.stat().st_size
        digest.update(f"{path.name}:{size}".encode())
        with path.open("rb") as file:
            for place in range(0, size, max(_SAMPLE_BYTES, size // _SAMPLES)):
                file.seek(place)
                digest.update(file.read(_SAMPLE_BYTES))
    return digest.hexdigest()[:32]


def remove_all_but(adapters: Path, keep: Sequence[str]) -> list[str]:
    """Delete the folders of adapters that are not in `keep`; returns their ids."""
    gone = [folder for folder in adapters.glob("*") if folder.is_dir() and folder.name not in keep]
    for folder in gone:
        # Renamed first: a reader sees it whole or not at all.
        doomed = folder.with_name(f".{folder.name}.removed")
        folder.rename(doomed)
        shutil.rmtree(doomed)
    return [folder.name for folder in gone]


def _weight_files(base: Path) -> list[Path]:
    files = sorted(base.glob("*.safetensors"))
    if not files:
        raise DamagedAdapter(
            f"The base model {base.name} has no safetensors files, so no adapter can be checked on it."
        )
    return files


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
