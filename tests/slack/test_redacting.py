"""What is forgotten leaves the replies that stand in Slack, whenever the bot comes to it, and once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.views.redacted import REMOVED
from core.answering.drafts import Draft, DraftCitation, DraftGround, Finished, Written
from core.records.documents import DocumentKind, document_id
from core.records.questions import Verdict
from tests.slack.curating import button_of
from tests.slack.forgetful import asker, forgetting
from tests.slack.sandbox_fixtures import page_of, until
from tests.slack.workplace import PATIENCE, Scripted, Workplace, workplace

pytestmark = pytest.mark.timeout(180)

SECRET = "The vault code is xylophone."
LONG = "It is xylophone [1]. " + "A sentence of some length that goes on for a while. " * 300


@asynccontextmanager
async def quoting(folder: Path, text: str = SECRET) -> AsyncIterator[tuple[Workplace, str]]:
    """Ben says the secret, and every answer rests on what he said; its ts."""
    answering = Scripted([])
    async with workplace(folder, answering=answering) as place:
        ts = await place.post("ben", "general", SECRET)
        await place.everything_heard()
        channel_id = place.channel_id("general")
        day = document_id(place.workspace_id, DocumentKind.DAY, f"{channel_id}:2026-03-01")
        citation = DraftCitation(1, "p1", day, "public", "#general, Ben", "http://localhost/x", SECRET)
        ground = DraftGround(day, channel_id, (ts,))
        draft = Draft(text, Verdict.GENERATED, model="test", citations=(citation,), grounds=(ground,))
        answering.events = [Written(text), Finished(draft)]
        yield place, ts


async def asked(place: Workplace, name: str = "ana") -> str:
    ts = await place.post(name, "general", f"{place.mention} What is the vault code?")
    await until(lambda: place.state_of(place.channel_id("general"), ts) == "answered", PATIENCE)
    return ts


def replies(place: Workplace, ts: str) -> list[dict[str, Any]]:
    return place.said_by_bot(place.channel_id("general"), ts)


def is_redacted(place: Workplace, ts: str) -> bool:
    """Whether one message is left, which says that the answer was taken back, and the record is done with it."""
    said = replies(place, ts)
    with place.services.record() as work:
        due = work.questions.to_redact(place.workspace_id)
    return not due and [each["text"] for each in said] == [REMOVED] and "xylophone" not in str(said)


async def test_when_its_source_is_deleted_a_reply_is_taken_back_within_seconds(tmp_path: Path) -> None:
    async with quoting(tmp_path) as (place, source):
        about, other = await asked(place), await place.post("chloe", "general", "Good morning")
        assert "xylophone" in str(replies(place, about))
        with forgetting(place.services):
            await place.client("ben").chat_delete(channel=place.channel_id("general"), ts=source)
            await until(lambda: is_redacted(place, about), 20)
        assert "feedback" not in str(replies(place, about))
        assert place.state_of(place.channel_id("general"), other) == ""
        edits = len(place.calls("chat.update"))
        await place.parts.redacting.redact()
        assert len(place.calls("chat.update")) == edits


async def test_every_message_of_a_continued_reply_goes(tmp_path: Path) -> None:
    async with quoting(tmp_path, LONG) as (place, source):
        about = await asked(place)
        assert len(replies(place, about)) > 1
        with forgetting(place.services):
            await place.client("ben").chat_update(
                channel=place.channel_id("general"), ts=source, text="The vault has a code."
            )
            await until(lambda: is_redacted(place, about), PATIENCE)


async def test_what_was_forgotten_while_the_bot_was_away_leaves_slack_when_it_is_back(tmp_path: Path) -> None:
    async with quoting(tmp_path) as (place, source):
        first, second = await asked(place), await asked(place, "chloe")
        async with asker(place, "ben") as ben:
            answer = await place.bot_client().chat_getPermalink(channel=place.channel_id("general"), message_ts=source)
            await ben.forget(answer["permalink"])
            await ben.press("forget_yes")
        await place.leave()
        place.services.forgetting.carry_out()
        assert "xylophone" in str(replies(place, first))
        await place.join()
        await until(lambda: is_redacted(place, first) and is_redacted(place, second), PATIENCE)


async def test_trouble_with_slack_is_waited_out(tmp_path: Path) -> None:
    async with quoting(tmp_path) as (place, source):
        about = await asked(place)
        switches = place.sandbox.switches
        switches.add_fault("chat.update", "error", error="internal_error", times=1)
        switches.add_fault("chat.update", "rate_limit", retry_after=1, times=2)
        with forgetting(place.services):
            await place.client("ben").chat_delete(channel=place.channel_id("general"), ts=source)
            await until(lambda: is_redacted(place, about), PATIENCE)


async def test_a_reply_that_may_not_be_edited_any_more_is_deleted(tmp_path: Path) -> None:
    async with quoting(tmp_path) as (place, source):
        about = await asked(place)
        place.sandbox.switches.add_fault("chat.update", "error", error="edit_window_closed", times=None)
        with forgetting(place.services):
            await place.client("ben").chat_delete(channel=place.channel_id("general"), ts=source)
            await until(lambda: replies(place, about) == [] and nothing_due(place), PATIENCE)


async def test_a_reply_that_is_gone_itself_is_done_with(tmp_path: Path) -> None:
    async with quoting(tmp_path) as (place, source):
        about = await asked(place)
        [reply] = replies(place, about)
        await place.bot_client().chat_delete(channel=place.channel_id("general"), ts=reply["ts"])
        with forgetting(place.services):
            await place.client("ben").chat_delete(channel=place.channel_id("general"), ts=source)
            await until(lambda: place.calls("chat.update")[-1:] and nothing_due(place), PATIENCE)
        assert replies(place, about) == []


def nothing_due(place: Workplace) -> bool:
    with place.services.record() as work:
        return not work.tombstones.to_empty(1, ["message"]) and not work.questions.to_redact(place.workspace_id)


async def test_who_opts_out_takes_their_questions_replies_along(tmp_path: Path) -> None:
    async with quoting(tmp_path) as (place, _):
        mine, others = await asked(place, "chloe"), await asked(place, "ana")
        async with asker(place, "chloe") as chloe:
            await chloe.forget("me")
            with forgetting(place.services):
                await chloe.press("forget_yes")
                await until(lambda: replies(place, mine) == [], PATIENCE)
                await until(lambda: nothing_due(place), PATIENCE)
        assert "xylophone" in str(replies(place, others))


async def test_our_own_answer_is_forgotten_by_who_asked_for_it(tmp_path: Path) -> None:
    async with quoting(tmp_path) as (place, _):
        about = await asked(place, "ana")
        [reply] = replies(place, about)
        answer = await place.bot_client().chat_getPermalink(channel=place.channel_id("general"), message_ts=reply["ts"])
        async with asker(place, "chloe") as chloe, asker(place, "ana") as ana:
            await chloe.forget(answer["permalink"])
            assert not chloe.asks
            await ana.forget(answer["permalink"])
            with forgetting(place.services):
                await ana.press("forget_yes")
                await until(lambda: replies(place, about) == [], PATIENCE)


async def test_a_whisper_is_changed_as_long_as_slack_lets_us(tmp_path: Path) -> None:
    """Slack tells of a message that one person sees only when that person presses something in it."""
    async with quoting(tmp_path) as (place, source), page_of(place.sandbox, "ana") as ana:
        general = place.channel_id("general")
        assert (await ana.post("command", channel_id=general, command="/ask", text="What is the vault code?"))["ok"]
        while "xylophone" not in str(whisper := (await ana.told("ephemeral", PATIENCE))["message"]):
            pass
        pressed = button_of(whisper, "positive_button")
        assert (await ana.post("action", channel_id=general, message_ts=whisper["ts"], action=pressed))["ok"]
        with forgetting(place.services):
            await place.client("ben").chat_delete(channel=general, ts=source)
            changed = await ana.told("ephemeral", PATIENCE)
        assert changed["replace_original"]
        assert changed["message"]["ts"] == whisper["ts"]
        assert "xylophone" not in str(changed["message"])
        assert changed["message"]["text"] == REMOVED
        await until(lambda: nothing_due(place), PATIENCE)
