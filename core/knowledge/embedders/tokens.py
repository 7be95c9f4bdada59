"""About how many tokens a text has, where the model's own tokenizer is not at hand."""

import re

_PIECE = re.compile(r"[A-Za-z]+|\d{1,3}|[^\W\d_A-Za-z]|[^\w\s]|_")
_LETTERS_PER_TOKEN = 6


def about_tokens(text: str) -> int:
    """Words count one for every six letters begun; other letters and signs one each, which is rather too many."""
    return sum(_tokens(piece) for piece in _PIECE.findall(text))


def shortened(text: str, limit: int) -> str:
    """As much of the text's beginning as has about `limit` tokens."""
    left = limit
    for piece in _PIECE.finditer(text):
        left -= _tokens(piece[0])
        if left < 0:
            return text[: piece.start()]
    return text


def _tokens(piece: str) -> int:
    return -(-len(piece) // _LETTERS_PER_TOKEN)
