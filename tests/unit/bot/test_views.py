from bot.views.answer import frame, plainly
from bot.views.home import HomeFacts, home
from bot.views.mrkdwn import escape, from_markdown, link
from core.answering.drafts import Draft, DraftCitation
from core.records.questions import Verdict


def citation(
    marker: int, source: str = "#general, Ana", link: str = "https://x.slack.com/archives/C1/p1"
) -> DraftCitation:
    return DraftCitation(marker, f"p{marker}", "d", "public", source, link, "quote")


def test_sources_are_numbered_links() -> None:
    draft = Draft("Blue [1].", Verdict.GENERATED, citations=(citation(1), citation(3, "Hand<book>.pdf, p. 2")))
    context, feedback = [block.to_dict() for block in frame(draft, "q1")]
    assert context["elements"][0]["text"].splitlines() == [
        "*Sources*",
        "[1] <https://x.slack.com/archives/C1/p1|#general, Ana>",
        "[3] <https://x.slack.com/archives/C1/p1|Hand&lt;book&gt;.pdf, p. 2>",
    ]
    assert feedback["elements"][0]["positive_button"]["value"] == "helpful:q1"


def test_an_honest_dont_know_shows_the_nearest_and_asks_for_no_vote() -> None:
    draft = Draft("I don't know.", Verdict.UNKNOWN, note="Ask Ana.", nearest=(citation(1), citation(2, link="")))
    blocks = [block.to_dict() for block in frame(draft, "q1")]
    assert [block["type"] for block in blocks] == ["context", "context"]
    assert blocks[0]["elements"][0]["text"] == "_Ask Ana._"
    assert "• #general, Ana" in blocks[1]["elements"][0]["text"]


def test_many_long_sources_stay_within_slacks_limit() -> None:
    draft = Draft("x", Verdict.GENERATED, citations=tuple(citation(n, "n" * 500) for n in range(1, 60)))
    text = frame(draft, "q")[0].to_dict()["elements"][0]["text"]
    assert len(text) <= 3_000
    assert text.endswith("…")


def test_the_plain_form_holds_everything() -> None:
    draft = Draft("**Blue** [1].", Verdict.GENERATED, note="Old.", citations=(citation(1),))
    assert plainly(draft.text, draft).split("\n\n") == [
        "*Blue* [1].",
        "_Old._",
        "*Sources*\n[1] <https://x.slack.com/archives/C1/p1|#general, Ana>",
    ]


def test_markdown_becomes_slacks_own() -> None:
    assert from_markdown("# Title\n- **one** & [two](https://a.b/c?d=e&f)\n`a < b`") == (
        "*Title*\n• *one* &amp; <https://a.b/c?d=e&f|two>\n`a &lt; b`"
    )


def test_nothing_in_it_can_ping() -> None:
    assert escape("<!channel> <@U1>") == "&lt;!channel&gt; &lt;@U1&gt;"
    assert from_markdown("<!here>") == "&lt;!here&gt;"
    assert link("https://a.b", "a|b>") == "<https://a.b|a¦b&gt;>"


def test_home_is_a_valid_view() -> None:
    for facts in (HomeFacts("U1", (), 0, 3), HomeFacts("U1", tuple(f"C{n}" for n in range(40)), 12_345, 0)):
        view = home(facts).to_dict()
        assert view["type"] == "home"
        assert "<@U1>" in str(view)
    assert "12,345" in str(view)
    assert "and 20 more" in str(view)
