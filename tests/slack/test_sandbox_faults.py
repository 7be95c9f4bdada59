"""The switches for a misbehaving Web API, through Python and over HTTP, and the record of calls."""

import time
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler, AsyncServerErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack.sandbox_fixtures import client_of, running_sandbox


async def test_a_rate_limit_is_honoured_by_the_sdks_own_retry_handler() -> None:
    async with running_sandbox() as sandbox:
        handlers: list[AsyncRetryHandler] = [AsyncRateLimitErrorRetryHandler(max_retry_count=1)]
        patient = AsyncWebClient(sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=handlers)
        sandbox.switches.rate_limit("auth.test", retry_after=1)
        began = time.monotonic()
        assert (await patient.auth_test())["ok"]
        assert time.monotonic() - began >= 1.0
        assert [call["status"] for call in sandbox.switches.calls("auth.test")] == [429, 200]


async def test_a_fault_meets_its_own_method_and_its_own_number_of_calls() -> None:
    async with running_sandbox() as sandbox:
        bot = client_of(sandbox)
        sandbox.switches.add_fault("users.list", "error", error="fatal_error", times=2)
        assert (await bot.auth_test())["ok"]
        for _ in range(2):
            with pytest.raises(SlackApiError, match="fatal_error"):
                await bot.users_list()
        assert (await bot.users_list())["ok"]
        sandbox.switches.add_fault("*", "rate_limit", times=None)
        for _ in range(3):
            with pytest.raises(SlackApiError, match="ratelimited"):
                await bot.auth_test()
        sandbox.switches.clear_faults()
        assert (await bot.auth_test())["ok"]


async def test_server_errors_delays_and_cut_connections() -> None:
    async with running_sandbox() as sandbox:
        handlers: list[AsyncRetryHandler] = [AsyncServerErrorRetryHandler(max_retry_count=1)]
        stubborn = AsyncWebClient(sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=handlers)
        sandbox.switches.add_fault("auth.test", "status", status=503)
        assert (await stubborn.auth_test())["ok"]
        sandbox.switches.add_fault("auth.test", "delay", seconds=0.2)
        began = time.monotonic()
        assert (await stubborn.auth_test())["ok"]
        assert time.monotonic() - began >= 0.2
        sandbox.switches.add_fault("auth.test", "drop")
        bare = AsyncWebClient(sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=[])
        with pytest.raises(aiohttp.ClientError):
            await bare.auth_test()


async def test_the_record_tells_what_was_called_but_no_token() -> None:
    async with running_sandbox() as sandbox:
        ana = client_of(sandbox, "ana")
        general = sandbox.channel("general").id
        await ana.chat_postMessage(channel=general, text="hello")
        await AsyncWebClient(base_url=sandbox.api_url).api_call("auth.test", params={"token": sandbox.bot_token})
        post, auth = sandbox.switches.calls()
        assert (post["method"], post["caller"]) == ("chat.postMessage", sandbox.person("ana").id)
        assert post["arguments"]["text"] == "hello"
        assert post["answer"]["ok"] is True
        assert sandbox.bot_token not in str(auth)
        sandbox.switches.forget_calls()
        assert sandbox.switches.calls() == []


async def test_the_switches_are_reached_over_http_too() -> None:
    async with running_sandbox() as sandbox, aiohttp.ClientSession(sandbox.url) as session:

        async def turn(switch: str, **fields: Any) -> dict[str, Any]:
            async with session.post(f"/test/{switch}", json=fields) as response:
                answer: dict[str, Any] = await response.json()
                return answer

        assert (await turn("fault", method="auth.test", kind="error", error="fatal_error"))["ok"]
        with pytest.raises(SlackApiError, match="fatal_error"):
            await client_of(sandbox).auth_test()
        assert (await turn("drop_sockets"))["result"] == 0
        assert (await turn("share_channel", channel="C0"))["error"] == "channel_not_found"
        assert "no fault" in (await turn("fault", kind="earthquake"))["detail"]
        assert (await turn("lose_acks", surprise=1))["error"] == "invalid_arguments"
        assert (await turn("add_person", name="dora"))["result"]["token"].startswith("xoxp-")
        async with session.get("/test/calls?method=auth.test") as response:
            calls = (await response.json())["calls"]
        assert [call["answer"]["error"] for call in calls] == ["fatal_error"]
        async with session.get("/test/state") as response:
            assert (await response.json())["sockets"] == 0


@pytest.mark.parametrize(
    ("body", "content_type", "error"),
    [
        (b"{", "application/json", "invalid_json"),
        (b"[1]", "application/json", "json_not_object"),
        (b"", "application/x-www-form-urlencoded", "not_authed"),
    ],
)
async def test_a_body_that_makes_no_sense_is_refused_in_slacks_words(
    body: bytes, content_type: str, error: str
) -> None:
    async with running_sandbox() as sandbox, aiohttp.ClientSession() as session:
        headers = {"Content-Type": content_type}
        async with session.post(f"{sandbox.api_url}auth.test", data=body, headers=headers) as response:
            assert (response.status, await response.json()) == (200, {"ok": False, "error": error})
