"""A process that is watched: its lines go to a log file, and it is started again when it dies."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import BinaryIO

STOP_S = 20.0
"""How long a process that was asked to stop may take."""
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
STEADY_S = 60.0
"""Whoever has run for so long begins with a short pause again."""
LOG_BYTES = 20_000_000
"""A log larger than this is put aside when its process starts."""

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


class Failed(Exception):
    """A process did not start; the message is one sentence, its own where it left one."""


class Child:
    """One process."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self._command = command
        self._environment = environment
        self._log_path = log
        self._process: asyncio.subprocess.Process | None = None
        self._readers: list[asyncio.Task[None]] = []
        self._last_line = ""
        self._is_stopping = False
        self._started_at = 0.0

    async def start(self, on_line: Callable[[str], None] = lambda _: None) -> None:
        """Start it; `on_line` is told each line that it says."""
        log = await asyncio.to_thread(_open_log, self._log_path)
        self._started_at = monotonic()
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for us, and we tell the children
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._readers = [
            asyncio.create_task(self._read(self._process.stdout, log, on_line)),
            asyncio.create_task(self._read(self._process.stderr, log, self._remember)),
        ]

    async def start_and_await(self, beginning: str, seconds: float) -> str:
        """Start it and wait for a line that begins so; returns the line. Raises Failed."""
        said: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def listen(line: str) -> None:
            if line.startswith(beginning) and not said.done():
                said.set_result(line)

        await self.start(listen)
        ended = asyncio.create_task(self._ended())
        first: list[asyncio.Future[str] | asyncio.Future[int]] = [said, ended]
        await asyncio.wait(first, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if said.done():
            return said.result()
        said.cancel()
        reason = self._last_line or f"The {self.name} did not start"
        raise Failed(f"{reason.rstrip('.')}. Its log: {self._log_path}")

    async def watch(self) -> None:
        """Start it again whenever it ends, after a pause that grows while it keeps ending."""
        pause_s = FIRST_PAUSE_S
        while True:
            status = await self._ended()
            if self._is_stopping:
                return
            if monotonic() - self._started_at > STEADY_S:
                pause_s = FIRST_PAUSE_S
            reason = self._last_line or f"status {status}"
            print(  # noqa: T201 - a command talks to whoever started it
                f"The {self.name} ended ({reason}); starting it again in {pause_s:.0f} s. Its log: {self._log_path}",
                file=sys.stderr,
                flush=True,
            )
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            await self.start()

    def ask_to_stop(self) -> None:
        """Tell it to stop, without waiting."""
        self._is_stopping = True
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)

    async def stop(self) -> None:
        """Stop it; one that does not listen is killed."""
        self.ask_to_stop()
        if self._process is None:
            return
        try:
            await asyncio.wait_for(self._ended(), STOP_S)
        except TimeoutError:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._ended()

    async def _ended(self) -> int:
        assert self._process is not None
        status = await self._process.wait()
        await asyncio.wait(self._readers, timeout=1.0)
        return status

    def _remember(self, line: str) -> None:
        self._last_line = line

    async def _read(self, stream: asyncio.StreamReader, log: BinaryIO, on_line: Callable[[str], None]) -> None:
        while chunk := await _line_of(stream):
            log.write(chunk)
            log.flush()
            if line := chunk.decode(errors="replace").strip():
                on_line(line)


async def _line_of(stream: asyncio.StreamReader) -> bytes:
    """A line, or what there is of one that is too long for the buffer."""
    try:
        return await stream.readuntil(b"\n")
    except asyncio.IncompleteReadError as end:
        return end.partial
    except asyncio.LimitOverrunError as overrun:
        return await stream.read(overrun.consumed)


def _open_log(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".old.log"))
    return path.open("ab")


def _die_with_parent() -> None:
    """Runs in the child: if we are killed outright, nobody is left behind."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGTERM)
