"""Messages as Slack keeps them: threads, edits, deletions, reactions, history with cursors, permalinks, refusals."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import ContextActionsBlock, FeedbackButtonObject, FeedbackButtonsElement, SectionBlock

from tests.slack.sandbox_fixtures import client_of, heard_events, page_of, running_sandbox


async def test_a_thread_counts_its_replies_and_stays_out_of_the_channel() -> None:
    async with running_sandbox() as sandbox:
        ana, ben, bot = client_of(sandbox, "ana"), client_of(sandbox, "ben"), client_of(sandbox)
        general = sandbox.channel("general").id
        root = (await ana.chat_postMessage(channel=general, text="Where is the flour?"))["ts"]
        first = (await ben.chat_postMessage(channel=general, text="Shelf 3.", thread_ts=root))["ts"]
        last = (await ana.chat_postMessage(channel=general, text="Thanks", thread_ts=first))["ts"]
        await ben.chat_postMessage(channel=general, text="And open.", thread_ts=root, reply_broadcast=True)

        history = (await bot.conversations_history(channel=general))["messages"]
        assert [message["text"] for message in history] == ["And open.", "Where is the flour?"]
        parent = history[1]
        assert (parent["reply_count"], parent["reply_users_count"], parent["thread_ts"]) == (3, 2, root)
        thread = (await bot.conversations_replies(channel=general, ts=root))["messages"]
        assert [message["ts"] for message in thread[:3]] == [root, first, last]
        assert thread[1]["parent_user_id"] == sandbox.person("ana").id
        assert thread[3]["subtype"] == "thread_broadcast"
        link = (await bot.chat_getPermalink(channel=general, message_ts=first))["permalink"]
        assert link == f"{sandbox.url}/archives/{general}/p{first.replace('.', '')}?thread_ts={root}&cid={general}"


async def test_an_edit_and_a_deletion_reach_the_bot_with_what_was_there_before() -> None:
    async with running_sandbox() as sandbox:
        ana = client_of(sandbox, "ana")
        general = sandbox.channel("general").id
        ts = (await ana.chat_postMessage(channel=general, text="Closed on Monday"))["ts"]
        await ana.chat_update(channel=general, ts=ts, text="Closed on Tuesday")
        await ana.chat_delete(channel=general, ts=ts)
        posted, changed, deleted = heard_events(sandbox)
        assert changed["subtype"] == "message_changed"
        assert changed["message"]["text"] == "Closed on Tuesday"
        assert changed["message"]["edited"]["user"] == sandbox.person("ana").id
        assert changed["previous_message"]["text"] == "Closed on Monday"
        assert changed["message"]["ts"] == posted["ts"] != changed["ts"]
        assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", ts)
        assert deleted["previous_message"]["text"] == "Closed on Tuesday"
        assert (await ana.conversations_history(channel=general))["messages"] == []


async def test_the_deleted_start_of_a_thread_leaves_a_tombstone() -> None:
    async with running_sandbox() as sandbox:
        ana = client_of(sandbox, "ana")
        general = sandbox.channel("general").id
        root = (await ana.chat_postMessage(channel=general, text="secret"))["ts"]
        await ana.chat_postMessage(channel=general, text="reply", thread_ts=root)
        await ana.chat_delete(channel=general, ts=root)
        event = heard_events(sandbox)[-1]
        assert (event["subtype"], event["message"]["subtype"]) == ("message_changed", "tombstone")
        thread = (await ana.conversations_replies(channel=general, ts=root))["messages"]
        assert [message["text"] for message in thread] == ["This message was deleted.", "reply"]


async def test_reactions_come_and_go_with_events() -> None:
    async with running_sandbox() as sandbox, page_of(sandbox, "chloe") as page:
        ana, ben = client_of(sandbox, "ana"), client_of(sandbox, "ben")
        general = sandbox.channel("general").id
        ts = (await ana.chat_postMessage(channel=general, text="done"))["ts"]
        await ben.reactions_add(channel=general, timestamp=ts, name="thumbsup")
        with pytest.raises(SlackApiError, match="already_reacted"):
            await ben.reactions_add(channel=general, timestamp=ts, name="+1")
        shown = (await ana.reactions_get(channel=general, timestamp=ts))["message"]
        assert shown["reactions"] == [{"name": "+1", "users": [sandbox.person("ben").id], "count": 1}]
        assert (await page.told("reaction"))["reactions"] == shown["reactions"]
        await ben.reactions_remove(channel=general, timestamp=ts, name="+1")
        with pytest.raises(SlackApiError, match="no_reaction"):
            await ben.reactions_remove(channel=general, timestamp=ts, name="+1")
        added, removed = heard_events(sandbox)[1:]
        assert (added["type"], removed["type"]) == ("reaction_added", "reaction_removed")
        assert added["item"] == {"type": "message", "channel": general, "ts": ts}
        assert (added["user"], added["item_user"]) == (sandbox.person("ben").id, sandbox.person("ana").id)


async def test_history_is_read_in_pages_that_new_messages_do_not_shift() -> None:
    async with running_sandbox() as sandbox:
        ana, bot = client_of(sandbox, "ana"), client_of(sandbox)
        general = sandbox.channel("general").id
        stamps = [(await ana.chat_postMessage(channel=general, text=f"{number}"))["ts"] for number in range(7)]
        seen: list[str] = []
        async for page in await bot.conversations_history(channel=general, limit=3):
            seen += [message["text"] for message in page["messages"]]
            await ana.chat_postMessage(channel=general, text="new")
        assert seen == ["6", "5", "4", "3", "2", "1", "0"]
        between = await bot.conversations_history(channel=general, oldest=stamps[1], latest=stamps[4])
        assert [message["text"] for message in between["messages"]] == ["3", "2"]
        between = await bot.conversations_history(channel=general, oldest=stamps[1], latest=stamps[4], inclusive=True)
        assert [message["text"] for message in between["messages"]] == ["4", "3", "2", "1"]
        with pytest.raises(SlackApiError, match="invalid_cursor"):
            await bot.conversations_history(channel=general, cursor="bm90aGluZw==")
        with pytest.raises(SlackApiError, match="invalid_limit"):
            await bot.conversations_history(channel=general, limit=5000)


async def test_two_messages_never_share_a_timestamp() -> None:
    async with running_sandbox() as sandbox:
        ana = client_of(sandbox, "ana")
        channel = sandbox.channel("general")
        for _ in range(30):
            await ana.chat_postMessage(channel=channel.id, text="x")
        assert len(channel.messages) == 30
        assert all(len(ts.partition(".")[2]) == 6 for ts in channel.messages)


_SECTION = [{"type": "section", "text": {"type": "mrkdwn", "text": "x"}}]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"text": ""}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"markdown_text": "x" * 12_001}, "msg_too_long"),
        ({"markdown_text": "x", "text": "x"}, "markdown_text_conflict"),
        ({"text": "x", "thread_ts": "1.000000"}, "thread_not_found"),
        ({"blocks": "not json"}, "invalid_blocks_format"),
        ({"blocks": [{"type": "banner"}]}, "invalid_blocks"),
        ({"blocks": _SECTION * 51}, "invalid_blocks"),
        ({"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]}, "invalid_blocks"),
        ({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]}, "invalid_blocks"),
        ({"blocks": [{"type": "markdown", "text": "x" * 12_001}]}, "invalid_blocks"),
        ({"blocks": [{**_SECTION[0], "block_id": "same"}, {**_SECTION[0], "block_id": "same"}]}, "invalid_blocks"),
        ({"channel": "#nowhere"}, "channel_not_found"),
    ],
)
async def test_slack_refuses_what_slack_refuses(fields: dict[str, Any], error: str) -> None:
    async with running_sandbox() as sandbox:
        arguments = {"channel": sandbox.channel("general").id, **fields}
        if not {"blocks", "markdown_text"} & fields.keys():
            arguments.setdefault("text", "x")
        with pytest.raises(SlackApiError) as refusal:
            await client_of(sandbox).api_call("chat.postMessage", json=arguments)
        assert refusal.value.response["error"] == error


async def test_the_sdks_own_blocks_are_accepted() -> None:
    async with running_sandbox() as sandbox:
        feedback = FeedbackButtonsElement(
            action_id="vote",
            positive_button=FeedbackButtonObject(text="Good", value="up"),
            negative_button=FeedbackButtonObject(text="Bad", value="down"),
        )
        blocks = [SectionBlock(text="Answer"), ContextActionsBlock(elements=[feedback])]
        posted = await client_of(sandbox).chat_postMessage(
            channel=sandbox.channel("general").id, text="Answer", blocks=blocks
        )
        assert all(block["block_id"] for block in posted["message"]["blocks"])


async def test_only_authors_edit_and_only_authors_and_admins_delete() -> None:
    async with running_sandbox() as sandbox:
        ana, ben, bot = client_of(sandbox, "ana"), client_of(sandbox, "ben"), client_of(sandbox)
        general = sandbox.channel("general").id
        ts = (await ben.chat_postMessage(channel=general, text="mine"))["ts"]
        for other in (ana, bot):
            with pytest.raises(SlackApiError, match="cant_update_message"):
                await other.chat_update(channel=general, ts=ts, text="yours")
        with pytest.raises(SlackApiError, match="cant_delete_message"):
            await bot.chat_delete(channel=general, ts=ts)
        await ana.chat_delete(channel=general, ts=ts)
        with pytest.raises(SlackApiError, match="message_not_found"):
            await ben.chat_update(channel=general, ts=ts, text="gone")


async def test_an_update_keeps_blocks_that_it_does_not_mention() -> None:
    async with running_sandbox() as sandbox:
        bot = client_of(sandbox)
        general = sandbox.channel("general").id
        ts = (await bot.chat_postMessage(channel=general, text="a", blocks=_SECTION))["ts"]
        kept = await bot.chat_update(channel=general, ts=ts, text="b")
        assert kept["message"]["blocks"][0]["type"] == "section"
        removed = await bot.chat_update(channel=general, ts=ts, text="c", blocks=[])
        assert "blocks" not in removed["message"]


async def test_an_ephemeral_message_is_seen_by_one_person_and_kept_by_nobody() -> None:
    async with running_sandbox() as sandbox, page_of(sandbox, "ana") as ana_page:
        bot, general = client_of(sandbox), sandbox.channel("general").id
        ana = sandbox.person("ana").id
        sent = await bot.chat_postEphemeral(channel=general, user=ana, text="only you")
        notice = await ana_page.told("ephemeral")
        assert (notice["message"]["text"], notice["message"]["ts"]) == ("only you", sent["message_ts"])
        assert (await bot.conversations_history(channel=general))["messages"] == []
        with pytest.raises(SlackApiError, match="user_not_in_channel"):
            await bot.chat_postEphemeral(
                channel=sandbox.channel("leads").id, user=sandbox.person("chloe").id, text="hi"
            )


async def test_the_status_line_goes_when_the_bot_answers() -> None:
    async with running_sandbox() as sandbox, page_of(sandbox, "ana") as page:
        ana, bot, general = client_of(sandbox, "ana"), client_of(sandbox), sandbox.channel("general").id
        ts = (await ana.chat_postMessage(channel=general, text="?"))["ts"]
        await bot.assistant_threads_setStatus(channel_id=general, thread_ts=ts, status="is thinking…")
        assert (await page.told("status"))["status"] == "is thinking…"
        await bot.chat_postMessage(channel=general, thread_ts=ts, text="!")
        assert (await page.told("status"))["status"] == ""
        grown = await page.told("message_changed")
        assert grown["message"]["reply_count"] == 1
