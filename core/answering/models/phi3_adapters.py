"""LoRA adapters on a loaded model: the one that writes and the one before it. Only the model's owner may touch this."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.errors import DamagedAdapter

KEPT = 2
"""The adapter that writes and the one before it, for rolling back without a load."""


class LoadedAdapters:
    """The adapters that are in memory. `current` is empty for the base model."""

    def __init__(self, model: Any) -> None:
        self.current = ""
        self._model = model
        self._loaded: list[str] = []

    def use(self, adapter: str, folder: Path | None) -> None:
        """Write with this adapter; the base needs no folder. Raises DamagedAdapter: then the one before goes on."""
        if adapter == self.current:
            return
        if adapter and adapter not in self._loaded:
            self._load(adapter, folder)
        self._activate(adapter)
        if adapter:
            self._loaded = [*(one for one in self._loaded if one != adapter), adapter]
        self.current = adapter
        while len(self._loaded) > KEPT:
            self._model.delete_adapter(_key(self._loaded.pop(0)))

    def _load(self, adapter: str, folder: Path | None) -> None:
        try:
            with _without_reports():
                self._model.load_adapter(str(folder), adapter_name=_key(adapter))
            self._model.eval()
        except Exception as error:
            self._forget(adapter)
            raise DamagedAdapter(
                f"The adapter {adapter} cannot be loaded, so what served before goes on serving."
            ) from error
        self._loaded.insert(0, adapter)

    def _forget(self, adapter: str) -> None:
        """An adapter whose loading failed stays registered in the model otherwise, half loaded and active."""
        if _key(adapter) in getattr(self._model, "peft_config", {}):
            self._model.delete_adapter(_key(adapter))
        self._activate(self.current)

    def _activate(self, adapter: str) -> None:
        if adapter:
            self._model.enable_adapters()
            self._model.set_adapter(_key(adapter))
        elif getattr(self._model, "_hf_peft_config_loaded", False):
            self._model.disable_adapters()


@contextmanager
def _without_reports() -> Iterator[None]:
    """Transformers reports the weights of the adapters loaded before as missing, which would alarm for nothing."""
    from transformers.utils import logging  # noqa: PLC0415 - takes seconds to import

    before = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(before)


def _key(adapter: str) -> str:
    """Names of torch modules hold no dots."""
    return adapter.replace(".", "_")
