"""Guesses what the model writes next: what followed the same words before. Answers that quote their sources repeat."""

from collections.abc import Sequence

LONGEST_MATCH = 3
MOST_GUESSED = 8


def guessed(tokens: Sequence[int], most: int = MOST_GUESSED) -> list[int]:
    """The tokens that followed the latest earlier occurrence of the last few; empty when these are new."""
    for length in range(LONGEST_MATCH, 1, -1):
        tail = list(tokens[-length:])
        for start in range(len(tokens) - length - 1, -1, -1):
            if tokens[start + length - 1] == tail[-1] and list(tokens[start : start + length]) == tail:
                return list(tokens[start + length : start + length + most])
    return []


def agreed(guesses: Sequence[int], written: Sequence[int]) -> int:
    """How many of the guesses are what the model itself wrote."""
    count = 0
    for guess, own in zip(guesses, written, strict=False):
        if guess != own:
            break
        count += 1
    return count
