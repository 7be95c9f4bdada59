"""Rows as token ids: the prompt rendered as answering renders it, and only the answer's tokens to learn from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from transformers import PreTrainedTokenizerBase

from core.answering.models.language_model import Prompt
from core.answering.models.messages import as_messages
from core.answering.models.phi3_checkpoint import load_tokens
from core.training.rows import Row

IGNORED = -100
"""What torch's losses take as "not to be learned"."""

END = "<|end|>"
"""Ends a reply in Phi-3's chats."""


@dataclass(frozen=True)
class Encoded:
    """Token ids of a prompt and of its answer, the end of the reply included."""

    prompt: list[int]
    answer: list[int]

    @property
    def input_ids(self) -> list[int]:
        """Both, one after the other."""
        return self.prompt + self.answer

    @property
    def labels(self) -> list[int]:
        """What is to be learned at each place."""
        return [IGNORED] * len(self.prompt) + self.answer


class Tokens:
    """Turns rows into token ids with the base's tokenizer. Raises ModelUnavailable when the base has none.

    Prompt and answer are encoded apart, so that no token spans the border, and no chat template is asked where the
    answer begins: that holds for any template, not only the stock one.
    """

    def __init__(self, base: Path, max_tokens: int) -> None:
        known = load_tokens(str(base))
        self.tokenizer: PreTrainedTokenizerBase = known.tokenizer
        self.stops = list(known.stops)
        self._has_system_role = known.has_system_role
        self._max_tokens = max_tokens
        if self.tokenizer.pad_token is None:
            self.tokenizer.pad_token = self.tokenizer.unk_token or self.tokenizer.eos_token
        self._end = END if END in self.tokenizer.get_vocab() else str(self.tokenizer.eos_token)

    def prompt(self, prompt: Prompt) -> list[int]:
        """The prompt as the model reads it, up to where its reply begins."""
        ids: list[int] = self.tokenizer.apply_chat_template(
            as_messages(prompt, system_role=self._has_system_role),
            add_generation_prompt=True,
            sanitize_control_tokens=True,
        )["input_ids"]
        return ids

    def encode(self, row: Row) -> Encoded:
        """The row as token ids."""
        return Encoded(self.prompt(row.prompt), self._ids(row.answer) + self._ids(self._end))

    def as_text(self, row: Row) -> dict[str, str]:
        """The row as TRL's `prompt` and `completion`."""
        prompt = self.tokenizer.apply_chat_template(
            as_messages(row.prompt, system_role=self._has_system_role), add_generation_prompt=True, tokenize=False
        )
        return {"prompt": prompt, "completion": row.answer + self._end}

    def that_fit(self, rows: Sequence[Row]) -> list[Row]:
        """The rows that are not longer than `max_tokens`. Cutting the others would teach answers that break off."""
        return [row for row in rows if row.answer.strip() and len(self.encode(row).input_ids) <= self._max_tokens]

    def room_for(self, prompt: Prompt) -> int:
        """Tokens left beside this prompt, with a quarter of the whole kept for the answer."""
        return self._max_tokens * 3 // 4 - len(self.prompt(prompt))

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids
