"""Who is answered, and how often: follow-ups can be switched off, and one person asks so many questions a minute."""

from pathlib import Path

import pytest

from core.answering.drafts import Draft, Finished, Searched, Written
from core.records.questions import Verdict
from tests.slack.sandbox_fixtures import page_of, until
from tests.slack.test_asking import asked
from tests.slack.workplace import Scripted, workplace

PATIENCE = 45.0


@pytest.fixture
def scripted() -> Scripted:
    draft = Draft("It is blue.", Verdict.GENERATED, model="test")
    return Scripted([Searched(1), Written("It is blue."), Finished(draft)])


async def test_follow_ups_without_a_mention_can_be_switched_off(tmp_path: Path, scripted: Scripted) -> None:
    async with workplace(tmp_path, answering=scripted, settings={"follow_ups": False}) as place:
        channel, first = await asked(place)
        await place.reply(channel, first)
        unasked = await place.post("ana", "general", "And the door?", thread_ts=first)
        mentioned = await place.post("ana", "general", f"{place.mention} And the roof?", thread_ts=first)
        await until(lambda: place.state_of(channel, mentioned) == "answered", PATIENCE)
        await place.everything_heard()
        assert place.state_of(channel, unasked) == ""
        assert [question for question, _ in scripted.asked] == ["What colour is it?", "And the roof?"]


async def test_one_person_asks_so_many_questions_a_minute_and_others_are_not_held_up(
    tmp_path: Path, scripted: Scripted
) -> None:
    settings = {"questions_per_minute": 2}
    async with (
        workplace(tmp_path, answering=scripted, settings=settings) as place,
        page_of(place.sandbox, "ana") as page,
    ):
        for _ in range(2):
            await place.reply(*await asked(place))
        channel, third = await asked(place)
        assert (
            "You have asked 2 questions within a minute" in (await page.told("ephemeral", PATIENCE))["message"]["text"]
        )
        await until(lambda: place.state_of(channel, third) == "withdrawn", PATIENCE)
        others = await place.post("ben", "general", f"{place.mention} What colour is it?")
        await place.reply(channel, others)
        assert place.said_by_bot(channel, third) == []
