"""Who may see and do what: tokens, membership, guests, scopes, and the guard around the sandbox's own side."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.manifest import Manifest
from bot.sandbox.server import Sandbox
from tests.slack.sandbox_fixtures import client_of, heard_events, page_of, running_sandbox


async def _error(awaitable: Any) -> str:
    with pytest.raises(SlackApiError) as refusal:
        await awaitable
    return str(refusal.value.response["error"])


async def _call(sandbox: Sandbox, token: str | None, method: str, **arguments: Any) -> str:
    """The error of a call, or `ok`."""
    client = AsyncWebClient(token=token, base_url=sandbox.api_url)
    answer = client.api_call(method, json=arguments)
    try:
        await answer
    except SlackApiError as error:
        return str(error.response["error"])
    return "ok"


async def test_tokens_are_checked() -> None:
    async with running_sandbox() as sandbox:
        assert await _call(sandbox, None, "auth.test") == "not_authed"
        assert await _call(sandbox, "xoxb-guess", "auth.test") == "invalid_auth"
        assert await _call(sandbox, f"xoxp-sandbox-{sandbox.workspace.bot.id}", "auth.test") == "invalid_auth"
        assert await _call(sandbox, sandbox.token("ana"), "chat.startStream") == "not_allowed_token_type"
        assert await _call(sandbox, sandbox.bot_token, "canvases.create") == "unknown_method"
        sandbox.switches.change_person(sandbox.person("ben").id, deleted=True)
        assert await _call(sandbox, sandbox.token("ben"), "auth.test") == "account_inactive"
        sandbox.switches.uninstall()
        assert await _call(sandbox, sandbox.bot_token, "auth.test") == "token_revoked"
        assert [event["type"] for event in heard_events(sandbox)][-2:] == ["tokens_revoked", "app_uninstalled"]


async def test_auth_test_tells_the_bot_who_it_is() -> None:
    async with running_sandbox() as sandbox:
        answer = await client_of(sandbox).auth_test()
        assert answer["user_id"] == sandbox.workspace.bot.id
        assert answer["bot_id"] == sandbox.workspace.app.bot_id
        assert answer["team_id"] == sandbox.workspace.team.id


async def test_a_private_channel_does_not_exist_for_those_outside() -> None:
    async with running_sandbox() as sandbox:
        leads = sandbox.channel("leads").id
        ana, chloe = client_of(sandbox, "ana"), client_of(sandbox, "chloe")
        posted = await ana.chat_postMessage(channel=leads, text="the budget")
        for attempt in (
            chloe.conversations_info(channel=leads),
            chloe.conversations_history(channel=leads),
            chloe.conversations_members(channel=leads),
            chloe.conversations_join(channel=leads),
            chloe.chat_postMessage(channel=leads, text="hi"),
            chloe.chat_getPermalink(channel=leads, message_ts=posted["ts"]),
            chloe.reactions_add(channel=leads, timestamp=posted["ts"], name="eyes"),
        ):
            assert await _error(attempt) == "channel_not_found"
        listed = await chloe.conversations_list(types="public_channel,private_channel")
        assert [channel["name"] for channel in listed["channels"]] == ["general", "random"]
        listed = await ana.conversations_list(types="private_channel")
        assert [(channel["name"], channel["is_private"], channel["is_group"]) for channel in listed["channels"]] == [
            ("leads", True, True)
        ]


async def test_the_bot_reads_and_hears_only_where_it_is() -> None:
    async with running_sandbox() as sandbox:
        random = sandbox.channel("random").id
        ana, bot = client_of(sandbox, "ana"), client_of(sandbox)
        await ana.conversations_kick(channel=random, user=sandbox.workspace.bot.id)
        await ana.chat_postMessage(channel=random, text=f"<@{sandbox.workspace.bot.id}> still there?")
        assert await _error(bot.conversations_history(channel=random)) == "not_in_channel"
        assert await _error(bot.chat_postMessage(channel=random, text="yes")) == "not_in_channel"
        assert await _error(bot.chat_postMessage(channel="#random", text="yes")) == "not_in_channel"
        heard = [event["type"] for event in heard_events(sandbox)]
        assert heard == ["member_left_channel", "channel_left"]


async def test_a_guest_sees_only_their_own_channels() -> None:
    async with running_sandbox() as sandbox:
        token = sandbox.switches.add_person("gus", is_guest=True)["token"]
        general = sandbox.channel("general").id
        assert await _call(sandbox, token, "conversations.history", channel=general) == "channel_not_found"
        await client_of(sandbox, "ana").conversations_invite(channel=general, users=sandbox.person("gus").id)
        assert await _call(sandbox, token, "conversations.history", channel=general) == "ok"


async def test_the_page_tells_each_person_only_what_they_may_see() -> None:
    async with running_sandbox() as sandbox, page_of(sandbox, "ben") as ben, page_of(sandbox, "chloe") as chloe:
        ana = client_of(sandbox, "ana")
        await ana.chat_postMessage(channel=sandbox.channel("leads").id, text="for leads")
        await ana.chat_postMessage(channel=sandbox.channel("general").id, text="for all")
        assert (await ben.told("message"))["message"]["text"] == "for leads"
        assert (await ben.told("message"))["message"]["text"] == "for all"
        assert (await chloe.told("message"))["message"]["text"] == "for all"


async def test_a_scope_that_the_manifest_does_not_ask_for_is_missing() -> None:
    manifest = Manifest(scopes=frozenset({"chat:write", "channels:history"}), events=frozenset({"message.channels"}))
    async with running_sandbox(manifest=manifest) as sandbox:
        bot, ana = client_of(sandbox), client_of(sandbox, "ana")
        general, leads = sandbox.channel("general").id, sandbox.channel("leads").id
        with pytest.raises(SlackApiError) as refusal:
            await bot.conversations_history(channel=leads)
        assert refusal.value.response["error"] == "missing_scope"
        assert refusal.value.response["needed"] == "groups:history"
        assert refusal.value.response["provided"] == "channels:history,chat:write"
        assert (await bot.conversations_history(channel=general))["ok"]
        await ana.chat_postMessage(channel=leads, text="private")
        await ana.chat_postMessage(channel=general, text=f"<@{sandbox.workspace.bot.id}> public")
        assert [event["text"][-6:] for event in heard_events(sandbox)] == ["public"], "subscribed to one kind only"


@pytest.mark.parametrize("path", ["/page/boot", "/test/state", "/test/calls"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:1"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_foreign_pages_get_nothing_from_the_sandboxs_own_side(path: str, headers: dict[str, str]) -> None:
    async with running_sandbox() as sandbox, aiohttp.ClientSession() as session:
        async with session.get(sandbox.url + path, headers=headers) as response:
            assert response.status == 403
            assert "xoxp" not in await response.text()
        async with session.get(sandbox.url + path, headers={"Origin": sandbox.url}) as response:
            assert response.status == 200


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_a_foreign_page_cannot_use_the_well_known_tokens(headers: dict[str, str]) -> None:
    async with running_sandbox() as sandbox, aiohttp.ClientSession() as session:
        general = sandbox.channel("general")
        form = {"token": sandbox.token("ana"), "channel": general.id, "text": "forged"}
        async with session.post(f"{sandbox.api_url}chat.postMessage", data=form, headers=headers) as response:
            assert response.status == 403
        async with session.get(f"{sandbox.api_url}chat.postMessage", params=form, headers=headers) as response:
            assert response.status == 403
        assert general.messages == {}
        async with session.get(
            f"{sandbox.url}/archives/{general.id}/p1", headers={"Sec-Fetch-Site": "cross-site"}
        ) as page:
            assert page.status == 200, "a permalink may be followed from anywhere"


async def test_boot_lists_whom_to_act_as() -> None:
    async with running_sandbox() as sandbox, aiohttp.ClientSession() as session:
        async with session.get(sandbox.url + "/page/boot") as response:
            boot = await response.json()
        assert [person["name"] for person in boot["people"]] == ["ana", "ben", "chloe"]
        assert boot["people"][0]["token"] == sandbox.token("ana")
        assert boot["bot"]["user_id"] == sandbox.workspace.bot.id
        assert [each["command"] for each in boot["commands"]] == ["/ask", "/ingest", "/retrain"]
        async with session.get(sandbox.url + "/page/socket?token=xoxb-x") as response:
            assert response.status == 401
