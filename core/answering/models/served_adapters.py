"""Adapters at a model server that loads them at run time, as vLLM does: each is asked for under its own name."""

from collections.abc import Callable
from pathlib import Path
from threading import Lock

import httpx
import openai

from core.errors import ModelUnavailable

KEPT = 2
"""The adapter that writes and the one before it, whose answers may still be under way."""


class ServedAdapters:
    """Which adapters the server was told to load. `current` is empty for its own model."""

    def __init__(self, client: Callable[[], openai.OpenAI], folder_of: Callable[[str], Path] | None) -> None:
        self.current = ""
        self._client = client
        self._folder_of = folder_of
        self._loaded: list[str] = []
        self._changing = Lock()

    def use(self, adapter: str) -> None:
        """Ask for this one from now on. Raises DamagedAdapter or ModelUnavailable: then nothing changes."""
        with self._changing:
            if adapter and adapter not in self._loaded:
                self.load(adapter)
            if adapter:
                self._loaded = [*(one for one in self._loaded if one != adapter), adapter]
            self.current = adapter
            while len(self._loaded) > KEPT:
                self._tell("unload_lora_adapter", {"lora_name": self._loaded.pop(0)}, forgiving=True)

    def load(self, adapter: str) -> None:
        """Have the server load it. Raises DamagedAdapter or ModelUnavailable."""
        if self._folder_of is None:
            raise ModelUnavailable(
                "The model server is not told of adapters. Set VLLM_LOAD_ADAPTERS=true if it loads them at run time."
            )
        folder = self._folder_of(adapter)
        self._tell("load_lora_adapter", {"lora_name": adapter, "lora_path": str(folder.absolute())})

    def _tell(self, order: str, what: dict[str, str], *, forgiving: bool = False) -> None:
        try:
            self._client().post(f"/{order}", body=what, cast_to=httpx.Response)
        except openai.BadRequestError as error:
            if not forgiving and "already" not in error.message:
                raise ModelUnavailable("The model server refused the adapter: see its log.") from error
        except openai.OpenAIError as error:
            if not forgiving:
                raise ModelUnavailable(
                    "The model server did not load the adapter. It must share our DATA_DIR and allow "
                    "VLLM_ALLOW_RUNTIME_LORA_UPDATING."
                ) from error
