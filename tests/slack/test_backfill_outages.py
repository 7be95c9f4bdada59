"""A back-fill goes on when what failed answers again: Slack, or the record."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot import backfilling, progress_message
from core.errors import Unavailable
from core.records.backfills import BackfillState
from tests.slack.past import finished, invite, made, progress_messages, say, texts_heard, typing
from tests.slack.workplace import Scripted, workplace

ROUND_OF_TRIES = 4
"""One call and the client's own repetitions of it."""
PAUSES_S = (0.05,) * 6


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_message, "TELL_EVERY_S", 0.05)
    monkeypatch.setattr(backfilling, "TAKEN_UP_AFTER_S", 0.05)
    for module, name in ((backfilling, "PAUSES_S"), (progress_message, "LAST_WORD_PAUSES_S")):
        monkeypatch.setattr(module, name, PAUSES_S)


async def test_a_server_in_front_of_slack_that_answers_in_its_place_is_waited_for(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, typing(place, "ana") as ana:
        past = await made(place)
        say(place, past, "The key is under the mat.")
        await invite(place, past)
        place.sandbox.switches.add_fault("conversations.history", "status", status=503, times=ROUND_OF_TRIES)
        await ana.ingest("", past)
        assert [channel.state for channel in (await finished(place, past)).channels] == [BackfillState.DONE]
        assert texts_heard(place, past) == ["The key is under the mat."]


async def test_the_last_word_is_said_once_slack_answers_again(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, typing(place, "ana") as ana:
        past = await made(place)
        say(place, past, "The key is under the mat.")
        await invite(place, past)
        place.sandbox.switches.add_fault("chat.update", "error", error="internal_error", times=4)
        place.sandbox.switches.add_fault("conversations.history", "delay", seconds=1.0)
        await ana.ingest("", past)
        await finished(place, past)
        assert "I have read" in progress_messages(place, past.id)[-1]["text"]


def refused_at_first(refusals: list[Unavailable], function: Callable[..., Any], *args: Any) -> Any:
    if refusals:
        raise refusals.pop()
    return function(*args)


async def test_a_channel_whose_end_could_not_be_noted_is_taken_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = [Unavailable("The record is busy.")] * (len(PAUSES_S) + 2)
    rows = backfilling.backfilling
    for name, function in (("conclude_read", rows.conclude_read), ("give_up", rows.give_up)):
        monkeypatch.setattr(rows, name, partial(refused_at_first, refusals, function))
    async with workplace(tmp_path, answering=Scripted([])) as place, typing(place, "ana") as ana:
        past = await made(place)
        say(place, past, "The key is under the mat.")
        await invite(place, past)
        await ana.ingest("", past)
        assert [channel.state for channel in (await finished(place, past)).channels] == [BackfillState.DONE]
        assert "I have read" in progress_messages(place, past.id)[-1]["text"]


async def test_a_post_that_takes_longer_than_the_reading_is_not_made_twice(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, typing(place, "ana") as ana:
        past = await made(place)
        say(place, past, "The key is under the mat.")
        await invite(place, past)
        place.sandbox.switches.add_fault("chat.postMessage", "delay", seconds=1.0)
        await ana.ingest("", past)
        await finished(place, past)
        posts = [call for call in place.calls("chat.postMessage") if call["arguments"].get("metadata")]
        assert len(posts) == 1
        [told] = [
            each for each in progress_messages(place, past.id) if "What was said before I came" not in each["text"]
        ]
        assert "I have read" in told["text"]
