"""Commands, buttons, shortcuts, dialogs and App Home: a person on the page, the real Bolt app behind the socket."""

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from bot.sandbox.manifest import Manifest
from bot.sandbox.server import Sandbox
from tests.slack.sandbox_fixtures import (
    bolt_app,
    client_of,
    connected_app,
    page_of,
    raw_socket,
    running_sandbox,
    until,
)

_BUTTON = {
    "type": "actions",
    "block_id": "choices",
    "elements": [
        {"type": "button", "action_id": "more", "text": {"type": "plain_text", "text": "More"}, "value": "42"}
    ],
}
_PRESS = {"type": "button", "action_id": "more", "block_id": "choices", "value": "42"}
_DIALOG: dict[str, Any] = {
    "type": "modal",
    "callback_id": "teach",
    "private_metadata": "m1",
    "title": {"type": "plain_text", "text": "Teach"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [
        {
            "type": "input",
            "block_id": "answer",
            "label": {"type": "plain_text", "text": "Right answer"},
            "element": {"type": "plain_text_input", "action_id": "text", "multiline": True},
        }
    ],
}
_SHORTCUT = Manifest(shortcuts=({"callback_id": "teach", "name": "Teach", "type": "message"},))


async def _message_with_button(sandbox: Sandbox) -> str:
    posted = await client_of(sandbox).chat_postMessage(
        channel=sandbox.channel("general").id, text="Answer", blocks=[_BUTTON]
    )
    return str(posted["ts"])


async def test_a_command_is_acknowledged_with_a_text_and_answered_later() -> None:
    async with running_sandbox() as sandbox, page_of(sandbox, "ana") as page:
        app = bolt_app(sandbox)
        heard: list[dict[str, Any]] = []

        @app.command("/ask")
        async def ask(ack: Any, respond: Any, body: dict[str, Any]) -> None:
            heard.append(body)
            await ack("Looking…")
            await respond(text="On Thursday.", response_type="in_channel")

        async with connected_app(sandbox, app):
            general = sandbox.channel("general").id
            answer = await page.post("command", channel_id=general, command="/ask", text="when?")
            assert answer == {"ok": True}
            assert (await page.told("ephemeral"))["message"]["text"] == "Looking…"
            history = await until(lambda: sandbox.channel("general").messages)
        assert [message["text"] for message in history.values()] == ["On Thursday."]
        (body,) = heard
        assert (body["command"], body["text"], body["user_name"]) == ("/ask", "when?", "ana")
        assert (body["channel_name"], body["team_id"]) == ("general", sandbox.workspace.team.id)


async def test_a_command_that_nobody_answers_fails_plainly() -> None:
    async with running_sandbox(ack_timeout=0.1) as sandbox, page_of(sandbox, "ana") as page:
        fields = {"channel_id": sandbox.channel("leads").id, "command": "/ask", "text": ""}
        assert await page.post("command", **fields) == {"ok": False, "error": "dispatch_failed"}
        async with raw_socket(sandbox) as socket:
            assert await page.post("command", **fields) == {"ok": False, "error": "operation_timeout"}
            payload = (await socket.receive())["payload"]
            assert payload["channel_name"] == "privategroup"
        assert (await page.post("command", **(fields | {"command": "/dance"})))["error"] == "unknown_command"
        assert (await page.post("command", **fields, thread_ts="1.2"))["error"] == "not_supported_in_threads"
        assert (await page.post("command", command="/ask"))["error"] == "invalid_arguments"
    async with running_sandbox() as sandbox, page_of(sandbox, "chloe") as page:
        fields = {"channel_id": sandbox.channel("leads").id, "command": "/ask", "text": ""}
        assert (await page.post("command", **fields))["error"] == "channel_not_found"


async def test_a_press_reaches_the_app_which_replaces_the_message() -> None:
    async with running_sandbox() as sandbox, page_of(sandbox, "ben") as page:
        app = bolt_app(sandbox)
        heard: list[dict[str, Any]] = []

        @app.action("more")
        async def more(ack: Any, respond: Any, body: dict[str, Any]) -> None:
            heard.append(body)
            await ack()
            await respond(text="Longer answer", replace_original=True)

        async with connected_app(sandbox, app):
            ts, general = await _message_with_button(sandbox), sandbox.channel("general")
            assert (await page.post("action", channel_id=general.id, message_ts=ts, action=dict(_PRESS)))["ok"]
            await until(lambda: general.messages[ts]["text"] == "Longer answer")
        (body,) = heard
        assert body["container"] == {
            "type": "message",
            "message_ts": ts,
            "channel_id": general.id,
            "is_ephemeral": False,
        }
        assert (body["user"]["id"], body["message"]["text"]) == (sandbox.person("ben").id, "Answer")
        assert body["actions"][0]["value"] == "42"
        assert "blocks" not in general.messages[ts]


async def test_a_press_on_something_that_is_not_there_is_refused() -> None:
    async with running_sandbox() as sandbox, page_of(sandbox, "ben") as page:
        ts, general = await _message_with_button(sandbox), sandbox.channel("general").id
        for action in ({"action_id": "less"}, {"action_id": "more", "block_id": "elsewhere"}):
            answer = await page.post("action", channel_id=general, message_ts=ts, action=action)
            assert answer["error"] == "action_not_found"
        answer = await page.post("action", channel_id=general, message_ts="1.000000", action=dict(_PRESS))
        assert answer["error"] == "message_not_found"


async def test_a_button_in_an_ephemeral_message_can_make_it_go_away() -> None:
    async with running_sandbox() as sandbox, page_of(sandbox, "ana") as page:
        app = bolt_app(sandbox)

        @app.action("more")
        async def more(ack: Any, respond: Any, body: dict[str, Any]) -> None:
            await ack()
            assert body["container"]["is_ephemeral"]
            assert "message" not in body
            await respond(text="", delete_original=True)

        async with connected_app(sandbox, app):
            general, ana = sandbox.channel("general").id, sandbox.person("ana").id
            await client_of(sandbox).chat_postEphemeral(channel=general, user=ana, text="psst", blocks=[_BUTTON])
            ts = (await page.told("ephemeral"))["message"]["ts"]
            assert (await page.post("action", channel_id=general, message_ts=ts, action=dict(_PRESS)))["ok"]
            gone = await page.told("ephemeral")
            assert (gone["delete_original"], gone["message"]["ts"]) == (True, ts)


async def test_a_response_address_serves_five_times() -> None:
    async with running_sandbox() as sandbox, aiohttp.ClientSession() as session:
        ana, general = sandbox.person("ana").id, sandbox.channel("general")
        url = sandbox.context.response_urls.issue(ana, general.id)
        answers = []
        for _ in range(6):
            async with session.post(url, json={"text": "x", "response_type": "in_channel"}) as response:
                answers.append((response.status, await response.text()))
        assert answers[:5] == [(200, "ok")] * 5
        assert answers[5][0] == 404
        assert "used_url" in answers[5][1]
        assert len(general.messages) == 5
        async with session.post(f"{sandbox.url}/hooks/response/guess", json={"text": "x"}) as response:
            assert response.status == 404
        async with session.post(sandbox.context.response_urls.issue(ana, general.id), json={}) as response:
            assert (response.status, "no_text" in await response.text()) == (400, True)


def _dialog_app(sandbox: Sandbox, answers: list[dict[str, Any]], submitted: list[dict[str, Any]]) -> AsyncApp:
    """An app that opens the dialog from a shortcut and acknowledges each submission with the next of `answers`."""
    app = bolt_app(sandbox)

    @app.shortcut("teach")
    async def teach(ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=_DIALOG)
        with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
            await client.views_open(trigger_id=body["trigger_id"], view=_DIALOG)

    @app.view("teach")
    async def save(ack: Any, view: dict[str, Any]) -> None:
        submitted.append(view)
        await ack(**answers.pop(0))

    return app


async def test_a_shortcut_opens_a_dialog_that_is_corrected_updated_and_saved() -> None:
    async with running_sandbox(manifest=_SHORTCUT) as sandbox, page_of(sandbox, "ana") as page:
        updated = _DIALOG | {"title": {"type": "plain_text", "text": "Sure?"}}
        answers: list[dict[str, Any]] = [
            {"response_action": "errors", "errors": {"answer": "Too short"}},
            {"response_action": "update", "view": updated},
            {},
        ]
        submitted: list[dict[str, Any]] = []
        async with connected_app(sandbox, _dialog_app(sandbox, answers, submitted)):
            general = sandbox.channel("general").id
            ts = (await client_of(sandbox, "ben").chat_postMessage(channel=general, text="40 minutes"))["ts"]
            assert (await page.post("shortcut", callback_id="teach", channel_id=general, message_ts=ts))["ok"]
            view = (await page.told("view_open"))["view"]
            state = {"values": {"answer": {"text": {"type": "plain_text_input", "value": "45 minutes"}}}}
            first = await page.post("view_submission", view_id=view["id"], state=state)
            assert first == {"ok": True, "response_action": "errors", "errors": {"answer": "Too short"}}
            second = await page.post("view_submission", view_id=view["id"], state=state)
            assert second["view"]["title"]["text"] == "Sure?"
            assert (await page.told("view_update"))["view"]["id"] == view["id"]
            assert await page.post("view_submission", view_id=view["id"], state=state) == {
                "ok": True,
                "response_action": None,
            }
            assert (await page.told("view_close"))["view"]["id"] == view["id"]
            gone = await page.post("view_submission", view_id=view["id"], state=state)
            assert gone["error"] == "not_found"
        assert [each["state"] for each in submitted] == [state] * 3
        assert submitted[0]["private_metadata"] == "m1"


async def test_somebody_elses_dialog_cannot_be_submitted() -> None:
    async with running_sandbox() as sandbox, page_of(sandbox, "ben") as page:
        modals = sandbox.context.modals
        view = modals.open(modals.new_trigger(sandbox.person("ana").id), _DIALOG)
        assert (await page.post("view_submission", view_id=view["id"], state={}))["error"] == "not_found"


async def test_dialogs_stack_three_high_and_close_with_a_notice() -> None:
    async with running_sandbox() as sandbox, page_of(sandbox, "ana") as page, raw_socket(sandbox) as socket:
        modals, ana = sandbox.context.modals, sandbox.person("ana").id
        bot = client_of(sandbox)
        first = (await bot.views_open(trigger_id=modals.new_trigger(ana), view=_DIALOG))["view"]
        noticed = _DIALOG | {"notify_on_close": True}
        second = (await bot.views_push(trigger_id=modals.new_trigger(ana), view=noticed))["view"]
        assert (second["root_view_id"], second["previous_view_id"]) == (first["id"], first["id"])
        await bot.views_push(trigger_id=modals.new_trigger(ana), view=_DIALOG)
        with pytest.raises(SlackApiError, match="push_limit_reached"):
            await bot.views_push(trigger_id=modals.new_trigger(ana), view=_DIALOG)
        with pytest.raises(SlackApiError, match="hash_conflict"):
            await bot.views_update(view_id=first["id"], view=_DIALOG, hash="old")
        closing = page.post("view_closed", view_id=second["id"])
        answered, _ = await asyncio.gather(closing, _acknowledge_next(socket, "view_closed"))
        assert answered == {"ok": True}


async def test_a_trigger_is_good_for_a_few_seconds_only() -> None:
    async with running_sandbox(trigger_lifetime=0.0) as sandbox:
        bot = client_of(sandbox)
        trigger = sandbox.context.modals.new_trigger(sandbox.person("ana").id)
        with pytest.raises(SlackApiError, match="expired_trigger_id"):
            await bot.views_open(trigger_id=trigger, view=_DIALOG)
        with pytest.raises(SlackApiError, match="invalid_trigger_id"):
            await bot.views_open(trigger_id="guess", view=_DIALOG)
        too_long = _DIALOG | {"title": {"type": "plain_text", "text": "x" * 25}}
        with pytest.raises(SlackApiError) as refusal:
            await bot.views_open(trigger_id=trigger, view=too_long)
        assert "title" in refusal.value.response["response_metadata"]["messages"][0]


async def test_app_home_is_opened_published_and_pressed() -> None:
    async with running_sandbox() as sandbox, page_of(sandbox, "chloe") as page:
        app = bolt_app(sandbox)
        pressed: list[dict[str, Any]] = []

        @app.event("app_home_opened")
        async def opened(event: dict[str, Any], client: Any) -> None:
            assert event["tab"] == "home"
            await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [_BUTTON]})

        @app.action("more")
        async def more(ack: Any, body: dict[str, Any]) -> None:
            await ack()
            pressed.append(body)

        async with connected_app(sandbox, app):
            await page.post("home")
            view = (await page.told("home"))["view"]
            assert (await page.post("action", view_id=view["id"], action=dict(_PRESS)))["ok"]
            await until(lambda: pressed)
        assert pressed[0]["container"] == {"type": "view", "view_id": view["id"]}
        assert pressed[0]["view"]["type"] == "home"


async def _acknowledge_next(socket: Any, kind: str) -> None:
    envelope = await socket.receive()
    assert envelope["payload"]["type"] == kind
    await socket.acknowledge(envelope)
