"""Identifiers and timestamps shaped like Slack's."""

import hashlib
import secrets
import time
from collections.abc import Container

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_RANDOM_LENGTH = 10


def new_id(prefix: str) -> str:
    """A fresh identifier such as ``F07QK2M9XZB``: Slack's prefix and ten random characters."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_LENGTH))


def stable_id(prefix: str, name: str) -> str:
    """The same identifier for the same name in every run, so that seeded people and channels keep theirs."""
    digest = int.from_bytes(hashlib.sha256(f"{prefix}:{name}".encode()).digest(), "big")
    characters = []
    for _ in range(_RANDOM_LENGTH):
        digest, remainder = divmod(digest, len(_ALPHABET))
        characters.append(_ALPHABET[remainder])
    return prefix + "".join(characters)


def timestamp(seconds: float) -> str:
    """Seconds since the epoch as Slack writes them: ``1712345678.123456``."""
    return format_microseconds(round(seconds * 1_000_000))


def format_microseconds(microseconds: int) -> str:
    """Microseconds since the epoch in Slack's form."""
    return f"{microseconds // 1_000_000}.{microseconds % 1_000_000:06d}"


def unused_timestamp(taken: Container[str], at: float | None = None) -> str:
    """The first timestamp from `at` (default: now) on that `taken` does not hold."""
    microseconds = round((time.time() if at is None else at) * 1_000_000)
    while format_microseconds(microseconds) in taken:
        microseconds += 1
    return format_microseconds(microseconds)
