from datetime import UTC, datetime
from typing import Any

import pytest

from bot.sandbox.blocks import MAX_VIEW_BLOCKS, checked_blocks
from bot.views import dialogs, examples
from bot.views.answer import frame, plainly
from bot.views.home import home
from bot.views.mrkdwn import escape, from_markdown, link
from core.answering.drafts import Draft, DraftCitation
from core.curation.overview import Glance, Week
from core.records.examples import ExampleOrigin, ExampleSource, ExampleState, TrainingExample
from core.records.questions import Verdict
from core.records.reviews import ExamplePage, Listing


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


QUIET = Week(0, 0, 0)


def glance(**figures: Any) -> Glance:
    nothing: dict[str, Any] = {
        "public_channels": (), "files": 0, "passages": 0, "waiting": 3, "last_heard": None, "this_week": QUIET,
        "last_week": QUIET, "complaints": {}, "approved": 0, "approved_this_week": 0, "proposed": 0, "held": 0,
        "adapter": "", "adapter_since": None, "any_run": False, "last_verdict": "",
    }  # fmt: skip
    return Glance(**nothing | figures)


def test_home_tells_what_there_is_and_what_there_is_not() -> None:
    empty = str([block.to_dict() for block in home("U1", glance(), [])])
    assert "<@U1>" in empty
    assert "nothing heard yet" in empty
    assert "none yet" in empty
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    busy = glance(
        public_channels=tuple(f"C{n}" for n in range(40)), passages=12_345, waiting=0, last_heard=moment,
        this_week=Week(9, 3, 1), complaints={"wrong": 1}, adapter="20260301-ab12", adapter_since=moment, any_run=True,
        last_verdict="Kept what serves: the gain may be luck.",
    )  # fmt: skip
    told = str([block.to_dict() for block in home("U1", busy, [])])
    for part in (
        "12,345",
        "and 20 more",
        "Kept what serves",
        "75% of 4 votes",
        "1 × wrong",
        "20260301-ab12",
        "2026-03-01 12:00 UTC",
    ):
        assert part in told


@pytest.mark.parametrize("text", ["&" * 9_000, "word " * 3_000, "**b** [x](https://example.com) " * 400, "ü"])
def test_the_longest_lists_keep_slacks_limits(text: str) -> None:
    def example(number: int) -> TrainingExample:
        return TrainingExample(
            id=f"{number:036}", workspace_id="T1", origin=ExampleOrigin.CORRECTED, state=ExampleState.APPROVED,
            channel_id="C1", thread="C1:1", audience="C1", question=text, answer=text, complaint="not grounded",
            proposed_by="U1", proposed_at=datetime(2026, 3, 1, tzinfo=UTC), held_because="it holds a secret",
            sources=[ExampleSource(marker=n, passage_id="p", document_id="d", audience="public", name=text, text="t")
                     for n in range(3)],
        )  # fmt: skip

    page = ExamplePage(tuple(example(number) for number in range(5)), 15, 6, "<a", ">b")
    lists = [block for kind in Listing for block in examples.listing(kind, page)]
    checked = checked_blocks([block.to_dict() for block in home("U1", glance(), lists)], limit=MAX_VIEW_BLOCKS)
    assert sum(block["type"] == "actions" for block in checked) == 5 + 5 + 3


def test_a_text_of_any_length_comes_out_of_a_dialog_as_it_went_in() -> None:
    for text in ("", "short", "line\n" * 2_000, "x" * 7_000):
        fields = dialogs.text_fields("answer", "Answer", text)
        values = {
            field.block_id: {"text": {"value": (field.to_dict()["element"]).get("initial_value")}} for field in fields
        }
        came_out = dialogs.text_in({"state": {"values": values}}, "answer")
        assert came_out.replace("\n", "") == text.replace("\n", "")
        assert dialogs.fits(text)
    assert not dialogs.fits("x" * 20_000)
