"""The settings decide who writes."""

from pathlib import Path

import pytest
import torch

from core.answering.models.choosing import choose_model
from core.answering.models.extractive import Extractive
from core.answering.models.openai_api import OpenAIServer
from core.answering.models.phi3 import Phi3, no_adapters
from core.errors import Misconfigured
from core.knowledge.embedding import Embedder
from core.settings import Settings


def settings(**values: str) -> Settings:
    return Settings(_env_file=None, data_dir=Path("unused"), **values)


@pytest.mark.parametrize(("cuda", "chosen"), [(True, Phi3), (False, Extractive)])
def test_auto_is_phi3_on_cuda_and_extractive_elsewhere(
    minilm: Embedder, monkeypatch: pytest.MonkeyPatch, cuda: bool, chosen: type
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    assert isinstance(choose_model(settings(), minilm, no_adapters), chosen)


def test_the_model_that_is_named_is_taken_and_nothing_is_loaded(minilm: Embedder) -> None:
    assert isinstance(choose_model(settings(language_model="extractive"), minilm, no_adapters), Extractive)
    phi3 = choose_model(settings(language_model="phi3", phi3_model="no/such-checkpoint"), minilm, no_adapters)
    assert (phi3.name, phi3.generates) == ("no/such-checkpoint", True)
    server = choose_model(
        settings(language_model="openai", openai_model="m", openai_base_url="http://x/v1"), minilm, no_adapters
    )
    assert isinstance(server, OpenAIServer)


def test_a_server_without_a_model_name_is_misconfigured(minilm: Embedder) -> None:
    with pytest.raises(Misconfigured, match="OPENAI_MODEL"):
        choose_model(settings(language_model="openai"), minilm, no_adapters)
