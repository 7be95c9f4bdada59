"""Streamed messages: recipients, limits, plans, old age, and the switches that refuse or kill streams."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.models.messages.chunk import PlanUpdateChunk, TaskUpdateChunk

from bot.sandbox.server import Sandbox
from tests.slack.sandbox_fixtures import client_of, heard_events, page_of, running_sandbox, until


async def _question(sandbox: Sandbox) -> dict[str, Any]:
    """Where to stream to: an asked question, with everything that chat.startStream wants to know."""
    general = sandbox.channel("general").id
    posted = await client_of(sandbox, "ana").chat_postMessage(channel=general, text="?")
    return {
        "channel": general,
        "thread_ts": posted["ts"],
        "recipient_team_id": sandbox.workspace.team.id,
        "recipient_user_id": sandbox.person("ana").id,
    }


async def test_each_append_reaches_the_page_and_only_the_end_is_an_edit_for_the_bot() -> None:
    async with running_sandbox() as sandbox, page_of(sandbox, "ana") as page:
        bot, place = client_of(sandbox), await _question(sandbox)
        ts = (await bot.chat_startStream(**place, markdown_text="**One** "))["ts"]
        await bot.chat_appendStream(channel=place["channel"], ts=ts, markdown_text="two")
        await bot.chat_stopStream(channel=place["channel"], ts=ts, markdown_text=" three")
        await page.told("message")
        first = (await page.told("message"))["message"]
        assert (first["text"], first["streaming"]) == ("**One** ", True)
        texts = []
        while True:
            told = (await page.told("message_changed"))["message"]
            if told["ts"] == ts:
                texts.append((told["text"], told.get("streaming", False)))
            if texts and not texts[-1][1]:
                break
        assert texts == [("**One** two", True), ("**One** two three", False)]
        own = [event for event in heard_events(sandbox) if ts in (event.get("ts"), event.get("message", {}).get("ts"))]
        assert [event.get("subtype") for event in own] == [None, "message_changed"]
        assert own[-1]["message"]["bot_id"] == sandbox.workspace.app.bot_id
        assert all("streaming" not in event for event in own)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"recipient_user_id": None}, "missing_recipient_user_id"),
        ({"recipient_team_id": None}, "missing_recipient_team_id"),
        ({"recipient_team_id": "T0"}, "team_not_found"),
        ({"thread_ts": "1.000000"}, "thread_not_found"),
        ({"markdown_text": "x" * 12_001}, "msg_too_long"),
        ({"chunks": [{"type": "surprise"}]}, "invalid_chunks"),
    ],
)
async def test_a_stream_that_may_not_begin_leaves_no_message(changes: dict[str, Any], error: str) -> None:
    async with running_sandbox() as sandbox:
        place = await _question(sandbox)
        with pytest.raises(SlackApiError) as refusal:
            await client_of(sandbox).chat_startStream(**(place | changes))
        assert refusal.value.response["error"] == error
        assert len(sandbox.channel("general").messages) == 1


async def test_a_direct_message_needs_no_recipient() -> None:
    async with running_sandbox() as sandbox:
        ana, bot = client_of(sandbox, "ana"), client_of(sandbox)
        direct = (await ana.conversations_open(users=sandbox.workspace.bot.id))["channel"]["id"]
        ts = (await ana.chat_postMessage(channel=direct, text="?"))["ts"]
        assert (await bot.chat_startStream(channel=direct, thread_ts=ts))["ok"]


async def test_streams_die_of_age_by_switch_and_after_so_many_appends() -> None:
    async with running_sandbox() as sandbox:
        bot, place = client_of(sandbox), await _question(sandbox)
        ts = (await bot.chat_startStream(**place, markdown_text="so far"))["ts"]
        with pytest.raises(SlackApiError, match="streaming_state_conflict"):
            await bot.chat_update(channel=place["channel"], ts=ts, text="x")
        assert sandbox.switches.end_streams() == 1
        for attempt in (bot.chat_appendStream, bot.chat_stopStream):
            with pytest.raises(SlackApiError, match="message_not_in_streaming_state"):
                await attempt(channel=place["channel"], ts=ts, markdown_text="more")
        updated = await bot.chat_update(channel=place["channel"], ts=ts, text="so far and more")
        assert "streaming" not in updated["message"]

        sandbox.switches.set_streaming(die_after=1)
        ts = (await bot.chat_startStream(**place, markdown_text="a"))["ts"]
        await bot.chat_appendStream(channel=place["channel"], ts=ts, markdown_text="b")
        with pytest.raises(SlackApiError, match="message_not_in_streaming_state"):
            await bot.chat_appendStream(channel=place["channel"], ts=ts, markdown_text="c")


async def test_a_stream_that_is_not_finished_ends_by_itself() -> None:
    async with running_sandbox(stream_lifetime=0.05) as sandbox:
        bot, place = client_of(sandbox), await _question(sandbox)
        ts = (await bot.chat_startStream(**place, markdown_text="half an ans"))["ts"]
        message = sandbox.channel("general").messages[ts]
        await until(lambda: "streaming" not in message)
        assert message["text"] == "half an ans"
        with pytest.raises(SlackApiError, match="message_not_in_streaming_state"):
            await bot.chat_stopStream(channel=place["channel"], ts=ts)


async def test_a_streaming_message_can_be_deleted() -> None:
    async with running_sandbox(stream_lifetime=0.05) as sandbox:
        bot, place = client_of(sandbox), await _question(sandbox)
        ts = (await bot.chat_startStream(**place, markdown_text="oops"))["ts"]
        await bot.chat_delete(channel=place["channel"], ts=ts)
        with pytest.raises(SlackApiError, match="message_not_found"):
            await bot.chat_appendStream(channel=place["channel"], ts=ts, markdown_text="x")


async def test_a_workspace_can_refuse_streams_altogether() -> None:
    async with running_sandbox() as sandbox:
        bot, place = client_of(sandbox), await _question(sandbox)
        sandbox.switches.set_streaming(error="unknown_method")
        with pytest.raises(SlackApiError, match="unknown_method"):
            await bot.chat_startStream(**place)
        sandbox.switches.clear_faults()
        assert (await bot.chat_startStream(**place))["ok"]


@pytest.mark.parametrize("mode", ["timeline", "plan"])
async def test_tasks_are_updated_in_place(mode: str) -> None:
    async with running_sandbox() as sandbox:
        bot, place = client_of(sandbox), await _question(sandbox)
        ts = (await bot.chat_startStream(**place, task_display_mode=mode))["ts"]
        for status in ("in_progress", "complete"):
            task = TaskUpdateChunk(id="find", title="Looking in 3 channels", status=status)
            await bot.chat_appendStream(channel=place["channel"], ts=ts, chunks=[task])
        if mode == "plan":
            plan_title = PlanUpdateChunk(title="How I found it")
            await bot.chat_appendStream(channel=place["channel"], ts=ts, chunks=[plan_title])
        message = (await bot.chat_stopStream(channel=place["channel"], ts=ts, markdown_text="Here."))["message"]
        first, last = message["blocks"]
        tasks = first["tasks"] if mode == "plan" else [first]
        assert [(task["task_id"], task["status"]) for task in tasks] == [("find", "complete")]
        assert first["type"] == ("plan" if mode == "plan" else "task_card")
        assert last["text"] == "Here."


async def test_only_the_apps_own_open_stream_takes_text() -> None:
    async with running_sandbox() as sandbox:
        bot, place = client_of(sandbox), await _question(sandbox)
        with pytest.raises(SlackApiError, match="message_not_owned_by_app"):
            await bot.chat_appendStream(channel=place["channel"], ts=place["thread_ts"], markdown_text="x")
        posted = await bot.chat_postMessage(channel=place["channel"], text="not a stream")
        with pytest.raises(SlackApiError, match="message_not_in_streaming_state"):
            await bot.chat_stopStream(channel=place["channel"], ts=posted["ts"])
