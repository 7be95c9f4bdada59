"""The ways to ask, and that each question gets exactly one reply."""

from pathlib import Path
from typing import Any

import pytest

from core.answering.drafts import Draft, DraftCitation, Finished, Restarted, Searched, Written
from core.errors import StoreUnavailable
from core.records.questions import AskedBy, Verdict
from tests.slack.sandbox_fixtures import page_of, until
from tests.slack.workplace import Scripted, Workplace, workplace

CITATION = DraftCitation(1, "p1", "d1", "public", "#general, Ana", "http://localhost/archives/C1/p1", "It is blue.")


@pytest.fixture
def scripted() -> Scripted:
    return Scripted(
        [
            Searched(1),
            Written("It is "),
            Written("blue [1]."),
            Finished(Draft("It is blue [1].", Verdict.GENERATED, model="test", citations=(CITATION,))),
        ]
    )


async def asked(place: Workplace, text: str = "What colour is it?", channel: str = "general") -> tuple[str, str]:
    ts = await place.post("ana", channel, f"{place.mention} {text}")
    return place.channel_id(channel), ts


async def test_a_mention_comes_as_two_events_and_gets_one_reply(tmp_path: Path, scripted: Scripted) -> None:
    async with workplace(tmp_path, answering=scripted) as place:
        channel_id, ts = await asked(place)
        reply = await place.reply(channel_id, ts)
        assert reply["text"].startswith("It is blue [1].\n")
        assert reply["blocks"][0]["text"] == f"It is blue [1]({CITATION.link})."
        await until(lambda: place.sandbox.switches.state()["pending_events"] == 0)
        assert [question for question, _ in scripted.asked] == ["What colour is it?"]


async def test_a_question_inside_a_thread_is_looked_for_there_first(tmp_path: Path, scripted: Scripted) -> None:
    async with workplace(tmp_path, answering=scripted) as place:
        root = await place.post("ben", "general", "The door of the shed needs a colour.")
        ts = await place.post("ana", "general", f"{place.mention} What colour is it?", thread_ts=root)
        await until(lambda: place.state_of(place.channel_id("general"), ts) == "answered")
        assert scripted.threads == [f"{place.channel_id('general')}:{root}"]


async def test_deliveries_that_slack_repeats_are_answered_once(tmp_path: Path, scripted: Scripted) -> None:
    async with workplace(tmp_path, answering=scripted, ack_timeout=0.3) as place:
        place.sandbox.switches.lose_acks(2)
        place.sandbox.switches.repeat_events(2)
        channel_id, ts = await asked(place)
        await place.reply(channel_id, ts)
        await until(lambda: place.sandbox.switches.state()["pending_events"] == 0)
        await place.reply(channel_id, ts)
        assert len(scripted.asked) == 1


async def test_a_direct_message_is_a_question(tmp_path: Path, scripted: Scripted) -> None:
    async with workplace(tmp_path, answering=scripted) as place:
        channel_id = await place.direct("ben")
        sent = await place.client("ben").chat_postMessage(channel=channel_id, text="What colour is it?")
        reply = await place.reply(channel_id, sent["ts"])
        assert reply["text"].startswith("It is blue [1].\n")
        question = place.question(channel_id, sent["ts"])
        assert question is not None
        assert question.asked_by is AskedBy.DM


async def test_the_command_answers_the_asker_alone(tmp_path: Path, scripted: Scripted) -> None:
    async with workplace(tmp_path, answering=scripted) as place, page_of(place.sandbox, "ana") as page:
        channel_id = place.channel_id("general")
        scripted.go.clear()
        assert (await page.post("command", channel_id=channel_id, command="/ask", text="What colour is it?"))["ok"]
        assert "Looking that up" in (await page.told("ephemeral"))["message"]["text"]
        scripted.go.set()
        shown = (await page.told("ephemeral"))["message"]
        assert "It is blue [1]." in shown["text"]
        assert shown["blocks"][0]["text"] == f"It is blue [1]({CITATION.link})."
        assert CITATION.link in shown["text"]
        assert "feedback_buttons" in str(shown["blocks"])
        assert place.said_by_bot(channel_id) == []

        feedback = next(block for block in shown["blocks"] if block["type"] == "context_actions")
        button = feedback["elements"][0]
        pressed = {"type": "feedback_buttons", "action_id": button["action_id"], "block_id": feedback["block_id"]}
        pressed["value"] = button["positive_button"]["value"]
        assert (await page.post("action", channel_id=channel_id, message_ts=shown["ts"], action=pressed))["ok"]

        def is_counted() -> bool:
            with place.services.record() as work:
                question = work.questions.answered_by_message(place.workspace_id, channel_id, shown["ts"])
                answer = question.answer if question else None
                return answer is not None and work.feedback.tally(answer.id) == (1, 0)

        await until(is_counted)  # a vote that comes before the answer is saved is kept for it


async def test_the_command_without_a_question_says_how_to_ask(tmp_path: Path, scripted: Scripted) -> None:
    async with workplace(tmp_path, answering=scripted) as place, page_of(place.sandbox, "ana") as page:
        await page.post("command", channel_id=place.channel_id("general"), command="/ask", text="  ")
        assert "/ask Where" in (await page.told("ephemeral"))["message"]["text"]
        assert scripted.asked == []


async def test_a_follow_up_of_the_asker_needs_no_mention(tmp_path: Path, scripted: Scripted) -> None:
    async with workplace(tmp_path, answering=scripted) as place:
        channel_id, ts = await asked(place)
        await place.reply(channel_id, ts)
        await place.post("ana", "general", "Thanks!", thread_ts=ts)
        await place.post("ben", "general", "I painted it.", thread_ts=ts)
        await place.post("ana", "general", f"<@{place.sandbox.person('ben').id}> did you?", thread_ts=ts)
        followed = await place.post("ana", "general", "And the door?", thread_ts=ts)
        await until(lambda: place.state_of(channel_id, followed) == "answered")
        assert [question for question, _ in scripted.asked] == ["What colour is it?", "And the door?"]


async def test_a_question_deleted_while_it_is_answered_leaves_no_reply(tmp_path: Path, scripted: Scripted) -> None:
    scripted.events = [Written("It "), *[Written("is ")] * 200, Finished(Draft("x", Verdict.GENERATED))]
    scripted.pause_s = 0.05
    async with workplace(tmp_path, answering=scripted) as place:
        channel_id, ts = await asked(place)
        await until(lambda: place.said_by_bot(channel_id, ts))
        await place.client("ana").chat_delete(channel=channel_id, ts=ts)
        await until(lambda: place.state_of(channel_id, ts) == "withdrawn")
        await until(lambda: not place.said_by_bot(channel_id, ts))


async def test_a_question_deleted_later_takes_its_reply_along(tmp_path: Path, scripted: Scripted) -> None:
    async with workplace(tmp_path, answering=scripted) as place:
        channel_id, ts = await asked(place)
        await place.reply(channel_id, ts)
        await place.client("ana").chat_delete(channel=channel_id, ts=ts)
        await until(lambda: not place.said_by_bot(channel_id, ts))


async def test_the_place_in_the_queue_is_shown_and_past_it_people_are_turned_away(
    tmp_path: Path, scripted: Scripted
) -> None:
    scripted.go.clear()
    settings = {"answers_at_once": 1, "answers_waiting": 1}
    async with (
        workplace(tmp_path, answering=scripted, settings=settings) as place,
        page_of(place.sandbox, "ana") as page,
    ):
        channel_id, first = await asked(place)
        await until(lambda: scripted.asked)
        _, second = await asked(place)
        while "ahead" not in (notice := await page.told("status"))["status"]:
            pass
        assert notice["thread_ts"] == second
        _, third = await asked(place)
        assert "as many questions as I can" in (await page.told("ephemeral"))["message"]["text"]
        scripted.go.set()
        await place.reply(channel_id, first)
        await place.reply(channel_id, second)
        await until(lambda: place.state_of(channel_id, third) == "withdrawn")
        assert place.said_by_bot(channel_id, third) == []


