"""`journeyman up` on a fresh folder: one line with the page's address, watched children, a clean stop."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.slack.sandbox_fixtures import until

START_S = 120.0


def child_of(parent: int, *words: str) -> int:
    """The process id of the child whose command line ends with these words."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            status = (entry / "stat").read_text().rpartition(")")[2].split()
            command = (entry / "cmdline").read_text().strip("\0").split("\0")
        except OSError:
            continue
        if int(status[1]) == parent and tuple(command[-len(words) :]) == words:
            return int(entry.name)
    raise AssertionError(f"there is no child {words}")


async def ask(session: aiohttp.ClientSession, text: str) -> dict[str, Any]:
    """Asks as the first person, in the first channel; returns the finished reply."""
    boot = await (await session.get("/page/boot")).json()
    headers = {"Authorization": f"Bearer {boot['people'][0]['token']}"}

    async def call(method: str, **fields: Any) -> dict[str, Any]:
        async with session.post(f"/api/{method}", json=fields, headers=headers) as response:
            answer: dict[str, Any] = await response.json()
            assert answer["ok"], answer
            return answer

    channel = (await call("conversations.list"))["channels"][0]["id"]
    posted = await call("chat.postMessage", channel=channel, text=f"<@{boot['bot']['user_id']}> {text}")

    async def reply() -> dict[str, Any] | None:
        thread = (await call("conversations.replies", channel=channel, ts=posted["ts"]))["messages"]
        whole = [message for message in thread if message.get("bot_id") and not message.get("streaming")]
        return whole[0] if whole else None

    found: dict[str, Any] = await until(reply, START_S)
    return found


@pytest.mark.timeout(400)
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for the children in /proc")
async def test_it_comes_up_heals_itself_and_stops_cleanly(tmp_path: Path) -> None:
    environment = dict(os.environ, DATA_DIR=str(tmp_path / "data"), SANDBOX_PORT="0", SLACK_BOT_TOKEN="")
    journeyman = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.up"),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert journeyman.stdout is not None
    assert journeyman.stderr is not None
    try:
        line = (await asyncio.wait_for(journeyman.stdout.readline(), START_S)).decode()
        assert line.startswith("Journeyman is ready: open http://localhost:")
        async with aiohttp.ClientSession(line.split()[-1]) as session:
            assert (await ask(session, "Is anybody there?"))["text"]

            os.kill(child_of(journeyman.pid, "-m", "bot"), signal.SIGKILL)
            said = (await asyncio.wait_for(journeyman.stderr.readline(), START_S)).decode()
            assert said.startswith("The bot ended")
            assert (await ask(session, "And now?"))["text"]

        journeyman.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(journeyman.wait(), 30) == 0
        rest = (await journeyman.stdout.read() + await journeyman.stderr.read()).decode()
        assert rest == ""
        with pytest.raises(AssertionError):
            child_of(journeyman.pid, "-m", "core.worker")
    finally:
        if journeyman.returncode is None:
            journeyman.kill()
            await journeyman.wait()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"SLACK_BOT_TOKEN": "xoxb-x", "SLACK_APP_TOKEN": "xapp-x", "SLACK_API_URL": "http://localhost:9/api/"},
            "There is no answer from http://localhost:9/api/",
        ),
        ({"SLACK_BOT_TOKEN": "xoxb-x"}, "Set both SLACK_BOT_TOKEN and SLACK_APP_TOKEN"),
        ({"DATABASE_URL": "sqlite:////nowhere/at/all.db"}, "Journeyman could not start"),
    ],
)
async def test_what_keeps_it_from_starting_is_said_in_one_line(
    tmp_path: Path, settings: dict[str, str], sentence: str
) -> None:
    (tmp_path / "file").touch()
    settings = {key: value.replace("/nowhere", str(tmp_path / "file")) for key, value in settings.items()}
    environment = os.environ | {"DATA_DIR": str(tmp_path / "data"), "SLACK_BOT_TOKEN": "", "SLACK_APP_TOKEN": ""}
    journeyman = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.up"), env=environment | settings, stderr=asyncio.subprocess.PIPE
    )
    _, said = await asyncio.wait_for(journeyman.communicate(), START_S)
    assert journeyman.returncode == 1
    assert said.decode().startswith(sentence)
    assert len(said.decode().splitlines()) == 1
