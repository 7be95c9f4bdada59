"""Home: the queue and what reviewers do with it, what everybody contributed, and the figures at a glance."""

from pathlib import Path

from core.curation.examples import teach
from core.records.examples import ExampleState
from tests.slack.curating import (
    PATIENCE,
    answered,
    approved,
    curated,
    examples,
    home_of,
    initial,
    lesson_values,
    send,
)
from tests.slack.sandbox_fixtures import page_of, until
from tests.slack.workplace import Workplace


def propose(place: Workplace, count: int, channel: str = "general", by: str = "chloe") -> list[str]:
    person_id = place.sandbox.person(by).id
    told = (place.services.record, place.workspace_id, place.channel_id(channel), "", person_id)
    return [teach(*told, f"Question {number}?", f"Answer {number}.") for number in range(count)]


async def test_a_reviewer_approves_and_rejects_in_place(tmp_path: Path) -> None:
    async with curated(tmp_path) as place:
        first, second, third = propose(place, 3)
        async with home_of(place, "ana") as home:
            assert home.listed("waiting") == [first, second, third]
            answers = len(place.calls("views.publish"))
            await home.press("review_approve", first)
            await until(lambda: home.listed("waiting") == [second, third], PATIENCE)
            await home.press("review_reject", second)
            await until(lambda: home.listed("waiting") == [third], PATIENCE)
            assert "Approved: Question 0?" in home.text
            assert "Rejected: Question 1?" in home.text
            assert len(place.calls("views.publish")) == answers + 2
        assert [example.id for example in approved(place)] == [first]
        assert [example.id for example in examples(place, ExampleState.REJECTED)] == [second]


async def test_an_example_is_worded_anew_and_approved(tmp_path: Path) -> None:
    async with curated(tmp_path) as place:
        first, second = propose(place, 2)
        async with home_of(place, "ana") as home, page_of(place.sandbox, "ana") as page:
            await home.press("review_edit", first)
            view = (await page.told("view_open", PATIENCE))["view"]
            assert (initial(view, "question"), initial(view, "answer")) == ("Question 0?", "Answer 0.")
            refused = await send(page, view, lesson_values("Question 0?", " "))
            assert set(refused["errors"]) == {"answer"}
            await send(page, view, lesson_values("What is nought?", "Nothing."))
            await until(lambda: home.listed("waiting") == [second], PATIENCE)
        [example] = approved(place)
        assert (example.question, example.answer) == ("What is nought?", "Nothing.")
        assert example.decided_by == place.sandbox.person("ana").id


async def test_pages_turn_one_list_and_leave_the_rest(tmp_path: Path) -> None:
    async with curated(tmp_path) as place:
        ids = propose(place, 7, by="ana")
        async with home_of(place, "ana") as home:
            mine = home.listed("mine")
            assert home.listed("waiting") == ids[:5]
            later = next(b for b in home.view["blocks"] if b["block_id"] == "waiting:pager")["elements"][-1]
            await home.press("review_later", later["value"])
            await until(lambda: home.listed("waiting") == ids[5:], PATIENCE)
            assert home.listed("mine") == mine
            await home.press("review_earlier")
            await until(lambda: home.listed("waiting") == ids[:5], PATIENCE)


async def test_the_counters_follow_each_decision(tmp_path: Path) -> None:
    async with curated(tmp_path) as place:
        ids = propose(place, 8, by="ana")
        async with home_of(place, "ana") as home:

            def says(waiting: str, mine: str, figures: str) -> bool:
                blocks = {block["block_id"]: str(block) for block in home.view["blocks"] if block.get("block_id")}
                told = blocks["waiting:place"], blocks["mine:place"], blocks["glance:figures"]
                return all(each in shown for each, shown in zip((waiting, mine, figures), told, strict=True))

            assert says("1–5 of 8", "1–5 of 8", "8 waiting for review")
            await home.press("review_approve", ids[0])
            await until(lambda: says("1–4 of 7", "1–5 of 8", "7 waiting for review"), PATIENCE)
            await home.press("review_reject", ids[2])
            await until(lambda: says("1–3 of 6", "1–5 of 8", "6 waiting for review"), PATIENCE)
            assert "1 approved answer, 1 of them new" in home.text
            await home.press("review_later")
            await until(lambda: says("4–6 of 6", "1–5 of 8", "6 waiting for review"), PATIENCE)
            await home.press("review_reject", ids[6])
            await until(lambda: says("4–5 of 5", "1–5 of 8", "5 waiting for review"), PATIENCE)
            await home.press("review_approve", ids[5])
            await until(lambda: says("4 of 4", "1–5 of 8", "4 waiting for review"), PATIENCE)
            await home.press("review_withdraw", ids[7])
            await until(lambda: home.listed("waiting") == [ids[1], ids[3], ids[4]], PATIENCE)
            assert "1–4 of 7" in home.text
            assert "3 waiting for review" in home.text


async def test_when_a_page_is_done_the_next_one_follows(tmp_path: Path) -> None:
    async with curated(tmp_path) as place:
        ids = propose(place, 6)
        async with home_of(place, "ana") as home:
            for done, example_id in enumerate(ids[:5], 1):
                await home.press("review_approve", example_id)
                await until(lambda done=done: len(approved(place)) == done, PATIENCE)
                await until(lambda example_id=example_id: example_id not in home.listed("waiting"), PATIENCE)
            await until(lambda: home.listed("waiting") == ids[5:], PATIENCE)


