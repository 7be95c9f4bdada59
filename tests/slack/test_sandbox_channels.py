"""Channels coming, going and changing hands, and what the bot hears of it in public and in private ones."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox.server import Sandbox
from tests.slack.sandbox_fixtures import client_of, heard_events, running_sandbox


def _heard(sandbox: Sandbox, *types: str) -> list[dict[str, Any]]:
    return [event for event in heard_events(sandbox) if event["type"] in types]


def _subtypes(sandbox: Sandbox) -> list[str | None]:
    return [event.get("subtype") for event in _heard(sandbox, "message")]


async def test_inviting_the_bot_to_a_new_private_channel_lets_it_hear() -> None:
    async with running_sandbox() as sandbox:
        ana, bot = client_of(sandbox, "ana"), sandbox.workspace.bot.id
        secret = (await ana.conversations_create(name="secret-plans", is_private=True))["channel"]
        assert secret["is_private"]
        assert secret["num_members"] == 1
        await ana.chat_postMessage(channel=secret["id"], text="before the bot")
        await ana.conversations_invite(channel=secret["id"], users=[bot])
        await ana.chat_postMessage(channel=secret["id"], text="after")

        assert heard_events(sandbox)[0]["subtype"] == "group_join"
        (joined,) = _heard(sandbox, "member_joined_channel")
        assert (joined["user"], joined["inviter"], joined["channel_type"]) == (bot, sandbox.person("ana").id, "G")
        assert [event["text"] for event in _heard(sandbox, "message")][1:] == ["after"]
        assert heard_events(sandbox)[-1]["channel_type"] == "group"
        members = (await client_of(sandbox).conversations_members(channel=secret["id"]))["members"]
        assert members == [sandbox.person("ana").id, bot]


async def test_a_public_channel_is_announced_joined_and_left() -> None:
    async with running_sandbox() as sandbox:
        ana, bot = client_of(sandbox, "ana"), client_of(sandbox)
        created = (await ana.conversations_create(name="ovens"))["channel"]["id"]
        assert (await bot.conversations_join(channel=created))["channel"]["is_member"]
        assert (await bot.conversations_join(channel=created))["warning"] == "already_in_channel"
        await bot.conversations_leave(channel=created)
        assert (await bot.conversations_leave(channel=created))["not_in_channel"]
        types = [event["type"] for event in heard_events(sandbox)]
        assert types == ["channel_created", "message", "member_joined_channel", "member_left_channel", "channel_left"]
        with pytest.raises(SlackApiError, match="name_taken"):
            await ana.conversations_create(name="ovens")
        for name, error in (("Big Ovens", "invalid_name_specials"), ("", "invalid_name_required")):
            with pytest.raises(SlackApiError, match=error):
                await ana.conversations_create(name=name)


async def test_renaming_archiving_and_deleting() -> None:
    async with running_sandbox() as sandbox:
        ana, ben = client_of(sandbox, "ana"), client_of(sandbox, "ben")
        random = sandbox.channel("random").id
        await ana.conversations_rename(channel=random, name="chatter")
        await ana.conversations_archive(channel=random)
        with pytest.raises(SlackApiError, match="is_archived"):
            await ben.chat_postMessage(channel=random, text="hello?")
        assert (await ben.conversations_info(channel=random))["channel"]["is_archived"]
        listed = await ben.conversations_list(exclude_archived=True)
        assert [channel["name"] for channel in listed["channels"]] == ["general"]
        await ana.conversations_unarchive(channel=random)
        with pytest.raises(SlackApiError, match="not_an_admin"):
            await ben.api_call("admin.conversations.delete", json={"channel_id": random})
        await ana.api_call("admin.conversations.delete", json={"channel_id": random})
        with pytest.raises(SlackApiError, match="channel_not_found"):
            await ben.conversations_info(channel=random)
        assert _subtypes(sandbox) == ["channel_name", "channel_archive"]
        others = [event["type"] for event in heard_events(sandbox) if event["type"] != "message"]
        left = ["member_left_channel", "channel_left"]
        assert others == ["channel_rename", "channel_archive", *left, "channel_unarchive", "channel_deleted"]


async def test_private_channels_have_their_own_events() -> None:
    async with running_sandbox() as sandbox:
        ana = client_of(sandbox, "ana")
        leads = sandbox.channel("leads").id
        await ana.conversations_rename(channel=leads, name="heads")
        await ana.conversations_kick(channel=leads, user=sandbox.workspace.bot.id)
        await ana.api_call("admin.conversations.delete", json={"channel_id": leads})
        others = [event["type"] for event in heard_events(sandbox) if event["type"] != "message"]
        assert others == ["group_rename", "member_left_channel", "group_left"]


async def test_archiving_takes_the_bot_out_and_of_a_private_channel_it_hears_no_more() -> None:
    async with running_sandbox() as sandbox:
        ana, bot = client_of(sandbox, "ana"), client_of(sandbox)
        leads = sandbox.channel("leads").id
        await ana.conversations_archive(channel=leads)
        with pytest.raises(SlackApiError, match="channel_not_found"):
            await bot.conversations_info(channel=leads)
        await ana.conversations_unarchive(channel=leads)
        assert sandbox.workspace.bot.id not in (await ana.conversations_members(channel=leads))["members"]
        await ana.chat_postMessage(channel=leads, text="are you there?")
        assert _subtypes(sandbox) == ["group_archive"]
        others = [event["type"] for event in heard_events(sandbox) if event["type"] != "message"]
        assert others == ["group_archive", "member_left_channel", "group_left"]


async def test_a_channel_made_private_is_closed_to_those_outside() -> None:
    async with running_sandbox() as sandbox:
        ana, ben = client_of(sandbox, "ana"), client_of(sandbox, "ben")
        random = sandbox.channel("random").id
        await ben.conversations_leave(channel=random)
        await ana.api_call("admin.conversations.convertToPrivate", json={"channel_id": random})
        with pytest.raises(SlackApiError, match="channel_not_found"):
            await ben.conversations_info(channel=random)
        assert _subtypes(sandbox) == ["channel_leave", "channel_convert_to_private"]
        await ana.api_call("admin.conversations.convertToPublic", json={"channel_id": random})
        assert (await ben.conversations_info(channel=random))["channel"]["is_private"] is False


async def test_direct_messages_and_group_direct_messages() -> None:
    async with running_sandbox() as sandbox:
        ana, bot = client_of(sandbox, "ana"), sandbox.workspace.bot.id
        opened = await ana.conversations_open(users=bot, return_im=True)
        direct = opened["channel"]["id"]
        assert (direct[0], opened["channel"]["user"], opened["channel"]["is_im"]) == ("D", bot, True)
        assert (await ana.conversations_open(users=[bot]))["channel"]["id"] == direct
        await ana.chat_postMessage(channel=direct, text=f"<@{bot}> in private")
        group = (await ana.conversations_open(users=[bot, sandbox.person("ben").id]))["channel"]["id"]
        await ana.chat_postMessage(channel=group, text=f"<@{bot}> in a group")
        kinds = [(event["type"], event.get("channel_type")) for event in heard_events(sandbox)]
        assert kinds == [("message", "im"), ("message", "mpim"), ("app_mention", None)]
        with pytest.raises(SlackApiError, match="channel_not_found"):
            await client_of(sandbox, "chloe").conversations_history(channel=group)
        await client_of(sandbox).chat_postMessage(channel=sandbox.person("ana").id, text="to a person's id")
        assert (await ana.conversations_history(channel=direct))["messages"][0]["text"] == "to a person's id"


async def test_a_channel_shared_with_another_company_says_so_in_every_event() -> None:
    async with running_sandbox() as sandbox:
        ana, general = client_of(sandbox, "ana"), sandbox.channel("general").id
        sandbox.switches.share_channel(general)
        await ana.chat_postMessage(channel=general, text="hello, partners")
        shared, message = sandbox.context.socket_mode.pending_payloads()
        assert shared["event"]["type"] == "channel_shared"
        assert message["is_ext_shared_channel"] is True
        assert (await ana.conversations_info(channel=general))["channel"]["is_ext_shared"] is True


async def test_people_join_change_and_are_listed() -> None:
    async with running_sandbox() as sandbox:
        dora = sandbox.switches.add_person("dora", real_name="Dora Novak")["id"]
        sandbox.switches.change_person(dora, is_guest=True)
        joined, changed = heard_events(sandbox)
        assert (joined["type"], joined["user"]["real_name"]) == ("team_join", "Dora Novak")
        assert (changed["type"], changed["user"]["is_restricted"]) == ("user_change", True)
        bot = client_of(sandbox)
        names = []
        async for page in await bot.users_list(limit=2):
            names += [member["name"] for member in page["members"]]
        assert names == ["ana", "ben", "chloe", "journeyman", "dora"]
        assert (await bot.users_info(user=dora))["user"]["profile"]["real_name"] == "Dora Novak"
        joined_channels = await bot.users_conversations(types="public_channel,private_channel")
        assert {channel["name"] for channel in joined_channels["channels"]} == {"general", "random", "leads"}
