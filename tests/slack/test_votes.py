"""Votes: by button and by reaction, one a person, and taken back."""

from pathlib import Path
from typing import Any

import pytest

from core.answering.drafts import Draft, Finished, Written
from core.records.questions import Verdict
from tests.slack.sandbox_fixtures import page_of, until
from tests.slack.test_asking import asked
from tests.slack.workplace import Scripted, Workplace, workplace


def tally(place: Workplace, channel_id: str, ts: str) -> tuple[int, int]:
    with place.services.record() as work:
        question = work.questions.asked_at(place.workspace_id, channel_id, ts)
        assert question is not None
        return work.feedback.tally(question.answer.id) if question.answer else (0, 0)


@pytest.fixture
def scripted() -> Scripted:
    return Scripted([Written("Blue."), Finished(Draft("Blue.", Verdict.GENERATED, model="test"))])


def button_of(reply: dict[str, Any], side: str) -> dict[str, Any]:
    block = next(block for block in reply["blocks"] if block["type"] == "context_actions")
    element = block["elements"][0]
    return {
        "type": "feedback_buttons",
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "value": element[side]["value"],
    }


async def test_buttons_vote_and_the_last_press_counts(tmp_path: Path, scripted: Scripted) -> None:
    async with workplace(tmp_path, answering=scripted) as place:
        channel_id, ts = await asked(place)
        reply = await place.reply(channel_id, ts)
        async with page_of(place.sandbox, "ben") as ben:
            for side, expected in (("positive_button", (1, 0)), ("negative_button", (0, 1))):
                pressed = button_of(reply, side)
                answer = await ben.post("action", channel_id=channel_id, message_ts=reply["ts"], action=pressed)
                assert answer["ok"]
                assert tally(place, channel_id, ts) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("+1", (1, 0)), ("thumbsup", (1, 0)), ("+1::skin-tone-4", (1, 0)), ("-1", (0, 1)), ("-1::skin-tone-2", (0, 1))],
)
async def test_a_thumb_votes_and_taking_it_off_takes_the_vote_back(
    tmp_path: Path, scripted: Scripted, name: str, expected: tuple[int, int]
) -> None:
    async with workplace(tmp_path, answering=scripted) as place:
        channel_id, ts = await asked(place)
        reply = await place.reply(channel_id, ts)
        ben = place.client("ben")
        await ben.reactions_add(channel=channel_id, timestamp=reply["ts"], name=name)
        await until(lambda: tally(place, channel_id, ts) == expected)
        await ben.reactions_remove(channel=channel_id, timestamp=reply["ts"], name=name)
        await until(lambda: tally(place, channel_id, ts) == (0, 0))


async def test_other_reactions_and_other_messages_are_no_votes(tmp_path: Path, scripted: Scripted) -> None:
    async with workplace(tmp_path, answering=scripted) as place:
        channel_id, ts = await asked(place)
        reply = await place.reply(channel_id, ts)
        await place.client("ben").reactions_add(channel=channel_id, timestamp=reply["ts"], name="tada")
        await place.client("ben").reactions_add(channel=channel_id, timestamp=ts, name="+1")
        await until(lambda: place.sandbox.switches.state()["pending_events"] == 0)
        await until(lambda: place.parts.inbox.is_idle)
        assert tally(place, channel_id, ts) == (0, 0)


async def test_a_thumb_on_a_reply_that_is_still_growing_counts(tmp_path: Path, scripted: Scripted) -> None:
    scripted.events = [*[Written("Blue. ")] * 20, scripted.events[-1]]
    scripted.pause_s = 0.05
    async with workplace(tmp_path, answering=scripted) as place:
        channel_id, ts = await asked(place)
        [growing] = await until(lambda: place.said_by_bot(channel_id, ts))
        await place.client("ben").reactions_add(channel=channel_id, timestamp=growing["ts"], name="+1")
        await place.reply(channel_id, ts)
        await until(lambda: tally(place, channel_id, ts) == (1, 0))


async def test_twenty_people_at_once(tmp_path: Path, scripted: Scripted) -> None:
    async with workplace(tmp_path, answering=scripted) as place:
        channel_id, ts = await asked(place)
        reply = await place.reply(channel_id, ts)
        people = [place.sandbox.switches.add_person(f"person{number}") for number in range(20)]
        for person in people:
            await place.client("ana").conversations_invite(channel=channel_id, users=person["id"])
        for number in range(20):
            name = "+1" if number % 4 else "-1"
            await place.client(f"person{number}").reactions_add(channel=channel_id, timestamp=reply["ts"], name=name)
        await until(lambda: tally(place, channel_id, ts) == (15, 5), 15)
