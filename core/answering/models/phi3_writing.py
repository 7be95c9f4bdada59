"""Lets the model write, and passes its text on as soon as it can no longer change."""

from collections.abc import Callable
from threading import Event, Lock
from typing import Any

from core.answering.models.phi3_checkpoint import Tokens

_UNFINISHED = "\ufffd"
"""What a decoder shows for a character of which not all bytes have come."""


def write(
    model: Any,
    tokens: Tokens,
    prompt: list[int],
    *,
    max_new_tokens: int,
    stop: Event,
    tokenizing: Lock,
    show: Callable[[str], None],
) -> int:
    """Write the answer to the prompt greedily, step by step, until it ends or `stop` is set; the number of tokens.

    `show` is called at every step, with what is new of the text; often nothing.
    """
    import torch  # noqa: PLC0415 - takes seconds to import

    text = _Text(tokens, tokenizing, show)
    ids = torch.tensor([prompt], device=model.device)

    def stopped(input_ids: Any, _scores: Any, **_: Any) -> Any:
        return torch.full((input_ids.shape[0],), stop.is_set(), device=input_ids.device)

    with torch.inference_mode():
        model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=max_new_tokens,
            do_sample=False,
            eos_token_id=list(tokens.stops),
            pad_token_id=tokens.stops[0],
            streamer=text,
            stopping_criteria=[stopped],
        )
    return text.count


class _Text:
    """A transformers streamer. Its own TextStreamer forgets the space before a word that begins a line."""

    def __init__(self, tokens: Tokens, tokenizing: Lock, show: Callable[[str], None]) -> None:
        self._tokens = tokens
        self._pass_on = show
        self._tokenizing = tokenizing
        self._ids: list[int] = []
        self._shown = ""
        self._prompt_seen = False
        self.count = 0

    def put(self, value: Any) -> None:
        """New tokens; the first call brings the prompt."""
        if not self._prompt_seen:
            self._prompt_seen = True
            return
        new = value.flatten().tolist()
        self.count += len(new)
        self._ids.extend(token for token in new if token not in self._tokens.stops)
        text = self._decoded()
        self._show(self._shown if text.endswith(_UNFINISHED) else text)

    def end(self) -> None:
        """No more tokens."""
        self._show(self._decoded())

    def _decoded(self) -> str:
        with self._tokenizing:
            text: str = self._tokens.tokenizer.decode(
                self._ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
            )
        return text

    def _show(self, text: str) -> None:
        self._pass_on(text[len(self._shown) :])
        self._shown = text
