"""What people type after `/ingest`."""

from datetime import UTC, datetime

import pytest

from bot.ingest_words import NotUnderstood, Words, understand

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = datetime(2024, 1, 1, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", Words("read")),
        ("  ", Words("read")),
        ("since 2024-01-01", Words("read", since=DAY)),
        ("<#C1|general>", Words("read", ("C1",))),
        ("<#C1> <#C2|> since 2024-01-01", Words("read", ("C1", "C2"), since=DAY)),
        ("#general", Words("read", ("#general",))),
        ("all", Words("read all")),
        ("ALL since 7d", Words("read all", since=NOW.timestamp() - 7 * 86400)),
        ("<https://a.example/x?y=1|a.example>", Words("pages", pages=("https://a.example/x?y=1",))),
        ("https://a.example https://b.example/c", Words("pages", pages=("https://a.example", "https://b.example/c"))),
        ("status", Words("status")),
        ("stop <#C1>", Words("stop", ("C1",))),
        ("off", Words("off")),
        ("on #general", Words("on", ("#general",))),
        ("keep 90d", Words("keep", days=90)),
        ("keep 2 weeks", Words("keep", days=14)),
        ("keep 1y", Words("keep", days=365)),
        ("keep forever", Words("keep", days=None)),
        ("help", Words("help")),
    ],
)
def test_understood(typed: str, meant: Words) -> None:
    assert understand(typed, NOW) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "everything",
        "since never",
        "since 99999y",
        "since 0d",
        "since 2030-01-01",
        "since 2024-13-01",
        "stop since 3d",
        "keep",
        "keep 0d",
        "keep -5d",
        "keep 99999y",
        "all #general",
        "off now",
        "ftp://a.example",
    ],
)
def test_not_understood_says_what_to_write(typed: str) -> None:
    with pytest.raises(NotUnderstood, match="`"):
        understand(typed, NOW)
