import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from bot.child import Child, Failed
from tests.slack.sandbox_fixtures import until


def python(name: str, code: str, folder: Path) -> Child:
    return Child(name, [sys.executable, "-u", "-c", code], os.environ, folder / f"{name}.log")


async def test_it_waits_for_the_line_and_keeps_all_lines(tmp_path: Path) -> None:
    child = python("speaker", "print('one'); print('Ready at 5'); import time; time.sleep(60)", tmp_path)
    assert await child.start_and_await("Ready at ", 20) == "Ready at 5"
    await child.stop()
    assert (tmp_path / "speaker.log").read_text() == "one\nReady at 5\n"


async def test_one_that_cannot_start_says_why_in_its_own_words(tmp_path: Path) -> None:
    child = python("loser", "import sys; sys.exit('The port is taken.')", tmp_path)
    with pytest.raises(Failed, match=r"The port is taken\. Its log: .*loser\.log"):
        await child.start_and_await("Ready", 20)


async def test_one_that_dies_is_started_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    child = python("cat", "import os, time; print(os.getpid()); time.sleep(60)", tmp_path)
    await child.start()
    watching = asyncio.create_task(child.watch())
    log = tmp_path / "cat.log"
    await until(lambda: log.read_text().split(), 10)
    os.kill(int(log.read_text()), signal.SIGKILL)
    await until(lambda: len(log.read_text().split()) == 2, 10)
    await child.stop()
    await asyncio.wait_for(watching, 5)
    assert "The cat ended" in capsys.readouterr().err


async def test_one_that_does_not_listen_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.child.STOP_S", 0.3)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('Ready'); time.sleep(60)"
    child = python("deaf", deaf, tmp_path)
    await child.start_and_await("Ready", 20)
    await asyncio.wait_for(child.stop(), 5)


async def test_a_line_without_an_end_does_not_stop_the_reading(tmp_path: Path) -> None:
    child = python("talker", "print('x' * 300_000); print('Ready'); import time; time.sleep(60)", tmp_path)
    await child.start_and_await("Ready", 20)
    await child.stop()
    assert (tmp_path / "talker.log").stat().st_size == 300_001 + 6
