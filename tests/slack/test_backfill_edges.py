"""What is hard about the past: pages older than an edit or a deletion, joins, our own words, very long messages."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bot import backfilling
from bot.message_intake import Delivery
from core.errors import Unavailable
from core.knowledge.slack_payloads import revision_of
from core.knowledge.tally import Tally
from core.records.backfills import BackfillState
from tests.slack.past import finished, heard, invite, made, progress_messages, say, texts_heard, typing
from tests.slack.sandbox_fixtures import until
from tests.slack.workplace import Scripted, Workplace, workplace


async def page_read_before(place: Workplace, channel_id: str, message: dict[str, Any]) -> None:
    """A page of history comes in that Slack had made before what happened meanwhile."""
    with place.services.record() as work:
        channel = work.workspaces.channel(place.workspace_id, channel_id)
    assert channel is not None
    await place.parts.intake.hear_history([Delivery(channel, message, revision_of(message))])


async def test_an_old_page_undoes_no_edit_and_no_deletion(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        general = place.sandbox.channel("general")
        edited = await place.post("ana", "general", "The gate opens at seven.")
        deleted = await place.post("ana", "general", "The alarm code is 4471.")
        await place.everything_heard()
        before = {ts: dict(general.messages[ts]) for ts in (edited, deleted)}
        await place.client("ana").chat_update(channel=general.id, ts=edited, text="The gate opens at eight.")
        await place.client("ana").chat_delete(channel=general.id, ts=deleted)
        await until(lambda: (m := heard(place, general, edited)) is not None and "eight" in m.text)
        await until(lambda: (m := heard(place, general, deleted)) is not None and m.deleted_at is not None)
        for message in before.values():
            await page_read_before(place, general.id, message)
        texts = texts_heard(place, general)
        assert "The gate opens at eight." in texts
        assert not any("seven" in text or "4471" in text for text in texts)


async def test_a_thread_that_is_deleted_meanwhile_stops_nothing(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, typing(place, "ana") as ana:
        past = await made(place)
        say(place, past, "The oldest words.", hours_ago=9)
        for hours in (5, 7):
            root = say(place, past, f"Asked {hours} hours ago.", hours_ago=hours)
            say(place, past, f"Answered {hours} hours ago.", hours_ago=hours - 1, thread_ts=root)
        await invite(place, past)
        place.sandbox.switches.add_fault("conversations.replies", "error", error="thread_not_found", times=1)
        await ana.ingest("", past)
        progress = await finished(place, past)
        assert progress.channels[0].state is BackfillState.DONE
        assert {"The oldest words.", "Answered 7 hours ago."} <= set(texts_heard(place, past))


async def test_a_message_that_cannot_be_kept_hides_none_that_is_older(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, typing(place, "ana") as ana:
        past = await made(place)
        said = [say(place, past, f"Fact number {n}.", hours_ago=20 - n) for n in range(9)]
        # Of a form that Slack does not document, and that nobody has thought of.
        past.messages[said[4]]["files"] = ["not a file"]
        await invite(place, past)
        await ana.ingest("", past)
        progress = await finished(place, past)
        assert (progress.channels[0].state, progress.messages) == (BackfillState.DONE, 8)
        assert texts_heard(place, past) == [f"Fact number {n}." for n in range(9) if n != 4]


async def test_a_record_that_is_busy_for_a_while_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfilling, "PAUSES_S", (0.05, 0.05, 0.05))
    async with workplace(tmp_path, answering=Scripted([])) as place, typing(place, "ana") as ana:
        past = await made(place)
        say(place, past, "The key is under the mat.")
        await invite(place, past)
        hear_history, refusals = place.parts.intake.hear_history, [1, 2]

        async def busy_at_first(deliveries: Sequence[Delivery]) -> Tally:
            if refusals:
                refusals.pop()
                raise Unavailable("Another process keeps the record busy.")
            return await hear_history(deliveries)

        monkeypatch.setattr(place.parts.intake, "hear_history", busy_at_first)
        await ana.ingest("", past)
        assert (await finished(place, past)).channels[0].state is BackfillState.DONE
        assert texts_heard(place, past) == ["The key is under the mat."]


async def test_what_is_not_kept_is_not_counted_as_read(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, typing(place, "ana") as ana:
        past = await made(place)
        for day in range(60, 65):
            say(place, past, f"Old news of day {day}.", hours_ago=day * 24)
        say(place, past, "Fresh news.")
        await invite(place, past)
        await ana.ingest("keep 30d", past)
        await ana.ingest("", past)
        progress = await finished(place, past)
        assert texts_heard(place, past) == ["Fresh news."]
        assert (progress.messages, progress.not_kept) == (1, 5)
        told = progress_messages(place, past.id)[-1]["text"]
        assert "1 message and 0 files" in told
        assert "5 messages are not kept" in told


async def test_joins_and_our_own_words_are_left_out_and_a_very_long_message_is_kept_whole(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, typing(place, "ana") as ana:
        past = await made(place)
        await place.client("ben").conversations_join(channel=past.id)
        long = "The manual says so. " * 1_900 + "Its last word is pumpernickel."
        said = say(place, past, long)
        await invite(place, past)
        await ana.ingest("", past)
        await finished(place, past)
        message = heard(place, past, said)
        assert message is not None
        assert message.text == long
        assert [text for text in texts_heard(place, past) if "joined" in text or "I have read" in text] == []
