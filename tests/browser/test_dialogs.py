"""Dialogs of the bot: filling them in, being corrected, closing them; questions before an action."""

from typing import Any

import pytest
from playwright.async_api import expect
from slack_bolt.app.async_app import AsyncApp

from bot.sandbox.server import Sandbox
from tests.browser.conftest import OpenPage
from tests.slack.sandbox_fixtures import bolt_app, client_of, connected_app, until

pytestmark = pytest.mark.asyncio(loop_scope="session")


def _plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def _input(block_id: str, label: str, optional: bool = False, **element: Any) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": block_id,
        "label": _plain(label),
        "optional": optional,
        "element": {"action_id": "value", **element},
    }


def _options(*names: str) -> list[dict[str, Any]]:
    return [{"text": _plain(name), "value": name.lower()} for name in names]


VIEW = {
    "type": "modal",
    "callback_id": "correct",
    "notify_on_close": True,
    "title": _plain("What is right?"),
    "submit": _plain("Send"),
    "blocks": [
        _input("answer", "The right answer", type="plain_text_input", multiline=True),
        _input("reason", "Why", type="static_select", options=_options("Outdated", "Unfounded")),
        _input("who", "Who knows", type="users_select", optional=True),
        _input("where", "Where", type="conversations_select", optional=True),
        _input("ways", "Ways", type="checkboxes", options=_options("Mail", "Chat"), optional=True),
        _input("pace", "Pace", type="radio_buttons", options=_options("Slow", "Fast"), optional=True),
        _input("day", "Day", type="datepicker", optional=True),
    ],
}
BUTTON = {"type": "button", "action_id": "open", "text": _plain("Correct it")}


def _app_with_dialog(sandbox: Sandbox, submitted: list[Any], closed: list[Any]) -> AsyncApp:
    app = bolt_app(sandbox)

    @app.action("open")
    async def on_open(ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=VIEW)

    @app.view("correct")
    async def on_submit(ack: Any, view: dict[str, Any]) -> None:
        values = view["state"]["values"]
        if "because" not in values["answer"]["value"]["value"]:
            await ack(response_action="errors", errors={"answer": "Say why, with “because”."})
            return
        await ack()
        submitted.append(values)

    @app.view_closed("correct")
    async def on_close(ack: Any, view: dict[str, Any]) -> None:
        await ack()
        closed.append(view)

    return app


async def _offer(sandbox: Sandbox, button: dict[str, Any] = BUTTON) -> None:
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "Wrong?"}},
        {"type": "actions", "elements": [button]},
    ]
    await client_of(sandbox).chat_postMessage(channel=sandbox.channel("general").id, text="Wrong?", blocks=blocks)


async def test_a_dialog_is_corrected_until_it_is_right(open_page: OpenPage, sandbox: Sandbox) -> None:
    submitted: list[Any] = []
    async with connected_app(sandbox, _app_with_dialog(sandbox, submitted, [])):
        ana = await open_page("ana")
        await _offer(sandbox)
        await ana.channel.get_by_role("button", name="Correct it").click()
        await expect(ana.dialog.get_by_role("heading", name="What is right?")).to_be_visible()
        send = ana.dialog.get_by_role("button", name="Send")
        await send.click()
        await expect(ana.dialog.locator(".problem:visible")).to_have_text(["Please fill this in."] * 2)
        answer = ana.dialog.get_by_label("The right answer")
        await expect(answer).to_be_focused()

        await answer.fill("At five")
        await ana.dialog.get_by_label("Why").select_option(label="Outdated")
        await send.click()
        await expect(ana.dialog.locator(".problem:visible")).to_have_text("Say why, with “because”.")

        await answer.fill("At five because of the oven")
        await ana.dialog.get_by_label("Who knows").select_option(label="Ben Okafor")
        await ana.dialog.get_by_label("Where").select_option(label="#leads")
        await ana.dialog.get_by_label("Chat").check()
        await ana.dialog.get_by_label("Fast").check()
        await ana.dialog.get_by_label("Day").fill("2030-01-02")
        await send.click()
        await expect(ana.dialog).to_have_count(0)
    values = {block: entry["value"] for block, entry in submitted[0].items()}
    assert values["answer"] == {"type": "plain_text_input", "value": "At five because of the oven"}
    assert values["reason"]["selected_option"]["value"] == "outdated"
    assert values["who"]["selected_user"] == sandbox.person("ben").id
    assert values["where"]["selected_conversation"] == sandbox.channel("leads").id
    assert [option["value"] for option in values["ways"]["selected_options"]] == ["chat"]
    assert values["pace"]["selected_option"]["value"] == "fast"
    assert values["day"]["selected_date"] == "2030-01-02"


async def test_closing_a_dialog_tells_the_bot(open_page: OpenPage, sandbox: Sandbox) -> None:
    closed: list[Any] = []
    async with connected_app(sandbox, _app_with_dialog(sandbox, [], closed)):
        ana = await open_page("ana")
        await _offer(sandbox)
        await ana.channel.get_by_role("button", name="Correct it").click()
        await expect(ana.dialog).to_be_visible()
        await ana.page.keyboard.press("Escape")
        await expect(ana.dialog).to_have_count(0)
        await until(lambda: closed)


async def test_a_question_is_asked_before_an_action_that_wants_it(open_page: OpenPage, sandbox: Sandbox) -> None:
    app, pressed = bolt_app(sandbox), []

    @app.action("wipe")
    async def on_wipe(ack: Any, body: dict[str, Any], respond: Any) -> None:
        await ack()
        pressed.append(body)
        await respond(text="Wiped.", replace_original=True)

    confirm = {
        "title": _plain("Really?"),
        "text": _plain("All goes."),
        "confirm": _plain("Wipe"),
        "deny": _plain("Keep"),
    }
    async with connected_app(sandbox, app):
        ana = await open_page("ana")
        await _offer(sandbox, {"type": "button", "action_id": "wipe", "text": _plain("Forget all"), "confirm": confirm})
        button = ana.channel.get_by_role("button", name="Forget all")
        await button.click()
        await ana.dialog.get_by_role("button", name="Keep").click()
        await expect(button).to_be_enabled()
        assert pressed == []
        await button.click()
        await ana.dialog.get_by_role("button", name="Wipe").click()
        await expect(ana.message("Wiped.")).to_be_visible()
    assert len(pressed) == 1


async def test_a_message_shortcut_opens_the_bots_dialog(open_page: OpenPage, sandbox: Sandbox) -> None:
    app, taught = bolt_app(sandbox), []

    @app.shortcut("teach")
    async def on_teach(ack: Any, shortcut: dict[str, Any], client: Any) -> None:
        await ack()
        taught.append(shortcut["message"]["text"])
        await client.views_open(trigger_id=shortcut["trigger_id"], view=VIEW)

    async with connected_app(sandbox, app):
        ana = await open_page("ana")
        await client_of(sandbox, "ben").chat_postMessage(channel=sandbox.channel("general").id, text="Rye needs a day")
        await ana.choose(ana.message("Rye needs a day"), "Teach this")
        await expect(ana.dialog.get_by_role("heading", name="What is right?")).to_be_visible()
    assert taught == ["Rye needs a day"]
