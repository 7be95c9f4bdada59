"""A 👎 by button asks what was wrong; what comes back is a candidate, and the thread learns of it."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.records.base import utc_now
from core.records.examples import ExampleOrigin, ExampleState
from tests.slack.curating import (
    PATIENCE,
    answered,
    approved,
    button_of,
    correction_values,
    curated,
    examples,
    press_not_helpful,
    send,
    votes,
)
from tests.slack.sandbox_fixtures import page_of, until
from tests.slack.workplace import Workplace


def said_in_thread(place: Workplace, channel_id: str, thread_ts: str) -> list[str]:
    return [str(message["text"]) for message in place.said_by_bot(channel_id, thread_ts)]


async def test_a_correction_is_proposed_and_the_thread_learns_of_it(tmp_path: Path) -> None:
    async with curated(tmp_path) as place, page_of(place.sandbox, "ben") as ben:
        channel_id, reply = await answered(place)
        view = await press_not_helpful(ben, channel_id, reply)
        assert votes(place, channel_id, reply["ts"]) == {"ben": -1}
        sent = await send(ben, view, correction_values("outdated", "It is green since May."))
        assert (sent["ok"], sent.get("response_action")) == (True, None)
        [example] = examples(place)
        assert (example.origin, example.complaint) == (ExampleOrigin.CORRECTED, "outdated")
        assert (example.question, example.answer) == ("What colour is it?", "It is green since May.")
        assert [source.name for source in example.sources] == ["#general, Ana"]
        told = await until(lambda: said_in_thread(place, channel_id, reply["thread_ts"])[1:], PATIENCE)
        assert ["suggested a better answer" in text for text in told] == [True]
        assert "<@" not in told[0]
        with place.services.record() as work:
            assert work.overviews.complaints(place.workspace_id, utc_now() - timedelta(days=1)) == {"outdated": 1}


async def test_a_complaint_alone_is_noted_and_proposes_nothing(tmp_path: Path) -> None:
    async with curated(tmp_path) as place, page_of(place.sandbox, "ben") as ben:
        channel_id, reply = await answered(place)
        view = await press_not_helpful(ben, channel_id, reply)
        await send(ben, view, correction_values("tone", ""))
        aside = await ben.told("ephemeral", PATIENCE)
        assert "noted" in aside["message"]["text"]
        assert examples(place) == []
        assert len(said_in_thread(place, channel_id, reply["thread_ts"])) == 1


async def test_a_dialog_sent_after_the_answer_was_deleted_says_so(tmp_path: Path) -> None:
    async with curated(tmp_path) as place, page_of(place.sandbox, "ben") as ben:
        channel_id, reply = await answered(place)
        view = await press_not_helpful(ben, channel_id, reply)
        await place.client("ana").chat_delete(channel=channel_id, ts=reply["thread_ts"])
        await until(lambda: place.state_of(channel_id, reply["thread_ts"]) == "withdrawn", PATIENCE)
        sent = await send(ben, view, correction_values("wrong", "It is green."))
        assert sent["response_action"] == "update"
        assert "deleted meanwhile" in str(sent["view"]["blocks"])
        assert examples(place) == []


async def test_a_dialog_that_cannot_open_any_more_leaves_the_vote_and_a_word(tmp_path: Path) -> None:
    async with curated(tmp_path) as place, page_of(place.sandbox, "ben") as ben:
        channel_id, reply = await answered(place)
        place.sandbox.switches.add_fault("views.open", "error", error="expired_trigger_id", times=1)
        pressed = button_of(reply, "negative_button")
        assert (await ben.post("action", channel_id=channel_id, message_ts=reply["ts"], action=pressed))["ok"]
        assert "once more" in (await ben.told("ephemeral", PATIENCE))["message"]["text"]
        assert votes(place, channel_id, reply["ts"]) == {"ben": -1}


async def test_a_correction_in_a_direct_message_stays_there(tmp_path: Path) -> None:
    async with curated(tmp_path) as place, page_of(place.sandbox, "ben") as ben:
        channel_id = await place.direct("ben")
        sent = await place.client("ben").chat_postMessage(channel=channel_id, text="What colour is it?")
        reply = await place.reply(channel_id, sent["ts"])
        view = await press_not_helpful(ben, channel_id, reply)
        await send(ben, view, correction_values("wrong", "It is green."))
        [example] = examples(place)
        assert example.audience == channel_id


@pytest.mark.parametrize("text", ["It is green.", "It is grün <!channel> & <@U1> ‹|system|›"])
async def test_a_helpful_vote_after_a_correction_changes_only_the_vote(tmp_path: Path, text: str) -> None:
    async with curated(tmp_path) as place, page_of(place.sandbox, "ben") as ben:
        channel_id, reply = await answered(place)
        view = await press_not_helpful(ben, channel_id, reply)
        await send(ben, view, correction_values("wrong", text))
        await place.client("ben").reactions_add(channel=channel_id, timestamp=reply["ts"], name="+1")
        await until(lambda: votes(place, channel_id, reply["ts"]) == {"ben": 1}, PATIENCE)
        assert [example.answer for example in examples(place)] == [text]
        assert [example.state for example in approved(place)] == [ExampleState.APPROVED]
