"""Markers become links to what is cited, and to nothing else."""

from bot.views.citation_links import MOST_CHARACTERS, with_links
from core.answering.drafts import DraftCitation

LINK = "https://x.slack.com/archives/C1/p1?thread_ts=1.2&cid=C1"


def citation(marker: int, link: str = LINK) -> DraftCitation:
    return DraftCitation(marker, f"p{marker}", "d", "public", "#general, Ana", link, "quote")


def test_each_marker_that_is_cited_is_a_link() -> None:
    assert with_links("Blue [1][2], not red [3].", [citation(1), citation(2, "http://localhost/f")]) == (
        f"Blue [1]({LINK})[2](http://localhost/f), not red [3]."
    )


def test_code_and_links_that_stand_already_are_left_alone() -> None:
    text = "`x[1]` and [1](https://a.b)\n```\ny[1]\n```"
    assert with_links(text, [citation(1)]) == text
    assert with_links("```\nunfinished [1]", [citation(1)]) == "```\nunfinished [1]"


def test_an_address_cannot_break_out_of_its_link() -> None:
    assert with_links("[1]", [citation(1, "https://a.b/c) <!channel> (d e|f")]) == (
        "[1](https://a.b/c%29%20%3C!channel%3E%20%28d%20e%7Cf)"
    )
    assert with_links("[1]", [citation(1, "javascript:alert(1)")]) == "[1]"
    assert with_links("[1]", [citation(1, "")]) == "[1]"


def test_a_long_text_has_as_many_links_as_fit() -> None:
    text = "word [1] " * 1_200
    linked = with_links(text, [citation(1)])
    assert len(text) < len(linked) <= MOST_CHARACTERS
