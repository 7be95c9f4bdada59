"""The bot as a process of its own, killed in the middle of a back-fill: the next one goes on where it was."""

import asyncio
from pathlib import Path

from core.knowledge.backfilling import WantedChannel, begin_backfill
from core.records.backfills import BackfillState
from tests.slack.past import backfill_of, finished, made, progress_messages, say, texts_heard, typing
from tests.slack.sandbox_fixtures import until
from tests.slack.test_crashes import bot_process


async def test_killed_in_the_middle_it_goes_on_from_its_cursor_with_the_same_message(tmp_path: Path) -> None:
    async with bot_process(tmp_path, pause_s=0.01) as (place, process), typing(place, "ana") as ana:
        past = await made(place)
        for n in range(1000):
            say(place, past, f"Fact number {n}.", hours_ago=1200 - n)
        root = say(place, past, "Who waters the plants?", hours_ago=1500)
        say(place, past, "Ben does.", hours_ago=1400, thread_ts=root, by="ben")
        await place.client("ana").conversations_invite(channel=past.id, users=place.sandbox.workspace.app.bot_user_id)
        await until(lambda: place.sandbox.switches.state()["pending_events"] == 0, 20)
        place.sandbox.switches.add_fault("conversations.history", "delay", seconds=0.5, times=None)
        await ana.ingest("", past)
        await until(lambda: (begun := backfill_of(place, past)) and begun.messages >= 300, 30)
        await process.kill()
        killed_at = backfill_of(place, past)
        assert killed_at is not None
        assert killed_at.channels[0].state is BackfillState.WAITING

        place.sandbox.switches.clear_faults()
        place.sandbox.switches.forget_calls()
        await process.start()
        progress = await finished(place, past, 60)
        assert progress.backfill.id == killed_at.backfill.id
        assert texts_heard(place, past) == sorted(
            [f"Fact number {n}." for n in range(1000)] + ["Who waters the plants?", "Ben does."]
        )
        asked = [
            call["arguments"]["latest"]
            for call in place.calls("conversations.history")
            if "latest" in call["arguments"]
        ]
        assert float(asked[0]) <= float(killed_at.channels[0].position_ts), "it began anew instead of going on"
        [told] = [
            each for each in progress_messages(place, past.id) if "What was said before I came" not in each["text"]
        ]
        assert "have read" in told["text"]
        assert told["ts"] == progress.backfill.told_ts


async def test_a_progress_message_posted_but_not_recorded_is_found_again(tmp_path: Path) -> None:
    async with bot_process(tmp_path, pause_s=0.01) as (place, process):
        past = await made(place)
        say(place, past, "The key is under the mat.")
        await place.client("ana").conversations_invite(channel=past.id, users=place.sandbox.workspace.app.bot_user_id)
        await until(lambda: place.sandbox.switches.state()["pending_events"] == 0, 20)
        await process.kill()
        # What a process leaves behind that is killed between posting and noting what it posted.
        begun = await asyncio.to_thread(
            begin_backfill, place.services.record, place.workspace_id, "U1", past.id, [WantedChannel(past.id)]
        )
        with place.services.record() as work:
            backfill = work.backfills.get(begun.backfill_id or "")
            assert backfill is not None
            backfill.told_channel_id = past.id
            work.commit()
        posted = await place.bot_client().chat_postMessage(
            channel=past.id,
            text="Reading",
            metadata={"event_type": "journeyman_backfill", "event_payload": {"id": begun.backfill_id}},
        )
        await process.start()
        progress = await finished(place, past, 60)
        assert progress.backfill.told_ts == posted["ts"]
        assert len([each for each in place.said_by_bot(past.id) if "have read" in each["text"]]) == 1
