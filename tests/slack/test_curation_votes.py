"""Votes count as the settings say, each once, whenever they come."""

import asyncio
from pathlib import Path

import pytest

from bot.sandbox.changes import ReactionChanged
from core.answering.drafts import Draft, Finished, Written
from core.records.questions import Verdict
from tests.slack.curating import PATIENCE, answered, approved, curated, scripted, votes
from tests.slack.sandbox_fixtures import until
from tests.slack.workplace import Workplace


async def settle(place: Workplace) -> None:
    """Everything that Slack told is heard."""
    await until(lambda: place.sandbox.switches.state()["pending_events"] == 0, PATIENCE)
    await until(lambda: place.parts.inbox.is_idle, PATIENCE)


async def test_the_settings_say_which_reactions_are_votes(tmp_path: Path) -> None:
    async with curated(tmp_path, helpful_reactions="tada, :heart:", not_helpful_reactions="thinking_face") as place:
        channel_id, reply = await answered(place)
        ben, chloe = place.client("ben"), place.client("chloe")
        await ben.reactions_add(channel=channel_id, timestamp=reply["ts"], name="+1")
        await settle(place)
        assert votes(place, channel_id, reply["ts"]) == {}
        await ben.reactions_add(channel=channel_id, timestamp=reply["ts"], name="heart")
        await chloe.reactions_add(channel=channel_id, timestamp=reply["ts"], name="thinking_face")
        await until(lambda: votes(place, channel_id, reply["ts"]) == {"ben": 1, "chloe": -1}, PATIENCE)


async def test_twenty_people_at_once_are_twenty_votes_and_one_example(tmp_path: Path) -> None:
    async with curated(tmp_path, objection_blocks=False, votes_needed=5) as place:
        channel_id, reply = await answered(place)
        names = [f"person{number}" for number in range(20)]
        for name in names:
            place.sandbox.switches.add_person(name)
            await place.client(name).conversations_join(channel=channel_id)
        await asyncio.gather(
            *(
                place.client(name).reactions_add(
                    channel=channel_id, timestamp=reply["ts"], name="+1" if number % 4 else "-1"
                )
                for number, name in enumerate(names)
            )
        )
        await until(lambda: len(votes(place, channel_id, reply["ts"])) == 20, PATIENCE)
        assert sum(votes(place, channel_id, reply["ts"]).values()) == 10
        assert len(approved(place)) == 1
        await asyncio.gather(
            *(
                place.client(name).reactions_remove(channel=channel_id, timestamp=reply["ts"], name="+1")
                for number, name in enumerate(names)
                if number % 4 and number > 8
            )
        )
        await until(lambda: sum(votes(place, channel_id, reply["ts"]).values()) < 5, PATIENCE)
        await until(lambda: approved(place) == [], PATIENCE)


async def test_a_thumb_before_the_answer_is_complete_counts_when_it_is(tmp_path: Path) -> None:
    answering = scripted()
    answering.events = [Written("It is "), *answering.events[1:]]
    async with curated(tmp_path, answering) as place:
        channel_id = place.channel_id("general")
        ts = await place.post("ana", "general", f"{place.mention} What colour is it?")
        [growing] = await until(lambda: place.said_by_bot(channel_id, ts), PATIENCE)
        answering.go.clear()
        for name in ("ben", "chloe"):
            await place.client(name).reactions_add(channel=channel_id, timestamp=growing["ts"], name="thumbsup")
        await place.client("chloe").reactions_remove(channel=channel_id, timestamp=growing["ts"], name="thumbsup")
        await settle(place)
        answering.go.set()
        await until(lambda: votes(place, channel_id, growing["ts"]) == {"ben": 1}, PATIENCE)
        assert len(approved(place)) == 1


async def test_an_early_thumb_outlives_a_restart_in_the_middle_of_the_answer(tmp_path: Path) -> None:
    answering = scripted()
    answering.events = [Written("It is "), *[Written("blue, ")] * 400, *answering.events[1:]]
    answering.pause_s = 0.05
    async with curated(tmp_path, answering) as place:
        channel_id = place.channel_id("general")
        ts = await place.post("ana", "general", f"{place.mention} What colour is it?")
        [growing] = await until(lambda: place.said_by_bot(channel_id, ts), PATIENCE)
        await place.client("ben").reactions_add(channel=channel_id, timestamp=growing["ts"], name="+1")
        await settle(place)
        await place.leave()
        answering.events = [answering.events[0], *answering.events[-1:]]
        await place.join()
        reply = await place.reply(channel_id, ts)
        await until(lambda: votes(place, channel_id, reply["ts"]) == {"ben": 1}, PATIENCE)


@pytest.mark.parametrize("part", [0, -1])
async def test_any_part_of_a_continued_answer_carries_the_vote(tmp_path: Path, part: int) -> None:
    answering = scripted()
    long = "A sentence of some length that goes on for a while. " * 300
    answering.events = [Written(long), Finished(Draft(long, Verdict.GENERATED, model="test"))]
    async with curated(tmp_path, answering) as place:
        channel_id = place.channel_id("general")
        ts = await place.post("ana", "general", f"{place.mention} Tell me everything.")
        await until(lambda: place.state_of(channel_id, ts) == "answered", PATIENCE)
        parts = place.said_by_bot(channel_id, ts)
        assert len(parts) > 1
        await place.client("ben").reactions_add(channel=channel_id, timestamp=parts[part]["ts"], name="+1")
        await until(lambda: votes(place, channel_id, parts[0]["ts"]) == {"ben": 1}, PATIENCE)


async def test_the_bot_itself_does_not_vote(tmp_path: Path) -> None:
    async with curated(tmp_path) as place:
        channel_id, reply = await answered(place)
        channel = place.sandbox.workspace.channels[channel_id]
        message = channel.messages[reply["ts"]]
        bot = place.sandbox.workspace.app.bot_user_id
        place.sandbox.workspace.announce(ReactionChanged(channel, message, bot, "+1", added=True))
        await settle(place)
        assert votes(place, channel_id, reply["ts"]) == {}
        assert approved(place) == []


async def test_only_the_reviewers_of_a_user_group_approve_and_slack_says_who_is_in_it(tmp_path: Path) -> None:
    async with curated(tmp_path, reviewers="S0REVIEW") as place:
        channel_id, reply = await answered(place)
        ben, chloe = place.sandbox.person("ben").id, place.sandbox.person("chloe").id
        await place.client("ben").reactions_add(channel=channel_id, timestamp=reply["ts"], name="+1")
        await until(lambda: votes(place, channel_id, reply["ts"]) == {"ben": 1}, PATIENCE)
        assert approved(place) == []
        place.sandbox.switches.set_user_group("S0REVIEW", [chloe])

        def reviewers() -> frozenset[str] | None:
            return place.services.reviewing.rule(place.workspace_id).reviewers

        await until(lambda: reviewers() == {chloe}, PATIENCE)
        await place.client("chloe").reactions_add(channel=channel_id, timestamp=reply["ts"], name="+1")
        await until(lambda: len(approved(place)) == 1, PATIENCE)
        place.sandbox.switches.set_user_group("S0REVIEW", [ben])
        await until(lambda: reviewers() == {ben}, PATIENCE)
