"""`journeyman up`: everything that Journeyman needs, as child processes that are watched and started again.

With Slack tokens these are the worker and the bot; without, a sandbox workspace stands in for Slack.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from bot.child import Child, Failed
from bot.failures import describe
from bot.sandbox.workspace import APP_TOKEN, BOT_TOKEN
from core.errors import JourneymanError, Misconfigured
from core.records.database import migrate
from core.settings import Settings

READY_S = 180.0
"""The first start may have to read models from a cold disk."""

_EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def up() -> None:
    """Start Journeyman and stay up: in Slack if the tokens are set, else in a sandbox on this machine."""
    try:
        status = asyncio.run(_up(Settings()))
    except KeyboardInterrupt:  # pressed before there was anything to stop
        status = 130
    if status:
        raise SystemExit(status)


async def _up(settings: Settings) -> int:
    stopping = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stopping.set)
    household = _Household(settings)
    living = asyncio.create_task(household.live())
    asked_to_stop = asyncio.create_task(stopping.wait())
    await asyncio.wait([living, asked_to_stop], return_when=asyncio.FIRST_COMPLETED)
    status = 0
    try:
        if living.done():
            living.result()
    except (Failed, JourneymanError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command talks to whoever started it
        status = 1
    except Exception as error:  # noqa: BLE001 - the record, for one, may be out of reach in many ways
        print(f"Journeyman could not start: {describe(error)}", file=sys.stderr)  # noqa: T201 - the same
        status = 1
    living.cancel()
    asked_to_stop.cancel()
    await household.stop()
    return status


class _Household:
    """The processes of one Journeyman."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._logs = settings.data_dir / "logs"
        self._environment = dict(os.environ)
        self._children: list[Child] = []

    async def live(self) -> None:
        """Start all and watch them. Raises Failed, or a JourneymanError, when it cannot start."""
        settings = self._settings
        if bool(settings.slack_bot_token.get_secret_value()) != bool(settings.slack_app_token.get_secret_value()):
            raise Misconfigured("Set both SLACK_BOT_TOKEN and SLACK_APP_TOKEN, or neither to start the sandbox.")
        await asyncio.to_thread(migrate, settings.database)
        where = "" if settings.has_slack_tokens else await self._start_sandbox()
        worker, bot = self._child("worker", "-m", "core.worker"), self._child("bot", "-m", "bot")
        await worker.start()
        joined = await bot.start_and_await("Joined ", READY_S)
        print(f"Journeyman is ready: open {where}" if where else f"{joined}: Journeyman is ready", flush=True)  # noqa: T201 - the same
        await asyncio.gather(*(child.watch() for child in self._children))

    async def stop(self) -> None:
        """Stop all: the bot first, which has replies to finish, and the workspace last."""
        for child in reversed(self._children):
            if child.name != "sandbox":
                child.ask_to_stop()
        for child in reversed(self._children):
            await child.stop()

    async def _start_sandbox(self) -> str:
        settings = self._settings
        arguments = ["-m", "bot.sandbox", "--port", str(settings.sandbox_port)]
        arguments += ["--state", str(settings.data_dir / "sandbox")]
        if (_EXAMPLES / "workspace.json").is_file():
            arguments += ["--seed", str(_EXAMPLES)]
        sandbox = self._child("sandbox", *arguments)
        said = await sandbox.start_and_await("Sandbox workspace at ", READY_S)
        address = said.removeprefix("Sandbox workspace at ").strip()
        # Slack's policy on training does not reach a workspace on this machine, so the whole loop may be tried here.
        self._environment.setdefault("TRAINING_ENABLED", "true")
        self._environment |= {
            "SLACK_API_URL": f"{address}/api/",
            "SLACK_BOT_TOKEN": os.environ.get("SANDBOX_BOT_TOKEN", BOT_TOKEN),
            "SLACK_APP_TOKEN": os.environ.get("SANDBOX_APP_TOKEN", APP_TOKEN),
        }
        return address

    def _child(self, name: str, *arguments: str) -> Child:
        child = Child(name, [sys.executable, *arguments], self._environment, self._logs / f"{name}.log")
        self._children.append(child)
        return child


if __name__ == "__main__":
    up()
