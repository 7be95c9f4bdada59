"""Loads a Phi-3 checkpoint by hub name or folder; every way in which this fails is one plain sentence."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from core.errors import ModelUnavailable

log = logging.getLogger(__name__)

STOPS = ("<|end|>", "<|endoftext|>", "<|assistant|>")
_NO_MODEL = "The checkpoint {name} cannot be loaded: its files do not make a model."
_HEADROOM = 1.15
_SHARE_OF_MEMORY = 0.4
"""Of what is free after loading, for the keys and values of answers: they are copied when somebody joins."""
_SOME_MEMORY = 2**30
T = TypeVar("T")


@dataclass(frozen=True)
class Tokens:
    """The tokenizer with what is known of its chat template, and the model's context in tokens."""

    tokenizer: Any
    stops: tuple[int, ...]
    has_system_role: bool
    context: int


def load_tokens(name: str) -> Tokens:
    """The checkpoint's tokenizer. Raises ModelUnavailable."""
    from transformers import AutoConfig, AutoTokenizer  # noqa: PLC0415 - takes seconds to import

    tokenizer = _plainly(name, lambda: AutoTokenizer.from_pretrained(name))
    config = _plainly(name, lambda: AutoConfig.from_pretrained(name))
    if not tokenizer.chat_template:
        raise ModelUnavailable(
            f"The checkpoint {name} has no chat template, so it cannot be asked. Use an instruct one."
        )
    known = tokenizer.get_vocab()
    stops = {known[stop] for stop in STOPS if stop in known} | {tokenizer.eos_token_id}
    return Tokens(tokenizer, tuple(sorted(stops - {None})), _has_system_role(tokenizer), _context(config))


def _context(config: Any) -> int:
    """Tokens. Beyond its original context a long-rope checkpoint reads every position anew: we stay within that."""
    lengthened = config.rope_parameters.get("rope_type") == "longrope"
    return int(config.original_max_position_embeddings if lengthened else config.max_position_embeddings)


@dataclass(frozen=True)
class Loaded:
    """The model, and how many tokens of all answers together its memory has room for."""

    model: Any
    room: int


def load_model(name: str, device: str, dtype: str) -> Loaded:
    """The model, ready to write: in 4 bits (NF4, double quantisation) on CUDA, unquantised on a CPU.

    Raises ModelUnavailable.
    """
    began = monotonic()
    log.info("Loading %s on %s (%s) …", name, device, "NF4" if device == "cuda" else dtype)
    loaded = _plainly(name, lambda: _loaded(name, device, dtype))
    log.info("Loaded %s in %.0f s", name, monotonic() - began)
    return loaded


def _loaded(name: str, device: str, dtype: str) -> Loaded:
    import torch  # noqa: PLC0415 - takes seconds to import
    from transformers import AutoModelForCausalLM  # noqa: PLC0415 - the same

    precision = getattr(torch, dtype)
    options: dict[str, Any] = {"dtype": precision}
    if device == "cuda":
        options["device_map"] = {"": 0}
        options["quantization_config"] = four_bits(precision)
    else:
        _check_memory(name, precision.itemsize)
    model = AutoModelForCausalLM.from_pretrained(name, **options).eval()
    if device == "cpu":
        log.info("On this CPU it writes about %.1f tokens a second for one asker.", _tokens_per_second(model))
    return Loaded(model, _room(model, precision.itemsize))


def four_bits(precision: Any) -> Any:
    """NF4 with double quantisation, computing in this torch dtype."""
    from transformers import BitsAndBytesConfig  # noqa: PLC0415 - takes seconds to import

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=precision,
    )


def _tokens_per_second(model: Any) -> float:
    import torch  # noqa: PLC0415 - takes seconds to import

    token = torch.tensor([[1]])
    with torch.inference_mode():
        model(input_ids=token)  # the first pass sets things up
        began = monotonic()
        model(input_ids=token)
    return 1 / max(monotonic() - began, 1e-4)


def _room(model: Any, bytes_each: int) -> int:
    import torch  # noqa: PLC0415 - takes seconds to import

    config = model.config
    width = config.hidden_size // config.num_attention_heads * config.num_key_value_heads
    of_a_token = 2 * config.num_hidden_layers * width * bytes_each
    free = torch.cuda.mem_get_info()[0] if model.device.type == "cuda" else _available_memory()
    return int((free or _SOME_MEMORY) * _SHARE_OF_MEMORY / of_a_token)


def _plainly(name: str, load: Callable[[], T]) -> T:
    import torch  # noqa: PLC0415 - its error is caught below
    from safetensors import SafetensorError  # noqa: PLC0415 - the same

    try:
        return load()
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise ModelUnavailable(f"There is not enough memory for {name}. Use a smaller checkpoint.") from error
    except ImportError as error:
        raise ModelUnavailable(f"A library that {name} needs is not installed: {error.name or error}.") from error
    except OSError as error:
        raise ModelUnavailable(
            f"The checkpoint {name} cannot be loaded: it is missing, gated or unreachable. "
            "Check PHI3_MODEL and, for a gated one, HF_TOKEN."
        ) from error
    except RuntimeError as error:
        if "cuda" in str(error).lower():
            raise ModelUnavailable(
                f"CUDA does not work here, so {name} cannot be loaded. Check the driver and its libraries, or answer "
                "without it: LANGUAGE_MODEL=extractive."
            ) from error
        raise ModelUnavailable(_NO_MODEL.format(name=name)) from error
    except (SafetensorError, ValueError, KeyError, AttributeError) as error:
        raise ModelUnavailable(_NO_MODEL.format(name=name)) from error


def _check_memory(name: str, bytes_each: int) -> None:
    """Raises MemoryError where loading would only end with the process being killed."""
    import torch  # noqa: PLC0415 - takes seconds to import
    from transformers import AutoConfig, AutoModelForCausalLM  # noqa: PLC0415 - the same

    with torch.device("meta"):
        empty = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(name))
    needed = sum(weights.numel() for weights in empty.parameters()) * bytes_each * _HEADROOM
    available = _available_memory()
    if available is not None and needed > available:
        raise MemoryError


def _available_memory() -> float | None:
    """Bytes, where the system tells."""
    meminfo = Path("/proc/meminfo")
    if not meminfo.is_file():
        return None
    lines = (line.split() for line in meminfo.read_text().splitlines())
    return next((float(line[1]) * 1024 for line in lines if line[0] == "MemAvailable:"), None)


def _has_system_role(tokenizer: Any) -> bool:
    """Some Phi-3 templates drop system messages without a word."""
    from jinja2 import TemplateError  # noqa: PLC0415 - transformers brings it

    rules = "Answer from the sources."
    chat = [{"role": "system", "content": rules}, {"role": "user", "content": "Hello"}]
    try:
        return rules in tokenizer.apply_chat_template(chat, tokenize=False)
    except TemplateError:
        return False
