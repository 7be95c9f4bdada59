"""Replies grow in front of the reader, and are whole in the end whatever Slack does meanwhile."""

from pathlib import Path
from typing import Any

import pytest

from core.answering.drafts import Draft, Finished, Searched, Written
from core.records.questions import Verdict
from tests.slack.sandbox_fixtures import until
from tests.slack.test_asking import asked
from tests.slack.workplace import Scripted, workplace

WORDS = [f"word{number} " for number in range(40)]
WHOLE = "".join(WORDS).strip()


def slowly(words: list[str], pause_s: float = 0.03) -> Scripted:
    whole = "".join(words).strip()
    draft = Draft(whole, Verdict.GENERATED, model="test")
    return Scripted([Searched(1), *map(Written, words), Finished(draft)], pause_s)


def words_of(reply: dict[str, Any]) -> str:
    """What a reader sees as the answer's own words."""
    texts = [block["text"] for block in reply.get("blocks", []) if block["type"] == "markdown"]
    return "".join(texts).strip() or reply["text"]


async def test_text_is_seen_before_the_answer_is_whole(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=slowly(WORDS)) as place:
        channel_id, ts = await asked(place)
        growing = await until(lambda: place.said_by_bot(channel_id, ts))
        assert growing[0]["streaming"]
        assert len(growing[0]["text"]) < len(WHOLE)
        reply = await place.reply(channel_id, ts)
        assert words_of(reply) == WHOLE
        assert len(place.calls("chat.appendStream")) < len(WORDS)


@pytest.mark.parametrize("error", ["unknown_method", "feature_not_enabled", "channel_type_not_supported"])
async def test_a_workspace_without_streaming_gets_an_edited_message(tmp_path: Path, error: str) -> None:
    async with workplace(tmp_path, answering=slowly(WORDS, 0.08)) as place:
        place.sandbox.switches.set_streaming(error)
        channel_id, ts = await asked(place)
        reply = await place.reply(channel_id, ts)
        assert words_of(reply) == WHOLE
        assert "feedback_buttons" in str(reply["blocks"])
        assert len(place.calls("chat.postMessage")) == 2  # the question and the reply
        assert 1 < len(place.calls("chat.update")) < 8


@pytest.mark.parametrize("appends", [0, 1, 2])
async def test_a_stream_that_dies_in_the_middle_repeats_and_loses_nothing(tmp_path: Path, appends: int) -> None:
    async with workplace(tmp_path, answering=slowly(WORDS)) as place:
        place.sandbox.switches.set_streaming(die_after=appends)
        channel_id, ts = await asked(place)
        reply = await place.reply(channel_id, ts)
        assert words_of(reply) == WHOLE
        assert "feedback_buttons" in str(reply["blocks"])


async def test_a_stream_that_slack_ended_is_finished_by_an_edit(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=slowly(WORDS)) as place:
        channel_id, ts = await asked(place)
        await until(lambda: place.said_by_bot(channel_id, ts))
        assert place.sandbox.switches.end_streams() == 1
        reply = await place.reply(channel_id, ts)
        assert words_of(reply) == WHOLE


@pytest.mark.parametrize("method", ["chat.startStream", "chat.appendStream", "chat.stopStream"])
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "rate_limit", "retry_after": 1},
        {"kind": "status", "status": 503},
        {"kind": "drop"},
        {"kind": "error", "error": "internal_error"},
    ],
    ids=lambda fault: fault["kind"],
)
async def test_one_reply_whatever_goes_wrong_with_a_call(tmp_path: Path, method: str, fault: dict[str, Any]) -> None:
    async with workplace(tmp_path, answering=slowly(WORDS, 0.01)) as place:
        place.sandbox.switches.add_fault(method, **fault)
        channel_id, ts = await asked(place)
        reply = await place.reply(channel_id, ts)
        assert words_of(reply) == WHOLE


async def test_rate_limits_are_waited_for(tmp_path: Path) -> None:
    scripted = slowly(WORDS, 0.0)
    scripted.go.clear()
    async with workplace(tmp_path, answering=scripted) as place:
        place.sandbox.switches.set_streaming("unknown_method")
        channel_id, ts = await asked(place)
        await until(lambda: scripted.asked)
        place.sandbox.switches.rate_limit("chat.postMessage", times=2, retry_after=1)
        place.sandbox.switches.rate_limit("chat.update", times=1, retry_after=1)
        scripted.go.set()
        reply = await place.reply(channel_id, ts)
        assert words_of(reply) == WHOLE


async def test_long_replies_go_on_in_a_further_message(tmp_path: Path) -> None:
    paragraphs = [f"Paragraph {number}. " + "text " * 100 + "\n\n" for number in range(60)]
    async with workplace(tmp_path, answering=slowly(paragraphs, 0.0)) as place:
        channel_id, ts = await asked(place)
        await until(lambda: place.state_of(channel_id, ts) == "answered", 20)
        parts = place.said_by_bot(channel_id, ts)
        assert len(parts) > 2
        assert not any(part.get("streaming") for part in parts)
        together = "\n\n".join(part["text"].strip() for part in parts)
        assert together.split() == "".join(paragraphs).split()
        assert ["feedback_buttons" in str(part["blocks"]) for part in parts] == [False] * (len(parts) - 1) + [True]
        assert all(part["text"].startswith("Paragraph") for part in parts)


async def test_a_server_without_blocks_gets_text_with_links(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=slowly(WORDS, 0.0)) as place:
        place.sandbox.switches.set_streaming("unknown_method")
        place.sandbox.switches.add_fault("chat.update", "error", error="invalid_blocks", times=1)
        channel_id, ts = await asked(place)
        reply = await place.reply(channel_id, ts)
        assert reply["text"].startswith(WHOLE)
        assert not reply.get("blocks")
