"""Tokens to text while they come, in pieces of whole characters."""

from threading import Lock

from core.answering.models.phi3_checkpoint import Tokens

_UNFINISHED = "\ufffd"
"""What a decoder shows for a character of which not all bytes have come."""


class GrowingText:
    """Decodes only what is new, together with the tokens just before it: alone they would lose their first space."""

    def __init__(self, tokens: Tokens, tokenizing: Lock) -> None:
        self._tokenizer = tokens.tokenizer
        self._stops = frozenset(tokens.stops)
        self._tokenizing = tokenizing
        self._ids: list[int] = []
        self._before = 0
        self._read = 0

    def feed(self, token: int) -> str:
        """What can be shown now; often nothing."""
        if token not in self._stops:
            self._ids.append(token)
        return self._new(last=False)

    def finish(self) -> str:
        """What was held back."""
        return self._new(last=True)

    def _new(self, *, last: bool) -> str:
        known = self._decoded(self._ids[self._before : self._read])
        text = self._decoded(self._ids[self._before :])
        if len(text) <= len(known) or (text.endswith(_UNFINISHED) and not last):
            return ""
        self._before, self._read = self._read, len(self._ids)
        return text[len(known) :]

    def _decoded(self, ids: list[int]) -> str:
        if not ids:
            return ""
        with self._tokenizing:
            text: str = self._tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text
