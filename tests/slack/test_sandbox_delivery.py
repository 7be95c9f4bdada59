"""Socket Mode: acknowledgements, redelivery, several sockets, lost connections, and the switches for all of it."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.server import Sandbox
from bot.sandbox.socket_mode import MAX_UNACKNOWLEDGED
from tests.slack.sandbox_fixtures import (
    bolt_app,
    client_of,
    connected_app,
    raw_socket,
    running_sandbox,
    until,
)


async def _say(sandbox: Sandbox, text: str) -> str:
    posted = await client_of(sandbox, "ana").chat_postMessage(channel=sandbox.channel("general").id, text=text)
    return str(posted["ts"])


async def test_an_unacknowledged_event_comes_again_with_the_same_event_id() -> None:
    async with running_sandbox(ack_timeout=0.1) as sandbox, raw_socket(sandbox) as socket:
        await _say(sandbox, "hello")
        first = await socket.receive_event("message")
        again = await socket.receive_event("message")
        await socket.acknowledge(again)

        assert (first["retry_attempt"], first["retry_reason"]) == (0, "")
        assert (again["retry_attempt"], again["retry_reason"]) == (1, "timeout")
        assert again["payload"] == first["payload"]
        assert again["envelope_id"] != first["envelope_id"]
        await until(lambda: not sandbox.context.socket_mode.pending_payloads())


async def test_an_event_is_given_up_after_three_retries() -> None:
    async with running_sandbox(ack_timeout=0.05) as sandbox, raw_socket(sandbox) as socket:
        await _say(sandbox, "anybody there?")
        attempts = [(await socket.receive_event("message"))["retry_attempt"] for _ in range(4)]
        assert attempts == [0, 1, 2, 3]
        given_up = await until(lambda: sandbox.context.socket_mode.abandoned)
        assert [payload["event"]["text"] for payload in given_up] == ["anybody there?"]


async def test_events_wait_until_the_bot_connects() -> None:
    async with running_sandbox() as sandbox:
        await _say(sandbox, "early")
        async with raw_socket(sandbox) as socket:
            envelope = await socket.receive_event("message")
        assert envelope["payload"]["event"]["text"] == "early"
        assert envelope["retry_attempt"] == 0


async def test_what_a_lost_socket_did_not_acknowledge_goes_to_the_next_one() -> None:
    async with running_sandbox() as sandbox:
        async with raw_socket(sandbox) as socket:
            await _say(sandbox, "do not lose me")
            await socket.receive_event("message")
            assert sandbox.switches.drop_sockets() == 1
        async with raw_socket(sandbox) as socket:
            envelope = await socket.receive_event("message")
        assert envelope["payload"]["event"]["text"] == "do not lose me"
        assert (envelope["retry_attempt"], envelope["retry_reason"]) == (1, "connection_failed")


async def test_of_two_sockets_one_gets_each_event() -> None:
    async with running_sandbox(ack_timeout=60) as sandbox, raw_socket(sandbox) as one, raw_socket(sandbox) as other:
        said = {f"message {number}" for number in range(6)}
        for text in sorted(said):
            await _say(sandbox, text)
        heard = []
        for socket in (one, other):
            for _ in range(3):
                envelope = await socket.receive_event("message")
                await socket.acknowledge(envelope)
                heard.append(envelope["payload"]["event"]["text"])
        assert len(heard) == 6
        assert set(heard) == said


@pytest.mark.parametrize("how", ["drop", "refresh_requested", "warning"])
async def test_the_real_client_comes_back_after_losing_its_socket(how: str) -> None:
    async with running_sandbox() as sandbox:
        app = bolt_app(sandbox)
        heard: list[str] = []

        @app.event("message")
        async def on_message(event: dict[str, str]) -> None:
            heard.append(event["text"])

        async with connected_app(sandbox, app):
            await _say(sandbox, "before")
            await until(lambda: "before" in heard)
            if how == "drop":
                sandbox.switches.drop_sockets()
            else:
                await sandbox.switches.disconnect(how, close_after=0.2)
            await _say(sandbox, "after")
            await until(lambda: "after" in heard, seconds=8)
        assert heard.count("before") == 1


async def test_held_events_can_be_released_newest_first() -> None:
    async with running_sandbox() as sandbox, raw_socket(sandbox) as socket:
        sandbox.switches.hold_events()
        ts = await _say(sandbox, "draft")
        await client_of(sandbox, "ana").chat_update(channel=sandbox.channel("general").id, ts=ts, text="final")
        assert sandbox.switches.release_events(newest_first=True) == 2
        edited = await socket.receive_event("message")
        original = await socket.receive_event("message")
        assert edited["payload"]["event"]["subtype"] == "message_changed"
        assert original["payload"]["event"]["text"] == "draft"


async def test_lost_acknowledgements_and_repeated_events() -> None:
    async with running_sandbox(ack_timeout=0.1) as sandbox, raw_socket(sandbox) as socket:
        sandbox.switches.repeat_events(1)
        await _say(sandbox, "twice")
        copies = [await socket.receive_event("message") for _ in range(2)]
        for copy in copies:
            await socket.acknowledge(copy)
        assert copies[0]["payload"]["event_id"] == copies[1]["payload"]["event_id"]
        await until(lambda: not sandbox.context.socket_mode.pending_payloads())

        sandbox.switches.lose_acks(1)
        await _say(sandbox, "heard but not believed")
        await socket.acknowledge(await socket.receive_event("message"))
        again = await socket.receive_event("message")
        assert again["payload"]["event"]["text"] == "heard but not believed"
        assert again["retry_attempt"] == 1


async def test_a_backlog_is_not_sent_faster_than_it_is_acknowledged() -> None:
    async with running_sandbox(ack_timeout=60) as sandbox:
        for number in range(MAX_UNACKNOWLEDGED + 1):
            await _say(sandbox, str(number))
        async with raw_socket(sandbox) as socket:
            received = [await socket.receive() for _ in range(MAX_UNACKNOWLEDGED)]
            assert len(sandbox.context.socket_mode.queue) == 1
            await socket.acknowledge(received[0])
            last = await socket.receive()
        assert last["payload"]["event"]["text"] == str(MAX_UNACKNOWLEDGED)


async def test_only_the_app_token_opens_a_connection_and_a_ticket_serves_once() -> None:
    async with running_sandbox() as sandbox:
        client = AsyncWebClient(base_url=sandbox.api_url)
        for token, error in (
            (sandbox.bot_token, "not_allowed_token_type"),
            ("xapp-of-somebody-else", "invalid_auth"),
            ("", "not_authed"),
        ):
            with pytest.raises(SlackApiError) as refusal:
                await client.apps_connections_open(app_token=token)
            assert refusal.value.response["error"] == error
        with pytest.raises(SlackApiError) as refusal:
            await AsyncWebClient(sandbox.app_token, base_url=sandbox.api_url).auth_test()
        assert refusal.value.response["error"] == "not_allowed_token_type"
        ticket = sandbox.context.socket_mode.new_ticket()
        session = await client.apps_connections_open(app_token=sandbox.app_token)
        assert session["url"].startswith("ws://")
        assert ticket not in session["url"]
