"""Picks the language model that the settings ask for."""

import logging
from collections.abc import Callable
from pathlib import Path

from core.answering.models.extractive import Extractive
from core.answering.models.language_model import LanguageModel
from core.errors import Misconfigured
from core.knowledge.embedding import Embedder
from core.settings import Settings

FolderOf = Callable[[str], Path]

log = logging.getLogger(__name__)


def choose_model(settings: Settings, embedder: Embedder, folder_of: FolderOf) -> LanguageModel:
    """The model of LANGUAGE_MODEL; `auto` is Phi-3 where there is a CUDA device and otherwise the extractive one.

    `folder_of` gives the folder of an adapter after it was checked; it raises DamagedAdapter for one that is not sound.
    Nothing is loaded yet. Raises Misconfigured when the OpenAI-style server's model is not named.
    """
    chosen = settings.language_model
    if chosen == "auto":
        chosen = "phi3" if _has_cuda() else "extractive"
        log.info("LANGUAGE_MODEL=auto: %s", chosen)
    if chosen == "phi3":
        return _phi3(settings, folder_of)
    if chosen == "openai":
        return _openai(settings, folder_of)
    return Extractive(embedder)


def _has_cuda() -> bool:
    import torch  # noqa: PLC0415 - takes seconds, and only `auto` needs to know

    return torch.cuda.is_available()


def _phi3(settings: Settings, folder_of: FolderOf) -> LanguageModel:
    from core.answering.models.phi3 import Phi3  # noqa: PLC0415 - imports torch

    return Phi3(
        settings.phi3_model,
        max_new_tokens=settings.answer_max_tokens,
        # Before those who wait give the model up, so that a new one may still answer them.
        stall_s=settings.answer_seconds / 2,
        folder_of=folder_of,
    )


def _openai(settings: Settings, folder_of: FolderOf) -> LanguageModel:
    if not settings.openai_model:
        raise Misconfigured("LANGUAGE_MODEL=openai needs OPENAI_MODEL: the model's name at that server.")
    from core.answering.models.openai_api import OpenAIServer  # noqa: PLC0415 - its client takes a second to import

    return OpenAIServer(
        base_url=settings.openai_base_url,
        api_key=settings.openai_api_key.get_secret_value(),
        model=settings.openai_model,
        context_tokens=settings.openai_context_tokens,
        max_new_tokens=settings.answer_max_tokens,
        patience_s=settings.answer_seconds,
        folder_of=folder_of if settings.vllm_load_adapters else None,
    )