async def test_what_goes_wrong_at_first_is_tried_again(tmp_path: Path, scripted: Scripted) -> None:
    whole = scripted.events
    scripted.events = [Written("Half"), StoreUnavailable("The passage store does not answer. Ask again soon.")]
    async with workplace(tmp_path, answering=scripted) as place:
        channel_id, ts = await asked(place)
        await until(lambda: len(scripted.asked) == 1)
        scripted.events = whole
        reply = await place.reply(channel_id, ts)
        assert "It is" in str(reply["blocks"])
        assert "Half" not in str(reply)


async def test_an_answer_that_restarts_shows_only_the_new_text(tmp_path: Path, scripted: Scripted) -> None:
    scripted.events = [Written("Nonsense. "), Written("More."), Restarted(), *scripted.events[1:]]
    scripted.pause_s = 0.05
    async with workplace(tmp_path, answering=scripted) as place:
        channel_id, ts = await asked(place)
        reply = await place.reply(channel_id, ts)
        assert "It is blue" in reply["text"]
        assert "Nonsense" not in str(reply)


async def test_a_person_without_access_to_a_private_channel_gets_nothing_of_it(
    tmp_path: Path, scripted: Scripted
) -> None:
    async with workplace(tmp_path, answering=scripted) as place:
        private = place.channel_id("leads")
        for channel in ("general", "leads"):
            await place.reply(*await asked(place, f"Question in {channel}", channel))
        for name in ("ana", "chloe"):
            channel_id = await place.direct(name)
            sent = await place.client(name).chat_postMessage(channel=channel_id, text=f"Question of {name}")
            await place.reply(channel_id, sent["ts"])
        scopes = {question: scope.audiences for question, scope in scripted.asked}
        assert scopes["Question in general"] == {"public"}
        assert scopes["Question in leads"] == {"public", private}
        assert private in scopes["Question of ana"]
        assert private not in scopes["Question of chloe"]


async def test_members_that_cannot_be_read_again_shut_the_channel_out(tmp_path: Path, scripted: Scripted) -> None:
    async with workplace(tmp_path, answering=scripted, settings={"membership_max_age_s": 0}) as place:
        place.sandbox.switches.add_fault("conversations.members", "error", error="fatal_error", times=None)
        channel_id = await place.direct("ana")
        sent = await place.client("ana").chat_postMessage(channel=channel_id, text="What do leads say?")
        await place.reply(channel_id, sent["ts"])
        [(_, scope)] = scripted.asked
        assert scope.audiences == {"public"} or scope.audiences == {"public", channel_id}
        assert place.channel_id("leads") not in scope.audiences


async def test_somebody_who_left_a_private_channel_is_shut_out_at_once(tmp_path: Path, scripted: Scripted) -> None:
    async with workplace(tmp_path, answering=scripted) as place:
        await place.client("ben").conversations_leave(channel=place.channel_id("leads"))
        await until(lambda: place.sandbox.switches.state()["pending_events"] == 0)
        await until(lambda: place.parts.inbox.is_idle)
        channel_id = await place.direct("ben")
        sent = await place.client("ben").chat_postMessage(channel=channel_id, text="What do leads say?")
        await place.reply(channel_id, sent["ts"])
        assert place.channel_id("leads") not in scripted.asked[0][1].audiences


async def test_a_list_of_members_that_somebodys_leaving_overtook_is_not_believed(
    tmp_path: Path, scripted: Scripted
) -> None:
    async with workplace(tmp_path, answering=scripted) as place:
        leads, workspace = place.channel_id("leads"), place.parts.workspace
        listed = place.parts.client.conversations_members

        async def overtaken(**arguments: Any) -> Any:
            answer = await listed(**arguments)
            if leads == arguments["channel"] and place.sandbox.person("ben").id in answer["members"]:
                await place.client("ben").conversations_leave(channel=leads)
                await until(lambda: place.sandbox.switches.state()["pending_events"] == 0)
                await until(lambda: place.parts.inbox.is_idle)
            return answer

        place.parts.client.conversations_members = overtaken  # type: ignore[method-assign]
        assert await workspace.read_members([leads]) == frozenset()
        with place.services.record() as work:
            assert leads not in work.workspaces.channels_of(place.workspace_id, place.sandbox.person("ben").id)
            assert leads in work.workspaces.channels_of(place.workspace_id, place.sandbox.person("ana").id)
