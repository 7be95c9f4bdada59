"""Teaching: from a message, from a thread, from an answer of the bot's own, and from nothing."""

from pathlib import Path

from core.curation.forget_requests import forget_message
from core.records.examples import ExampleOrigin
from core.records.workspaces import PUBLIC
from tests.slack.curating import (
    PATIENCE,
    answered,
    correction_values,
    curated,
    examples,
    initial,
    lesson_values,
    send,
)
from tests.slack.sandbox_fixtures import page_of, until


async def test_a_reply_is_taught_as_the_answer_to_its_threads_root(tmp_path: Path) -> None:
    async with curated(tmp_path) as place, page_of(place.sandbox, "ben") as ben:
        channel_id = place.channel_id("general")
        root = await place.post("ana", "general", "Who waters the *plants*?")
        reply = await place.post("chloe", "general", "Ben does, on Mondays.", thread_ts=root)
        await ben.post("shortcut", callback_id="teach", channel_id=channel_id, message_ts=reply)
        view = (await ben.told("view_open", PATIENCE))["view"]
        assert "plants" in initial(view, "question")
        assert initial(view, "answer") == "Ben does, on Mondays."
        await send(ben, view, lesson_values("Who waters the plants?", "Ben waters them on Mondays."))
        [example] = examples(place)
        assert (example.origin, example.audience) == (ExampleOrigin.TAUGHT, PUBLIC)
        assert (example.question, example.answer) == ("Who waters the plants?", "Ben waters them on Mondays.")
        assert example.places == (root, reply)
        assert "waits for a reviewer" in (await ben.told("ephemeral", PATIENCE))["message"]["text"]


async def test_a_message_without_a_thread_asks_for_the_question(tmp_path: Path) -> None:
    async with curated(tmp_path) as place, page_of(place.sandbox, "ben") as ben:
        ts = await place.post("ana", "general", "The key is under the mat.")
        await ben.post("shortcut", callback_id="teach", channel_id=place.channel_id("general"), message_ts=ts)
        view = (await ben.told("view_open", PATIENCE))["view"]
        assert (initial(view, "question"), initial(view, "answer")) == ("", "The key is under the mat.")
        refused = await send(ben, view, lesson_values("  ", "The key is under the mat."))
        assert refused["response_action"] == "errors"
        assert set(refused["errors"]) == {"question"}
        assert examples(place) == []


async def test_what_is_taught_in_a_private_channel_stays_private(tmp_path: Path) -> None:
    async with curated(tmp_path) as place, page_of(place.sandbox, "ana") as ana:
        ts = await place.post("ana", "leads", "The code is 4711.")
        leads = place.channel_id("leads")
        await ana.post("shortcut", callback_id="teach", channel_id=leads, message_ts=ts)
        view = (await ana.told("view_open", PATIENCE))["view"]
        await send(ana, view, lesson_values("What is the code?", "The code is 4711."))
        assert [example.audience for example in examples(place)] == [leads]


async def test_teach_without_words_opens_an_empty_dialog_and_with_words_the_question(tmp_path: Path) -> None:
    async with curated(tmp_path) as place, page_of(place.sandbox, "ben") as ben:
        general = place.channel_id("general")
        for text, question in (("", ""), ("Who bakes?", "Who bakes?")):
            assert (await ben.post("command", channel_id=general, command="/teach", text=text))["ok"]
            view = (await ben.told("view_open", PATIENCE))["view"]
            assert (initial(view, "question"), initial(view, "answer")) == (question, "")
        await send(ben, view, lesson_values("Who bakes?", "Chloé bakes."))
        [example] = examples(place)
        assert (example.audience, example.places) == (PUBLIC, ())


async def test_an_answer_of_the_bots_is_corrected_so_that_it_keeps_its_sources(tmp_path: Path) -> None:
    async with curated(tmp_path) as place, page_of(place.sandbox, "ben") as ben:
        channel_id, reply = await answered(place)
        await ben.post("shortcut", callback_id="teach", channel_id=channel_id, message_ts=reply["ts"])
        view = (await ben.told("view_open", PATIENCE))["view"]
        assert initial(view, "answer") == "It is blue [1]."
        await send(ben, view, correction_values("incomplete", "It is blue, with dots [1]."))
        [example] = examples(place)
        assert (example.origin, len(example.sources)) == (ExampleOrigin.CORRECTED, 1)


async def test_words_of_somebody_who_opted_out_are_not_taught(tmp_path: Path) -> None:
    async with curated(tmp_path) as place, page_of(place.sandbox, "ben") as ben:
        ts = await place.post("ana", "general", "The key is under the mat.")
        with place.services.record() as work:
            work.workspaces.ensure_person(place.workspace_id, place.sandbox.person("ana").id).opted_out = True
            work.commit()
        await ben.post("shortcut", callback_id="teach", channel_id=place.channel_id("general"), message_ts=ts)
        view = (await ben.told("view_open", PATIENCE))["view"]
        sent = await send(ben, view, lesson_values("Where is the key?", "Under the mat."))
        assert sent["response_action"] == "update"
        assert "learn nothing from them" in str(sent["view"]["blocks"])
        assert examples(place) == []


async def test_a_long_message_is_shown_and_kept_whole(tmp_path: Path) -> None:
    long = "\n".join(f"Step {number}: turn the wheel until it clicks." for number in range(120))
    async with curated(tmp_path) as place, page_of(place.sandbox, "ben") as ben:
        ts = await place.post("ana", "general", long)
        await ben.post("shortcut", callback_id="teach", channel_id=place.channel_id("general"), message_ts=ts)
        view = (await ben.told("view_open", PATIENCE))["view"]
        pieces = {
            block["block_id"]: block["element"]["initial_value"]
            for block in view["blocks"]
            if block["type"] == "input" and block["block_id"] != "question"
        }
        assert len(pieces) == 2
        values = {name: {"text": {"type": "plain_text_input", "value": piece}} for name, piece in pieces.items()}
        question = {"question": {"text": {"type": "plain_text_input", "value": "How?"}}}
        await send(ben, view, question | values)
        await until(lambda: [example.answer for example in examples(place)] == [long], PATIENCE)


async def test_a_forgotten_message_is_not_taught_though_it_stands_in_slack(tmp_path: Path) -> None:
    async with curated(tmp_path) as place, page_of(place.sandbox, "ben") as ben:
        general = place.channel_id("general")
        root = await place.post("ana", "general", "Who has the code?")
        reply = await place.post("chloe", "general", "Chloe has it.", thread_ts=root)
        await place.everything_heard()
        await ben.post("shortcut", callback_id="teach", channel_id=general, message_ts=reply)
        view = (await ben.told("view_open", PATIENCE))["view"]
        for ts in (root, reply):
            forget_message(place.services.record, place.workspace_id, general, ts)
        sent = await send(ben, view, lesson_values("Who has the code?", "Chloe has it."))
        assert "was forgotten" in str(sent["view"]["blocks"])
        await ben.post("shortcut", callback_id="teach", channel_id=general, message_ts=reply)
        assert initial((await ben.told("view_open", PATIENCE))["view"], "question") == ""
        assert examples(place) == []
