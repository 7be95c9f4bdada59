"""What the model remembers of the tokens it has read: keys and values for several texts at once, padded on the left."""

from collections.abc import Sequence
from typing import Any

import torch
from transformers.cache_utils import Cache, CacheLayerMixin

_ROOM = 64
"""Columns that are added when a buffer is full, so that not every token copies all that came before."""


class _Layer(CacheLayerMixin):  # type: ignore[misc]  # transformers has no types of its own
    """One layer's keys and values in buffers that have room at the end. `length` columns are in use."""

    is_sliding = False
    is_croppable = True

    def __init__(self, length: int = 0) -> None:
        super().__init__()
        self.length = length

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        """Buffers for as many texts as there are here."""
        self.keys, self.values = _empty(key_states, _ROOM), _empty(value_states, _ROOM)
        self.is_initialized = True

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Add what was read; returns all of it."""
        if self.keys is None or self.values is None:
            self.lazy_initialization(key_states, value_states)
        assert self.keys is not None
        assert self.values is not None
        end = self.length + key_states.shape[-2]
        if end > self.keys.shape[-2]:
            self.keys = torch.cat([self.keys, _empty(key_states, end - self.keys.shape[-2] + _ROOM)], dim=-2)
            self.values = torch.cat([self.values, _empty(value_states, end - self.values.shape[-2] + _ROOM)], dim=-2)
        self.keys[:, :, self.length : end] = key_states
        self.values[:, :, self.length : end] = value_states
        self.length = end
        return self.keys[:, :, :end], self.values[:, :, :end]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """Length and offset of what is attended to."""
        return self.length + query_length, 0

    def get_seq_length(self) -> int:
        """Columns in use."""
        return self.length

    def get_max_length(self) -> int:
        """It grows."""
        return -1

    def crop(self, tokens_to_remove: int) -> None:
        """Forget the newest tokens; transformers gives their number as a negative one."""
        self.length -= abs(tokens_to_remove)


class Memory(Cache):  # type: ignore[misc]  # the same
    """A transformers cache. Text number i has read `lengths[i]` tokens, which stand at the right end."""

    def __init__(self, layers: list[CacheLayerMixin], lengths: list[int]) -> None:
        super().__init__(layers=layers)
        self.lengths = lengths

    @property
    def columns(self) -> int:
        """Tokens of the longest text."""
        return max(self.lengths, default=0)

    def read(self, tokens: int) -> None:
        """Note that every text has read so many more tokens."""
        self.lengths = [length + tokens for length in self.lengths]

    def forget(self, tokens: int) -> None:
        """Forget the newest tokens of every text."""
        self.crop(-tokens)
        self.read(-tokens)

    def mask(self, reading: int) -> torch.Tensor | None:
        """Which columns are a text's own, when `reading` more tokens come; None when all are."""
        if len(set(self.lengths)) < 2:
            return None
        width = self.columns + reading
        own = torch.tensor(self.lengths) + reading
        return (torch.arange(width)[None, :] >= (width - own)[:, None]).long()


def empty_memory(layers: int) -> Memory:
    """Of one text, nothing of which has been read."""
    return Memory([_Layer() for _ in range(layers)], [0])


def gathered(parts: Sequence[tuple[Memory, int]]) -> Memory:
    """A memory of its own, of these texts: each is a memory and the number of the text in it."""
    lengths = [memory.lengths[row] for memory, row in parts]
    columns = max(lengths)
    layers: list[CacheLayerMixin] = []
    for number in range(len(parts[0][0].layers)):
        layer = _Layer(columns)
        for name in ("keys", "values"):
            first = getattr(parts[0][0].layers[number], name)
            whole = first.new_zeros((len(parts), first.shape[1], columns + _ROOM, first.shape[3]))
            for at, (memory, row) in enumerate(parts):
                end, length = memory.columns, lengths[at]
                whole[at, :, columns - length : columns] = getattr(memory.layers[number], name)[
                    row, :, end - length : end
                ]
            setattr(layer, name, whole)
        layer.is_initialized = True
        layers.append(layer)
    return Memory(layers, lengths)


def _empty(like: torch.Tensor, columns: int) -> torch.Tensor:
    batch, heads, _, width = like.shape
    return like.new_zeros((batch, heads, columns, width))
