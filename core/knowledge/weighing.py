"""How far to trust meaning against words: as far as the embedder can read the language of the question."""

from collections.abc import Callable

READ_WELL = 4.0
"""Characters that a token holds in a language that the embedder knows (MiniLM: English 4.2)."""

SPELLED_OUT = 1.5
"""The same where the tokenizer does not know the words and falls back to letters (MiniLM: Greek, Chinese 1)."""

MOST, LEAST = 0.5, 0.05


def dense_weight(question: str, count_tokens: Callable[[str], int]) -> float:
    """The share of meaning in the fused score, by how many characters of the question a token holds on average."""
    letters = sum(1 for character in question if not character.isspace())
    per_token = letters / max(1, count_tokens(question))
    readable = (per_token - SPELLED_OUT) / (READ_WELL - SPELLED_OUT)
    return LEAST + (MOST - LEAST) * min(1.0, max(0.0, readable))
