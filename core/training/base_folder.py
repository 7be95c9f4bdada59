"""Where the base model's checkpoint lies."""

from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import LocalEntryNotFoundError

from core.errors import ModelUnavailable


def base_folder(name: str) -> Path:
    """Where the checkpoint lies on disk, fetched from the hub if need be. Raises ModelUnavailable."""
    if Path(name).is_dir():
        return Path(name)
    wanted = ["*.json", "*.safetensors", "*.model", "*.jinja"]
    try:
        return Path(snapshot_download(name, allow_patterns=wanted, local_files_only=True))
    except LocalEntryNotFoundError:
        pass
    try:
        return Path(snapshot_download(name, allow_patterns=wanted))
    except Exception as error:
        raise ModelUnavailable(
            f"The base model {name} is not on this machine and could not be fetched. "
            "Set PHI3_MODEL to a local folder, or log in to the hub that has it."
        ) from error
