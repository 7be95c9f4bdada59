"""Archiving takes the bot out of a channel; what was said there stays, in whatever order Slack tells of the two."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.listeners.leaving import on_archived
from bot.sandbox.model import Channel
from core.answering.drafts import Draft, Finished
from core.records import workspaces
from core.records.questions import Verdict
from tests.slack.past import invite, made, say, texts_heard
from tests.slack.sandbox_fixtures import until
from tests.slack.workplace import PATIENCE, Scripted, Workplace, workplace

FINISHED = Finished(Draft("On a card.", Verdict.GENERATED, model="test"))
WORDS = "The vault code is on the blue card."


def known(place: Workplace, channel: Channel) -> workspaces.Channel:
    with place.services.record() as work:
        found = work.workspaces.channel(place.workspace_id, channel.id)
    assert found is not None
    return found


async def heard_in(place: Workplace, *, private: bool = False) -> Channel:
    """A channel with the bot in it, where something was said."""
    channel = await made(place, private=private)
    await invite(place, channel)
    await place.post("ana", "past", WORDS)
    await place.everything_heard()
    return channel


async def archive(place: Workplace, channel: Channel, *, told_backwards: bool = False) -> None:
    if told_backwards:
        place.sandbox.switches.hold_events()
    await place.client("ana").conversations_archive(channel=channel.id)
    if told_backwards:
        place.sandbox.switches.release_events(newest_first=True)
    await place.everything_heard()


async def kick_the_bot(place: Workplace, channel: Channel) -> None:
    bot = place.sandbox.workspace.app.bot_user_id
    await place.client("ana").conversations_kick(channel=channel.id, user=bot)


async def scope_of(place: Workplace, scripted: Scripted, name: str) -> frozenset[str]:
    """The audiences that this person is answered from in a direct message."""
    direct = await place.direct(name)
    sent = await place.client(name).chat_postMessage(channel=direct, text="Where is the vault code?")
    await place.reply(direct, sent["ts"])
    return scripted.asked[-1][1].audiences


async def started_again(place: Workplace) -> None:
    await place.leave()
    await place.join()


@pytest.mark.parametrize("told_backwards", [False, True])
@pytest.mark.parametrize("private", [False, True])
async def test_what_was_said_stays_through_archiving_a_restart_and_coming_back(
    tmp_path: Path, private: bool, told_backwards: bool
) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        channel = await heard_in(place, private=private)
        await archive(place, channel, told_backwards=told_backwards)
        assert (texts_heard(place, channel), known(place, channel).bot_is_in) == ([WORDS], False)
        await started_again(place)
        assert texts_heard(place, channel) == [WORDS]
        await place.client("ana").conversations_unarchive(channel=channel.id)
        await place.everything_heard()
        await started_again(place)
        assert (texts_heard(place, channel), known(place, channel).bot_is_in) == ([WORDS], False)
        await invite(place, channel)
        assert (texts_heard(place, channel), known(place, channel).bot_is_in) == ([WORDS], True)


async def test_archived_while_the_bot_was_down(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        channel = await heard_in(place)
        await place.leave()
        place.sandbox.switches.hold_events()
        await place.client("ana").conversations_archive(channel=channel.id)
        await place.join()
        assert (texts_heard(place, channel), known(place, channel).bot_is_in) == ([WORDS], False)


@pytest.mark.parametrize("told_backwards", [False, True])
async def test_nobody_finds_what_an_archived_private_channel_says(tmp_path: Path, told_backwards: bool) -> None:
    scripted = Scripted([FINISHED])
    async with workplace(tmp_path, answering=scripted) as place:
        channel = await heard_in(place, private=True)
        assert channel.id in await scope_of(place, scripted, "ana")
        await archive(place, channel, told_backwards=told_backwards)
        assert channel.id not in await scope_of(place, scripted, "ana")
        asked = [call for call in place.calls("conversations.members") if call["arguments"]["channel"] == channel.id]
        await scope_of(place, scripted, "ana")
        again = [call for call in place.calls("conversations.members") if call["arguments"]["channel"] == channel.id]
        assert len(again) == len(asked), "Slack is not asked with every question what it does not tell"
        await place.client("ana").conversations_unarchive(channel=channel.id)
        await invite(place, channel)
        assert channel.id in await scope_of(place, scripted, "ana")


async def test_where_slack_keeps_the_bot_in_an_archived_private_channel_its_members_find_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sandbox.channels.leave", lambda *_: None)
    scripted = Scripted([FINISHED])
    async with workplace(tmp_path, answering=scripted) as place:
        channel = await heard_in(place, private=True)
        await archive(place, channel)
        assert channel.id in await scope_of(place, scripted, "ana")
        assert channel.id not in await scope_of(place, scripted, "ben")


@pytest.mark.parametrize("private", [False, True])
async def test_a_bot_that_was_removed_after_archiving_and_coming_back_forgets(tmp_path: Path, private: bool) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        channel = await heard_in(place, private=private)
        await archive(place, channel)
        await place.client("ana").conversations_unarchive(channel=channel.id)
        await invite(place, channel)
        await kick_the_bot(place, channel)
        await until(lambda: texts_heard(place, channel) == [], PATIENCE)
        assert not known(place, channel).has_bot


async def test_removed_from_a_private_channel_nobody_finds_its_words_from_that_moment(tmp_path: Path) -> None:
    scripted = Scripted([FINISHED])
    async with workplace(tmp_path, answering=scripted) as place:
        channel = await heard_in(place, private=True)
        await scope_of(place, scripted, "ana")
        await kick_the_bot(place, channel)
        await until(lambda: known(place, channel).members_read_at is None)
        assert texts_heard(place, channel) == [WORDS], "whether it was archived may still be told"
        assert channel.id not in await scope_of(place, scripted, "ana")


async def test_while_slack_cannot_be_asked_nothing_is_forgotten_and_then_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.inbox.FIRST_RETRY", timedelta(seconds=2))
    monkeypatch.setattr("bot.chores.REPLAY_EVERY_S", 0.2)
    async with workplace(tmp_path, answering=Scripted([])) as place:
        channel = await heard_in(place)
        place.sandbox.switches.add_fault("conversations.info", "error", error="internal_error", times=2)
        await kick_the_bot(place, channel)
        await place.everything_heard()
        assert texts_heard(place, channel) == [WORDS]
        await until(lambda: texts_heard(place, channel) == [], PATIENCE)


async def test_removed_and_invited_again_at_once_it_forgets_and_listens(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        channel = await heard_in(place)
        place.sandbox.switches.hold_events()
        await kick_the_bot(place, channel)
        await place.client("ana").conversations_invite(
            channel=channel.id, users=place.sandbox.workspace.app.bot_user_id
        )
        place.sandbox.switches.release_events(newest_first=True)
        await place.everything_heard()
        assert (texts_heard(place, channel), known(place, channel).bot_is_in) == ([], True)


async def test_what_is_told_late_of_archiving_changes_nothing_where_the_bot_was_invited_again(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        channel = await heard_in(place)
        for late in ("channel_archive", "channel_unarchive"):
            await on_archived(place.parts, {"type": late, "channel": channel.id}, {})
            assert known(place, channel).bot_is_in


async def test_coming_back_it_offers_to_read_only_what_it_has_not_heard(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        channel = await heard_in(place)
        for unheard in (False, True):
            await archive(place, channel)
            await place.client("ana").conversations_unarchive(channel=channel.id)
            if unheard:
                say(place, channel, "Said while nobody listened.")
            await invite(place, channel)
            offers = [each for each in place.said_by_bot(channel.id) if "blocks" in each]
            assert bool(offers) is unheard
