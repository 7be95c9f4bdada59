"""The bot as a process of its own, killed at the worst moments: every question is answered once."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.sandbox.server import Sandbox
from core.bootstrap import Services, build_services
from tests.slack.sandbox_fixtures import running_sandbox, until
from tests.slack.workplace import Workplace, settings_for

START_S = 60.0


class Process:
    """`python -m tests.slack.slow_bot`: the real bot with a model that writes a word now and then."""

    def __init__(self, sandbox: Sandbox, folder: Path, pause_s: float, **settings: str) -> None:
        self._environment = dict(
            os.environ,
            DATA_DIR=str(folder),
            SLACK_BOT_TOKEN=sandbox.bot_token,
            SLACK_APP_TOKEN=sandbox.app_token,
            SLACK_API_URL=sandbox.api_url,
            WORD_PAUSE_S=str(pause_s),
            **settings,
        )

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.slack.slow_bot", env=self._environment, stdout=asyncio.subprocess.PIPE
        )
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), START_S)
        assert line.startswith(b"Joined"), line

    async def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 30)


@asynccontextmanager
async def bot_process(folder: Path, pause_s: float) -> AsyncIterator[tuple[Workplace, Process]]:
    async with running_sandbox(ack_timeout=1.0) as sandbox:
        settings = settings_for(sandbox, folder)
        services = build_services(settings)
        services.migrate()
        process = Process(sandbox, folder, pause_s)
        await process.start()
        try:
            yield Workplace(sandbox, services, settings), process
        finally:
            if process.process.returncode is None:
                await process.kill()
            services.close()


def stored(services: Services, text: str) -> bool:
    with services.record() as work:
        from core.records.base import utc_now

        return any(text in str(event.payload) for event in work.heard_events.unhandled(utc_now(), 100))


async def test_killed_in_the_middle_of_an_answer_it_finishes_the_same_message(tmp_path: Path) -> None:
    async with bot_process(tmp_path, pause_s=0.2) as (place, process):
        ts = await place.post("ana", "general", f"{place.mention} What colour is it?")
        channel_id = place.channel_id("general")
        [begun] = await until(lambda: place.said_by_bot(channel_id, ts), 20)
        await until(lambda: len(begun["text"].split()) > 3, 20)
        await process.kill()
        assert place.state_of(channel_id, ts) == "asked"

        await process.start()
        reply = await place.reply(channel_id, ts)
        assert reply["ts"] == begun["ts"]
        assert str(reply["blocks"]).count("word19") == 1
        assert await process.stop() == 0


async def test_killed_between_storing_an_event_and_handling_it_it_answers_once(tmp_path: Path) -> None:
    async with bot_process(tmp_path, pause_s=0.01) as (place, process):
        # The bot asks about a channel that it meets for the first time: an endless wait there keeps the event stored.
        made = await place.client("ana").conversations_create(name="newcomers")
        channel_id = made["channel"]["id"]
        place.sandbox.switches.add_fault("conversations.info", "delay", seconds=60, times=None)
        place.sandbox.switches.hold_events()
        await place.client("ana").conversations_invite(
            channel=channel_id, users=place.sandbox.workspace.app.bot_user_id
        )
        ts = await place.post("ana", "newcomers", f"{place.mention} Who is new?")
        place.sandbox.switches.release_events()
        await until(lambda: stored(place.services, "Who is new?"), 20)
        await until(lambda: place.sandbox.switches.state()["pending_events"] == 0, 20)
        await process.kill()
        assert place.state_of(channel_id, ts) == ""

        place.sandbox.switches.clear_faults()
        await process.start()
        reply = await place.reply(channel_id, ts)
        assert "word19" in str(reply["blocks"])


async def test_a_reply_posted_but_not_recorded_is_found_again(tmp_path: Path) -> None:
    async with bot_process(tmp_path, pause_s=0.2) as (place, process):
        ts = await place.post("ana", "general", f"{place.mention} What colour is it?")
        channel_id = place.channel_id("general")
        [begun] = await until(lambda: place.said_by_bot(channel_id, ts), 20)
        await process.kill()
        with place.services.record() as work:
            question = work.questions.asked_at(place.workspace_id, channel_id, ts)
            assert question is not None
            question.replies.clear()
            work.commit()

        await process.start()
        reply = await place.reply(channel_id, ts)
        assert reply["ts"] == begun["ts"]


async def test_a_bot_told_to_stop_finishes_what_it_is_saying(tmp_path: Path) -> None:
    async with bot_process(tmp_path, pause_s=0.05) as (place, process):
        ts = await place.post("ana", "general", f"{place.mention} What colour is it?")
        channel_id = place.channel_id("general")
        await until(lambda: place.said_by_bot(channel_id, ts), 20)
        assert await process.stop() == 0
        reply = await place.reply(channel_id, ts)
        assert "word19" in str(reply["blocks"])
