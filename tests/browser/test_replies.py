"""What the bot answers: status, streamed text, citations, feedback, and its own page."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import expect

from bot.sandbox.server import Sandbox
from tests.browser.conftest import OpenPage
from tests.browser.workspace_page import WorkspacePage
from tests.slack.sandbox_fixtures import bolt_app, client_of, connected_app, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

FEEDBACK = {
    "type": "context_actions",
    "elements": [
        {
            "type": "feedback_buttons",
            "action_id": "vote",
            "positive_button": {"text": {"type": "plain_text", "text": "Good answer"}, "value": "good"},
            "negative_button": {"text": {"type": "plain_text", "text": "Bad answer"}, "value": "bad"},
        }
    ],
}


async def _ask(page: WorkspacePage, sandbox: Sandbox) -> str:
    await page.say("@Journeyman when is bread ready?")
    await expect(page.message("when is bread ready?")).to_be_visible()
    return max(sandbox.channel("general").messages)


async def test_an_answer_streams_into_the_askers_thread(open_page: OpenPage, sandbox: Sandbox) -> None:
    ana, bot, channel = await open_page("ana"), client_of(sandbox), sandbox.channel("general").id
    question = await _ask(ana, sandbox)
    await bot.assistant_threads_setStatus(channel_id=channel, thread_ts=question, status="is thinking…")
    await expect(ana.thread.locator(".status-line")).to_have_text("Journeyman is thinking…")
    await expect(ana.message("when is bread ready?").locator(".status-line")).to_be_visible()

    recipient = {"recipient_user_id": sandbox.person("ana").id, "recipient_team_id": sandbox.workspace.team.id}
    started = await bot.chat_startStream(channel=channel, thread_ts=question, **recipient)
    stream = {"channel": channel, "ts": started["ts"]}
    await bot.chat_appendStream(**stream, markdown_text="At **five** in the [1](http://bread")
    answer = ana.reply("At five in the")
    await expect(answer.locator("strong")).to_have_text("five")
    await expect(answer.locator(".prose")).to_have_text("At five in the")
    await expect(answer).to_have_attribute("aria-busy", "true")
    await expect(ana.thread.locator(".status-line")).to_have_count(0)

    await bot.chat_appendStream(**stream, markdown_text=".example)\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n")
    await expect(answer.locator("a.citation")).to_have_attribute("href", "http://bread.example/")
    await expect(answer.locator("td")).to_have_text(["1", "2"])
    await bot.chat_stopStream(**stream, blocks=[FEEDBACK])
    await expect(answer).not_to_have_attribute("aria-busy", "true")
    await expect(answer.get_by_role("button", name="Good answer")).to_be_visible()


async def test_a_button_in_a_growing_answer_is_pressed_and_taken_away(open_page: OpenPage, sandbox: Sandbox) -> None:
    app, pressed, channel = bolt_app(sandbox), asyncio.Event(), sandbox.channel("general").id
    stop = {"type": "button", "action_id": "stop", "text": {"type": "plain_text", "text": "Stop"}, "value": "q1"}

    @app.action("stop")
    async def on_stop(ack: Any) -> None:
        await ack()
        pressed.set()

    async with connected_app(sandbox, app):
        ana, bot = await open_page("ana"), client_of(sandbox)
        chunks = [{"type": "blocks", "blocks": [{"type": "actions", "elements": [stop]}]}]
        chunks.append({"type": "markdown_text", "text": "It is blue [1]"})
        recipient = {"recipient_user_id": sandbox.person("ana").id, "recipient_team_id": sandbox.workspace.team.id}
        question = await _ask(ana, sandbox)
        started = await bot.chat_startStream(channel=channel, thread_ts=question, chunks=chunks, **recipient)
        answer = ana.reply("It is blue")
        await answer.get_by_role("button", name="Stop").click()
        await asyncio.wait_for(pressed.wait(), 30)
        stream = {"channel": channel, "ts": started["ts"]}
        await bot.chat_stopStream(**stream)
        linked = {"type": "markdown", "text": "It is blue [1](http://bread.example)"}
        await bot.chat_update(**stream, text="It is blue [1]", blocks=[linked])
        await expect(answer.locator("a.citation")).to_have_attribute("href", "http://bread.example/")
        await expect(answer.get_by_role("button", name="Stop")).to_have_count(0)
        await expect(answer).not_to_contain_text("(edited)")


async def test_a_vote_reaches_the_bot_and_stays_pressed(open_page: OpenPage, sandbox: Sandbox) -> None:
    app, pressed, reloaded = bolt_app(sandbox), [], asyncio.Event()

    @app.action("vote")
    async def on_vote(ack: Any, body: dict[str, Any]) -> None:
        pressed.append(body)
        if len(pressed) == 2:  # the page is left before it hears that this press arrived
            await reloaded.wait()
        await ack()

    async with connected_app(sandbox, app):
        ana = await open_page("ana")
        blocks = [{"type": "markdown", "text": "It is *rye*."}, FEEDBACK]
        posted = await client_of(sandbox).chat_postMessage(
            channel=sandbox.channel("general").id, text="rye", blocks=blocks
        )
        good = ana.channel.get_by_role("button", name="Good answer")
        bad = ana.channel.get_by_role("button", name="Bad answer")
        await good.click()
        await expect(good).to_have_attribute("aria-pressed", "true")
        await until(lambda: pressed)
        await bad.click()
        await until(lambda: len(pressed) == 2)
        await ana.page.reload()
        reloaded.set()
        await expect(bad).to_have_attribute("aria-pressed", "true")
        await expect(good).to_have_attribute("aria-pressed", "false")
    assert [body["actions"][0]["value"] for body in pressed] == ["good", "bad"]
    assert pressed[0]["type"] == "block_actions"
    assert pressed[0]["user"]["id"] == sandbox.person("ana").id
    assert pressed[0]["container"]["message_ts"] == posted["ts"]


async def test_a_vote_that_nobody_hears_is_not_shown_as_given(open_page: OpenPage, sandbox: Sandbox) -> None:
    ana = await open_page("ana")
    await client_of(sandbox).chat_postMessage(channel=sandbox.channel("general").id, text="rye", blocks=[FEEDBACK])
    good = ana.channel.get_by_role("button", name="Good answer")
    await good.click()
    await expect(ana.toasts).to_contain_text("Journeyman is not connected to this workspace.")
    await expect(good).to_have_attribute("aria-pressed", "false")


async def test_a_citation_shows_the_cited_reply_inside_the_page(open_page: OpenPage, sandbox: Sandbox) -> None:
    ben, bot, channel = client_of(sandbox, "ben"), client_of(sandbox), sandbox.channel("general").id
    root = await ben.chat_postMessage(channel=channel, text="About the starter")
    for number in range(130):
        await ben.chat_postMessage(channel=channel, text=f"Chatter {number}")
    reply = await ben.chat_postMessage(channel=channel, thread_ts=root["ts"], text="Feed it at noon")
    link = (await bot.chat_getPermalink(channel=channel, message_ts=reply["ts"]))["permalink"]
    await bot.chat_postMessage(channel=channel, text=f"At noon <{link}|[1]>")

    ana = await open_page("ana")
    await expect(ana.message("About the starter")).to_have_count(0)
    await ana.message("At noon").locator("a.citation").click()
    await expect(ana.reply("Feed it at noon")).to_be_focused()
    await expect(ana.message("About the starter")).to_be_in_viewport()
    assert len(ana.page.context.pages) == 1


async def test_the_home_tab_shows_what_the_bot_publishes(open_page: OpenPage, sandbox: Sandbox) -> None:
    app, pressed = bolt_app(sandbox), []

    @app.event("app_home_opened")
    async def on_home(event: dict[str, Any], client: Any) -> None:
        if event["tab"] != "home":
            prompts = [{"title": "What is new?", "message": "What is new this week?"}]
            await client.assistant_threads_setSuggestedPrompts(
                channel_id=event["channel"], thread_ts="", prompts=prompts
            )
            return
        button = {"type": "button", "action_id": "forget", "text": {"type": "plain_text", "text": "Forget me"}}
        blocks = [
            {"type": "header", "text": {"type": "plain_text", "text": "What I know"}},
            {"type": "section", "text": {"type": "mrkdwn", "text": "*12* files"}, "accessory": button},
        ]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    @app.action("forget")
    async def on_forget(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        pressed.append(body)

    @app.event("message")
    async def on_message() -> None:
        return

    async with connected_app(sandbox, app):
        ana = await open_page("ana")
        await ana.page.locator("[data-row=home]").click()
        home = ana.page.locator(".home-body")
        await expect(home.get_by_role("heading", name="What I know")).to_be_visible()
        await home.get_by_role("button", name="Forget me").click()
        await until(lambda: pressed)
        await ana.page.get_by_role("button", name="Messages", exact=True).click()
        await ana.channel.get_by_role("button", name="What is new?").click()
        await expect(ana.message("What is new this week?")).to_be_visible()
    assert pressed[0]["view"]["type"] == "home"