async def test_who_is_no_reviewer_sees_no_queue_and_a_stale_button_says_why(tmp_path: Path) -> None:
    async with curated(tmp_path) as place:
        [example_id] = propose(place, 1)
        async with home_of(place, "ben") as home:
            assert home.listed("waiting") == []
            assert "To review" not in home.text
        async with home_of(place, "ana") as home, page_of(place.sandbox, "ana") as page:
            place.sandbox.switches.change_person(place.sandbox.person("ana").id, is_admin=False)

            def no_admin() -> bool:
                with place.services.record() as work:
                    person = work.workspaces.person(place.workspace_id, place.sandbox.person("ana").id)
                    return person is not None and not person.is_admin

            await until(no_admin, PATIENCE)
            await home.press("review_approve", example_id)
            view = (await page.told("view_open", PATIENCE))["view"]
            assert "only its admins decide" in str(view["blocks"])
            await until(lambda: "To review" not in home.text, PATIENCE)
        assert [example.id for example in examples(place)] == [example_id]


async def test_a_dialog_of_somebody_who_is_no_reviewer_any_more_is_refused(tmp_path: Path) -> None:
    async with curated(tmp_path, reviewers="S0REVIEW") as place:
        [example_id] = propose(place, 1)
        ben = place.sandbox.person("ben").id
        place.sandbox.switches.set_user_group("S0REVIEW", [ben])
        await until(lambda: place.services.reviewing.rule(place.workspace_id).reviewers == {ben}, PATIENCE)
        async with home_of(place, "ben") as home, page_of(place.sandbox, "ben") as page:
            await home.press("review_edit", example_id)
            view = (await page.told("view_open", PATIENCE))["view"]
            place.sandbox.switches.set_user_group("S0REVIEW", [])
            await until(lambda: place.services.reviewing.rule(place.workspace_id).reviewers == frozenset(), 60)
            sent = await send(page, view, lesson_values("Question?", "Answer."))
            assert "only its reviewers decide" in str(sent["view"]["blocks"])
        assert approved(place) == []


async def test_what_two_reviewers_press_is_decided_once(tmp_path: Path) -> None:
    async with curated(tmp_path, reviewers="") as place:
        first, _ = propose(place, 2)
        place.sandbox.switches.change_person(place.sandbox.person("ben").id, is_admin=True)
        await until(lambda: place.sandbox.switches.state()["pending_events"] == 0, PATIENCE)
        await until(lambda: place.parts.inbox.is_idle, PATIENCE)
        async with home_of(place, "ana") as anas, home_of(place, "ben") as bens:
            await anas.press("review_approve", first)
            await until(lambda: len(approved(place)) == 1, PATIENCE)
            await bens.press("review_reject", first)
            await until(lambda: "decided on this meanwhile" in bens.text, PATIENCE)
        assert examples(place, ExampleState.REJECTED) == []


async def test_a_private_channels_words_are_reviewed_by_its_members_alone(tmp_path: Path) -> None:
    async with curated(tmp_path, reviewers="") as place:
        [hidden] = propose(place, 1, channel="leads", by="ana")
        chloe = place.sandbox.person("chloe").id
        place.sandbox.switches.change_person(chloe, is_admin=True)
        await until(lambda: place.sandbox.switches.state()["pending_events"] == 0, PATIENCE)
        await until(lambda: place.parts.inbox.is_idle, PATIENCE)
        async with home_of(place, "ana") as home:
            assert home.listed("waiting") == [hidden]
        async with home_of(place, "chloe") as home:
            assert home.listed("waiting") == []
            assert "Question 0?" not in home.text


async def test_everybody_sees_and_withdraws_what_they_contributed(tmp_path: Path) -> None:
    async with curated(tmp_path) as place:
        channel_id, reply = await answered(place)
        await place.client("ben").reactions_add(channel=channel_id, timestamp=reply["ts"], name="+1")
        [example] = await until(lambda: approved(place), PATIENCE)
        async with home_of(place, "ben") as home:
            assert home.listed("mine") == [example.id]
            await home.press("review_withdraw", example.id)
            await until(lambda: home.listed("mine") == [], PATIENCE)
            assert "Withdrawn" in home.text
        assert approved(place) == []


async def test_what_is_held_back_is_shown_to_reviewers_with_the_reason(tmp_path: Path) -> None:
    async with curated(tmp_path) as place:
        [example_id] = propose(place, 1)
        with place.services.record() as work:
            example = work.examples.get(example_id)
            assert example is not None
            example.state, example.held_because = ExampleState.APPROVED, "the answer is a single word"
            work.commit()
        async with home_of(place, "ana") as home:
            assert home.listed("held") == [example_id]
            assert "the answer is a single word" in home.text
            await home.press("review_reject", example_id)
            await until(lambda: home.listed("held") == [], PATIENCE)
        assert approved(place) == []


async def test_home_tells_the_figures_at_a_glance(tmp_path: Path) -> None:
    async with curated(tmp_path) as place:
        channel_id, reply = await answered(place)
        await place.client("ben").reactions_add(channel=channel_id, timestamp=reply["ts"], name="+1")
        await until(lambda: approved(place), PATIENCE)
        async with home_of(place, "ben") as home:
            assert "1 (0 the week before)" in home.text
            assert "100% of 1 vote" in home.text
            assert "1 approved answer, 1 of them new" in home.text
            assert "none yet" in home.text
