"""What somebody types after `/forget`."""

import pytest

from bot.forget_words import NotUnderstood, Words, understand

LINK = "https://acme.slack.com/archives/C012AB/p1700000000000100"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", Words("help")),
        (" Help ", Words("help")),
        ("me", Words("me")),
        ("ME undo", Words("me back")),
        (LINK, Words("message", "C012AB:1700000000.000100")),
        (f"<{LINK}>", Words("message", "C012AB:1700000000.000100")),
        (
            f"<{LINK}?thread_ts=1699999999.000200&amp;cid=C012AB|the reply>",
            Words("message", "C012AB:1700000000.000100"),
        ),
        (f"message <{LINK}>", Words("message", "C012AB:1700000000.000100")),
        ("file F0123ABC", Words("file", "F0123ABC")),
        ("file <https://acme.slack.com/files/U01/F0123ABC/plan.pdf|plan.pdf>", Words("file", "F0123ABC")),
        ("https://acme.slack.com/docs/T01/F0123ABC", Words("file", "F0123ABC")),
        ("file “The plan.pdf”", Words("name", "The plan.pdf")),
        ("document handbook", Words("name", "handbook")),
        ("document <https://example.com/archive/|example.com>", Words("page", "https://example.com/archive/")),
        ("page https://example.com/a", Words("page", "https://example.com/a")),
    ],
)
def test_it_is_understood(text: str, words: Words) -> None:
    assert understand(text) == words


@pytest.mark.parametrize("text", ["everything", "me and you", "file", "document ''", f"{LINK} and more", "you"])
def test_what_is_not_understood_forgets_nothing_and_says_why(text: str) -> None:
    with pytest.raises(NotUnderstood):
        understand(text)
