"""The newest state of a message is known by its ts, though Slack dates edits in whole seconds."""

import pytest

from core.knowledge.slack_payloads import revision_of

SAID = "1693983118.200000"
EDITED = {"edited": {"user": "U1", "ts": "1693983118.000000"}}


def test_an_edit_in_the_second_of_the_message_is_newer_than_the_message() -> None:
    assert float(revision_of({"ts": SAID} | EDITED, "1693983118.900000")) > float(revision_of({"ts": SAID}))


def test_of_two_edits_in_one_second_the_one_that_was_told_later_is_newer() -> None:
    first, second = (revision_of({"ts": SAID} | EDITED, told_at) for told_at in ("1693983118.4", "1693983118.9"))
    assert float(first) < float(second)


def test_an_edit_in_the_second_of_an_unfurl_is_newer_than_the_unfurl() -> None:
    unfurl = revision_of({"ts": SAID}, "1693983121.100000")
    edit = revision_of({"ts": SAID, "edited": {"ts": "1693983121.000000"}}, "1693983121.700000")
    assert float(unfurl) < float(edit)


def test_a_past_that_is_read_knows_of_edits_by_their_own_date_only() -> None:
    assert revision_of({"ts": SAID}) == SAID
    assert revision_of({"ts": SAID, "edited": {"ts": "1693990000.000000"}}) == "1693990000.000000"
    assert revision_of({"ts": SAID} | EDITED) == SAID


@pytest.mark.parametrize("edited", ["yes", {}, {"ts": None}, {"ts": "yesterday"}, None])
def test_what_is_no_date_counts_for_nothing(edited: object) -> None:
    assert revision_of({"ts": SAID, "edited": edited}) == SAID
