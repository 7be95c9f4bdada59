"""What a model writes is made safe, whole or in any pieces."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.answering.citations import SafeStream, check
from core.answering.links import AllowedLinks

LINKS = AllowedLinks(
    ["https://acme.slack.com/archives/C1/p17", "https://wiki.acme.test/page_(draft)"],
    ["Deploys are described at https://docs.acme.test/deploy?env=prod. Or see status.acme.com for now."],
)
JOINER = "\u2060"


def safe(text: str) -> str:
    return check(text, {1, 2, 3}, LINKS).text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("It is blue [1].", "It is blue [1]."),
        ("It is blue [7].", "It is blue."),
        ("Blue [1, 2].", "Blue [1][2]."),
        ("Blue [1; 9].", "Blue [1]."),
        ("Blue [1-3].", "Blue [1][2][3]."),
        ("Blue [2–3].", "Blue [2][3]."),
        ("Blue [1 and 2].", "Blue [1][2]."),
        ("Blue [Source 2].", "Blue [2]."),
        ("Blue [^1].", "Blue [1]."),
        ("Blue【2】.", "Blue[2]."),
        ("Blue【2:0†handbook.pdf】.", "Blue[2]."),
        ("Blue【8】.", "Blue."),
        ("Since [2024] it is blue.", "Since [2024] it is blue."),
        ("Blue [1](https://evil.test/x).", "Blue [1]."),
        ("`row[9]` is code", "`row[9]` is code"),
        ("```\nrow[9] = 1\n``` yes [9] [2]", "```\nrow[9] = 1\n``` yes [2]"),
        ("a ` lone tick [9] and [1]", "a ` lone tick and [1]"),
    ],
)
def test_markers_become_those_that_exist(written: str, shown: str) -> None:
    assert safe(written) == shown


def test_cited_markers_are_told_in_order_of_first_use_and_once() -> None:
    assert check("b [3]. a [1][3] `[2]` [7]", {1, 2, 3}, LINKS).cited == (3, 1)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<!channel> hi", f"@{JOINER}channel hi"),
        ("<!here|here> hi", f"@{JOINER}here hi"),
        ("<@U123ABC> said", "@U123ABC said"),
        ("<@U123ABC|ana> said", "@ana said"),
        ("<!subteam^S1|@ops> help", "@ops help"),
        ("<!subteam^S1|@here> help", f"@{JOINER}here help"),
        ("<!date^1700000000^{date}|Monday>", "Monday"),
        ("in <#C1|general>", "in #general"),
        ("@here and @Channel and @EVERYONE", f"@{JOINER}here and @{JOINER}Channel and @{JOINER}EVERYONE"),
        ("<[9]!channel>", f"<{JOINER}!channel>"),
        ("<[!channel>](http://evil.test)", f"<{JOINER}!channel>"),
        ("write to ana@acme.test", "write to ana@acme.test"),
        ("a < b and c > d", "a < b and c > d"),
    ],
)
def test_nobody_is_pinged(written: str, shown: str) -> None:
    assert safe(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("see [the page](https://evil.test/x)", "see the page"),
        ("see ![chart](https://evil.test/x.png)", "see chart"),
        ("see [docs](https://docs.acme.test/deploy?env=prod)", "see [docs](https://docs.acme.test/deploy?env=prod)"),
        ("see ![docs](https://docs.acme.test/deploy?env=prod)", "see [docs](https://docs.acme.test/deploy?env=prod)"),
        ("see https://docs.acme.test/deploy?env=prod.", "see https://docs.acme.test/deploy?env=prod."),
        ("see <https://acme.slack.com/archives/C1/p17|here>", "see [here](https://acme.slack.com/archives/C1/p17)"),
        ("see https://wiki.acme.test/page_(draft)", "see https://wiki.acme.test/page_(draft)"),
        ("see status.acme.com today", "see status.acme.com today"),
        ("see <https://evil.test|docs>", "see docs"),
        ("see [mail](mailto:a@b.example)", "see mail"),
        ("run [x](javascript:alert(1))", f"run [x]{JOINER}(javascript:alert(1))"),
        ("README.md and std::vector<std::string>", "README.md and std::vector<std::string>"),
        ("handlers[i](event) in java.io.File", "handlers[i](event) in java.io.File"),
    ],
)
def test_only_links_of_the_sources_stay_links(written: str, shown: str) -> None:
    assert safe(written) == shown


@pytest.mark.parametrize(
    "written",
    [
        "https://evil.test/?q=secret",
        "https://docs.acme.test/deploy?env=prod&leak=1",
        "https://docs.acme.test.evil.com/deploy",
        "http[9]s://evil.test/x",
        "https:[//evil.test](http://evil.test)",
        "www.evil.com/x",
        "evil.com/steal?q=1",
        "[te[9]xt](https://evil.test/)",
        "[see [1] here](https://evil.test/)",
        "<a href='https://evil.test/'>x</a>",
        "[x]: https://evil.test/",
        "`https://evil.test/`",
        "slack://channel?id=C1",
        "HTTPS://EVIL.TEST/x",
    ],
)
def test_foreign_links_are_broken_but_readable(written: str) -> None:
    shown = safe(written)
    for link in ("://evil", "://EVIL", "://docs", "www.", "evil.com", "slack://"):
        assert link not in shown, shown
    assert safe(shown) == shown


BRACKETS = ["[", "]", "(", ")", "<", ">", "!", "@", "#", "|", "`", "```", '"', " ", "\n", "\t", ".", ":", "-"]
MARKERS = ["[1]", "[7]", "[1, 9]", "【2】", "source ", "1"]
PINGS = ["here", "channel", "<!channel>", "<@U1|ana>"]
ADDRESSES = ["https://", "http", "s://", "www.", "evil", ".com", "/x", "mailto:", "javascript:", "status.acme.com"]
OTHERS = ["https://docs.acme.test/deploy?env=prod", "日本", "é", "a" * 70]
FRAGMENTS = st.sampled_from([*BRACKETS, *MARKERS, *PINGS, *ADDRESSES, *OTHERS])
LONG = st.sampled_from(["a" * 310, "/" + "b" * 2100, "https://" + "c" * 2050 + "@", "`" + "d" * 305])
TEXTS = st.one_of(st.lists(FRAGMENTS, max_size=25).map("".join), st.text(max_size=60))


@settings(max_examples=150, deadline=None)
@given(st.tuples(TEXTS, LONG | TEXTS, TEXTS).map("".join), st.lists(st.integers(0, 2400), max_size=12))
def test_any_cut_gives_the_same_text(text: str, cuts: list[int]) -> None:
    whole = check(text, {1, 2, 3}, LINKS)
    stream = SafeStream({1, 2, 3}, LINKS)
    bounds = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [stream.feed(text[a:b]) for a, b in pairwise(bounds)]
    assert "".join(pieces) + stream.finish() == whole.text
    assert stream.cited == whole.cited


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_letter_by_letter_gives_the_same_text_and_every_prefix_is_safe(text: str) -> None:
    stream = SafeStream({1, 2, 3}, LINKS)
    shown = ""
    for letter in text:
        shown += stream.feed(letter)
        assert not re.search(r"<[@#!]|@(?:channel|here|everyone)", shown, re.IGNORECASE)
    assert shown + stream.finish() == safe(text)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_nothing_that_pings_or_links_abroad_survives(text: str) -> None:
    shown = safe(text)
    assert not re.search(r"<[@#!]|@(?:channel|here|everyone)", shown, re.IGNORECASE)
    for link in re.findall(r"[A-Za-z][A-Za-z0-9+.\-]{1,20}://[^\s<>\"'`|\\^{}()\[\]]+", shown):
        assert link.rstrip("@") in LINKS


MARKED = st.lists(st.sampled_from(["[1]", "[2]", "[7]", "[3, 8]", "[9-11]", "【4】", "word", "it.", "\n"]), max_size=20)


@settings(max_examples=200, deadline=None)
@given(MARKED)
def test_no_marker_that_does_not_exist_survives(parts: list[str]) -> None:
    checked = check(" ".join(parts), {1, 2, 3}, LINKS)
    markers = [int(number) for number in re.findall(r"[\[【](\d+)", checked.text)]
    assert tuple(dict.fromkeys(markers)) == checked.cited
    assert set(markers) <= {1, 2, 3}


def test_little_is_held_back() -> None:
    stream = SafeStream({1}, LINKS)
    assert stream.feed("The deploy runs at five o'clock on Monday ") == "The deploy runs at five o'clock on "
