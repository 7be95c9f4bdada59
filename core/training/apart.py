"""Attention for packed rows: each row by itself, instead of all of a pack under a mask that hides most of it."""

from typing import Any

import torch
from torch import nn
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

NAME = "rows_apart"


def rows_apart(
    module: nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    cu_seq_lens_q: torch.Tensor | None = None,
    **given: Any,
) -> tuple[torch.Tensor, None]:
    """Attention as torch computes it; where `cu_seq_lens_q` tells the borders of packed rows, within each row only.

    A pack of n rows then costs an nth of what it does under a mask, and no mask as large as its square is held.
    """
    if cu_seq_lens_q is None:
        whole: tuple[torch.Tensor, None] = sdpa_attention_forward(module, query, key, value, attention_mask, **given)
        return whole
    lengths = cu_seq_lens_q.diff().tolist()
    rows = zip(*(torch.split(states, lengths, dim=2) for states in (query, key, value)), strict=True)
    return torch.cat([sdpa_attention_forward(module, *row, None, **given)[0] for row in rows], dim=1), None


def mask_of_padding(*lengths: int, attention_mask: torch.Tensor | None = None, **given: Any) -> torch.Tensor | None:
    """torch's mask where something is padded; none for packed rows, which need none."""
    if attention_mask is None:
        return None
    mask: torch.Tensor | None = sdpa_mask(*lengths, attention_mask=attention_mask, **given)
    return mask


AttentionInterface.register(NAME, rows_apart)
AttentionMaskInterface.register(NAME, mask_of_padding)
