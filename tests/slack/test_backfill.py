"""`/ingest`: what was said before the bot came is read, told of in one message, and kept once."""

import time
from pathlib import Path

import pytest

from bot import progress_message
from core.records.backfills import BackfillState
from tests.slack.forgetful import forgetting
from tests.slack.past import (
    finished,
    heard,
    invite,
    made,
    progress_messages,
    say,
    texts_heard,
    typing,
)
from tests.slack.sandbox_fixtures import until
from tests.slack.workplace import Scripted, workplace


@pytest.fixture(autouse=True)
def told_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_message, "TELL_EVERY_S", 0.05)


async def test_all_pages_threads_files_and_edits_are_read(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, typing(place, "ana") as ana:
        past = await made(place)
        long_ago = [say(place, past, f"Fact number {n}.", hours_ago=900 - n) for n in range(430)]
        root = say(place, past, "Who waters the plants?", hours_ago=400)
        for n in range(250):
            say(place, past, f"Reply {n}: not me.", hours_ago=390 - n / 10, thread_ts=root, by="ben")
        edited = await place.client("ana").chat_postMessage(channel=past.id, text="Lunch is at one.")
        await place.client("ana").chat_update(channel=past.id, ts=edited["ts"], text="Lunch is at noon.")
        await place.client("ana").files_upload_v2(channel=past.id, content="Gate code 7731", filename="gate.txt")
        await invite(place, past)

        assert "this channel tells" in await ana.ingest("", past)
        progress = await finished(place, past)
        assert [channel.state for channel in progress.channels] == [BackfillState.DONE]
        assert progress.files == 1
        texts = texts_heard(place, past)
        assert {f"Fact number {n}." for n in range(430)} <= set(texts)
        assert {f"Reply {n}: not me." for n in range(250)} <= set(texts)
        assert "Lunch is at noon." in texts
        assert "Lunch is at one." not in texts
        first = heard(place, past, long_ago[0])
        assert first is not None
        assert first.permalink.endswith(f"/archives/{past.id}/p{long_ago[0].replace('.', '')}")
        assert not any("joined" in text for text in texts)

        [told] = [each for each in progress_messages(place, past.id) if "have read" in each["text"]]
        assert "1 file" in told["text"]
        assert len(place.calls("conversations.history")) >= 3


async def test_reading_twice_changes_nothing(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, typing(place, "ana") as ana:
        past = await made(place)
        say(place, past, "The key is under the mat.")
        await invite(place, past)
        await ana.ingest("", past)
        await finished(place, past)
        revisions = document_revisions(place, past.id)
        first = (await finished(place, past)).backfill.id
        await ana.ingest("", past)
        again = await until(lambda: newer_than(place, past, first), 20)
        assert again.messages > 0
        assert document_revisions(place, past.id) == revisions


def newer_than(place, channel, backfill_id):
    from tests.slack.past import backfill_of

    progress = backfill_of(place, channel)
    return progress if progress and progress.backfill.id != backfill_id and progress.backfill.ended_at else None


def document_revisions(place, channel_id):
    with place.services.record() as work:
        return sorted((each.id, each.revision) for each in work.documents.of_channel(place.workspace_id, channel_id))


async def test_the_progress_is_one_message_edited_as_it_goes(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, typing(place, "ana") as ana:
        past = await made(place)
        for n in range(700):
            say(place, past, f"Fact number {n}.", hours_ago=800 - n)
        await invite(place, past)
        before = len(place.said_by_bot(past.id))
        place.sandbox.switches.add_fault("conversations.history", "delay", seconds=0.3, times=4)
        await ana.ingest("", past)
        await finished(place, past)
        assert len(place.said_by_bot(past.id)) == before + 1
        updates = [call["arguments"]["text"] for call in place.calls("chat.update")]
        assert any("█" in text and "so far" in text for text in updates)
        assert "have read" in updates[-1]
        assert "700 messages and 0 files" in updates[-1]  # joins and our own words are not counted
        posts = [call for call in place.calls("chat.postMessage") if call["arguments"].get("metadata")]
        assert len(posts) == 1


async def test_a_channel_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, typing(place, "ana") as ana:
        past = await made(place)
        say(place, past, "The key is under the mat.")
        await invite(place, past)
        await until(lambda: past.name in names_known(place))
        await ana.ingest(f"<#{past.id}|{past.name}> #{past.name}", past)
        progress = await finished(place, past)
        assert [channel.state for channel in progress.channels] == [BackfillState.DONE]
        assert "The key is under the mat." in texts_heard(place, past)


def names_known(place):
    with place.services.record() as work:
        return work.workspaces.names_of_channels(place.workspace_id).values()


async def test_slacks_wish_to_wait_is_honoured(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, typing(place, "ana") as ana:
        past = await made(place)
        for n in range(300):
            say(place, past, f"Fact number {n}.", hours_ago=400 - n)
        await invite(place, past)
        place.sandbox.switches.rate_limit("conversations.history", times=2, retry_after=1)
        began = time.monotonic()
        await ana.ingest("", past)
        progress = await finished(place, past)
        assert time.monotonic() - began >= 2.0
        assert progress.channels[0].state is BackfillState.DONE
        assert len(texts_heard(place, past)) == 300


async def test_one_channels_failure_stops_no_other(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, typing(place, "ana") as ana:
        good, bad = await made(place, "good"), await made(place, "bad")
        for channel in (good, bad):
            say(place, channel, "Something to know.")
            await invite(place, channel)
        say(place, good, "One thing more.")
        place.sandbox.workspace.channels[bad.id].members.remove(place.sandbox.workspace.app.bot_user_id)
        told = await ana.ingest(f"<#{bad.id}|bad> <#{good.id}|good>", good)
        assert "not in" in told  # one of those named cannot be read: said before anything begins

        place.sandbox.workspace.channels[bad.id].members.append(place.sandbox.workspace.app.bot_user_id)
        place.sandbox.switches.add_fault("conversations.history", "error", error="not_in_channel", times=1)
        assert "direct messages" in await ana.ingest(f"<#{bad.id}|bad> <#{good.id}|good>", good)
        progress = await finished(place, good)
        assert sorted(channel.state.value for channel in progress.channels) == ["done", "failed"]
        direct = await place.direct("ana")
        [message] = progress_messages(place, direct)
        await until(lambda: "Invite me there with `/invite`" in progress_messages(place, direct)[0]["text"])
        assert [each["ts"] for each in progress_messages(place, direct)] == [message["ts"]]


async def test_stop_and_status(tmp_path: Path) -> None:
    async with (
        workplace(tmp_path, answering=Scripted([])) as place,
        typing(place, "ana") as ana,
        typing(place, "ben") as ben,
    ):
        past = await made(place)
        for n in range(900):
            say(place, past, f"Fact number {n}.", hours_ago=1000 - n)
        await invite(place, past)
        await place.client("ana").conversations_invite(channel=past.id, users=place.sandbox.person("ben").id)
        assert "Nothing is being read" in await ben.ingest("status", past)
        place.sandbox.switches.add_fault("conversations.history", "delay", seconds=1.0, times=None)
        await ana.ingest("", past)
        assert "being read already" in await ben.ingest("", past)
        assert "Reading" in await ben.ingest("status", past)
        assert "Stopped" in await ben.ingest("stop", past)
        progress = await finished(place, past)
        assert progress.channels[0].state is BackfillState.STOPPED
        assert "Stopped" in progress_messages(place, past.id)[-1]["text"]
        assert "Nothing is being read" in await ben.ingest("stop", past)


async def test_the_offer_and_its_button_and_the_stop_button(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, typing(place, "ana") as ana:
        empty = await made(place, "empty")
        await invite(place, empty)
        assert place.said_by_bot(empty.id) == []

        past = await made(place)
        for n in range(500):
            say(place, past, f"Fact number {n}.", hours_ago=600 - n)
        await invite(place, past)
        [offer] = await until(lambda: place.said_by_bot(past.id))
        place.sandbox.switches.add_fault("conversations.history", "delay", seconds=1.0, times=None)
        await ana.press(offer, past.id, "ingest_begin")
        told = await until(lambda: [each for each in place.said_by_bot(past.id) if "Reading" in each["text"]], 10)
        await ana.press(told[0], past.id, "ingest_stop")
        assert (await finished(place, past)).channels[0].state is BackfillState.STOPPED


async def test_since_leaves_out_what_is_older(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, typing(place, "ana") as ana:
        past = await made(place)
        say(place, past, "Ancient history.", hours_ago=24 * 40)
        say(place, past, "Last week's news.", hours_ago=24 * 6)
        await invite(place, past)
        await ana.ingest("since 30d", past)
        await finished(place, past)
        assert texts_heard(place, past) == ["Last week's news."]


async def test_more_that_is_wanted_of_a_channel_that_is_being_read_is_read_too(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, typing(place, "ana") as ana:
        past = await made(place)
        say(place, past, "Ancient history.", hours_ago=24 * 40)
        say(place, past, "Last week's news.", hours_ago=24 * 6)
        await invite(place, past)
        place.sandbox.switches.add_fault("conversations.history", "delay", seconds=2.0)
        await ana.ingest("since 30d", past)
        assert "go on further back" in await ana.ingest("", past)
        progress = await finished(place, past)
        assert texts_heard(place, past) == ["Ancient history.", "Last week's news."]
        assert progress.messages == 2
        assert len([each for each in progress_messages(place, past.id) if "have read" in each["text"]]) == 1


async def test_questions_of_long_ago_are_not_answered_and_no_sources(tmp_path: Path) -> None:
    scripted = Scripted([])
    async with workplace(tmp_path, answering=scripted) as place, typing(place, "ana") as ana:
        past = await made(place)
        asked = say(place, past, f"{place.mention} Where is the key?")
        await invite(place, past)
        await ana.ingest("", past)
        await finished(place, past)
        message = heard(place, past, asked)
        assert message is not None
        assert message.asks_journeyman
        assert scripted.asked == []


async def test_plain_sentences_for_what_cannot_be_read(tmp_path: Path) -> None:
    async with (
        workplace(tmp_path, answering=Scripted([])) as place,
        typing(place, "ana") as ana,
        typing(place, "ben") as ben,
    ):
        general = place.sandbox.channel("general")
        outside, secret = await made(place, "outside"), await made(place, "secret", private=True)
        assert "Invite me there" in await ana.ingest(f"<#{outside.id}|outside>", general)
        assert "I see no channel" in await ana.ingest("#nowhere", general)
        assert "I see no channel" in await ana.ingest(f"<#{secret.id}|>", general)
        assert f"`/invite` {place.mention}" in await ana.ingest("#OUTSIDE", general)
        await place.client("ana").conversations_archive(channel=outside.id)
        assert "archived" in await ana.ingest(f"<#{outside.id}|outside>", general)
        await invite(place, secret)
        assert "I see no channel" in await ben.ingest(f"<#{secret.id}|>", general)
        assert "I see no channel #secret." in await ben.ingest("#secret", general)  # nor does a guessed name say more
        await place.client("ana").conversations_create(name="kitchen")
        await invite(place, place.sandbox.channel("kitchen"))
        assert "Only people who are in" in await ben.ingest("#kitchen", general)
        assert "Only admins" in await ben.ingest("all", general)
        place.sandbox.switches.add_fault("conversations.info", "error", error="fatal_error", times=1)
        assert "Try again in a minute" in await ben.ingest("", general)
        assert "what I understand" in await ben.ingest("everything please", general)
        assert "do not understand" in await ben.ingest("since yesterday", general)
        direct = place.sandbox.workspace.channels[await place.direct("ben")]
        for words in ("", "off", "keep 90d", "https://example.com/page"):
            assert "Name a channel" in await ben.ingest(words, direct)
        assert "Nothing is being read for you" in await ben.ingest("status", direct)


async def test_only_the_channel_that_is_named_is_stopped(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, typing(place, "ana") as ana:
        one, other = await made(place, "one"), await made(place, "other")
        for channel in (one, other):
            for n in range(700):
                say(place, channel, f"Fact number {n}.", hours_ago=800 - n)
            await invite(place, channel)
        place.sandbox.switches.add_fault("conversations.history", "delay", seconds=4.0, times=None)
        general = place.sandbox.channel("general")
        await ana.ingest("#one #other", general)
        assert f"<#{one.id}>" in await ana.ingest("status", place.sandbox.workspace.channels[await place.direct("ana")])
        assert "Stopped" in await ana.ingest("stop #one", general)
        place.sandbox.switches.clear_faults()
        progress = await finished(place, other)
        assert [channel.state.value for channel in progress.channels] == ["stopped", "done"]


async def test_admins_have_every_channel_read_and_are_told_alone(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, typing(place, "ana") as ana:
        past = await made(place)
        say(place, past, "The key is under the mat.")
        await invite(place, past)
        general = place.sandbox.channel("general")
        assert "direct messages" in await ana.ingest("all", general)
        progress = await finished(place, past)
        assert {channel.state for channel in progress.channels} == {BackfillState.DONE}
        assert general.id in {channel.channel_id for channel in progress.channels}
        assert texts_heard(place, past) == ["The key is under the mat."]
        assert progress_messages(place, general.id) == []


async def test_off_on_and_keep(tmp_path: Path) -> None:
    answered = Scripted([])
    async with workplace(tmp_path, answering=answered) as place, typing(place, "ben") as ben:
        general = place.sandbox.channel("general")
        before = await place.post("ana", "general", "Said before.")
        await place.everything_heard()
        assert await ben.ingest("off", general) == "Done."
        assert "do not listen here any more" in place.said_by_bot(general.id)[-1]["text"]
        off = await place.post("ana", "general", "Said while it was off.")
        await place.client("ana").chat_update(channel=general.id, ts=before, text="Said before, but edited.")
        await place.post("ana", "general", f"{place.mention} Do you answer all the same?")
        await until(lambda: answered.asked, 10)
        await place.everything_heard()
        assert heard(place, general, off) is None
        edited = heard(place, general, before)
        assert edited is not None
        assert edited.text == "Said before, but edited."
        assert "switched off" in await ben.ingest("", general)
        assert "switched off" in await ben.ingest("status", general)

        await ben.ingest("on", general)
        on = await place.post("ana", "general", "Said when it was on again.")
        await place.everything_heard()
        assert heard(place, general, on) is not None

        await ben.ingest("keep 90d", general)
        assert "90 days" in await ben.ingest("status", general)
        assert retention(place, general.id) == 90
        await ben.ingest("keep forever", general)
        assert retention(place, general.id) is None


async def test_what_is_older_than_a_channel_keeps_is_forgotten(tmp_path: Path) -> None:
    async with workplace(tmp_path) as place, typing(place, "ana") as ana:
        past = await made(place)
        old = say(place, past, "The old key hung by the boiler.", hours_ago=100 * 24)
        young = say(place, past, "The new key hangs by the door.", hours_ago=10 * 24)
        await invite(place, past)
        await ana.ingest("", past)
        await finished(place, past)
        assert sorted(texts_heard(place, past)) == ["The new key hangs by the door.", "The old key hung by the boiler."]
        await ana.ingest("keep 90d", past)
        with forgetting(place.services):
            assert place.services.forgetting.forget_older_than_kept() == 1
            await until(lambda: not is_kept(place, past, old), 20)
        assert is_kept(place, past, young)
        await ana.ingest("", past)
        await finished(place, past)
        assert texts_heard(place, past) == ["The new key hangs by the door."]


def is_kept(place, channel, ts):
    message = heard(place, channel, ts)
    return message is not None and message.deleted_at is None and bool(message.text)


def retention(place, channel_id):
    with place.services.record() as work:
        return work.workspaces.channel(place.workspace_id, channel_id).retention_days
