"""`python -m bot.sandbox`: runs a Slack workspace on localhost until Ctrl-C or SIGTERM."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

from bot.sandbox.context import Options
from bot.sandbox.seed import SeedError
from bot.sandbox.server import Sandbox
from bot.sandbox.snapshot import SnapshotError
from bot.sandbox.workspace import APP_TOKEN, BOT_TOKEN


def main(arguments: list[str] | None = None) -> int:
    """Runs until stopped; returns the exit status: 1 with a plain sentence on stderr when it cannot start."""
    options = _parse(arguments)
    try:
        return asyncio.run(_serve(options))
    except (SeedError, SnapshotError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command talks to whoever started it
    except OSError as error:
        print(f"Cannot listen on {options.host}:{options.port}: {error.strerror}.", file=sys.stderr)  # noqa: T201 - the same
    return 1


async def _serve(options: Options) -> int:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stopping.set)
    sandbox = Sandbox(options)
    await sandbox.start()
    try:
        print(f"Sandbox workspace at {sandbox.url}", flush=True)  # noqa: T201 - the same
        await stopping.wait()
    finally:
        await sandbox.stop()
    return 0


def _parse(arguments: list[str] | None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description=__doc__)
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--public-url", help="the address under which browsers and the bot reach it, if another one")
    parser.add_argument("--port", type=int, default=8555, help="0 picks a free one")
    parser.add_argument("--state", type=Path, help="a folder that keeps the workspace from run to run")
    parser.add_argument("--seed", type=Path, help="a folder with workspace.json to begin with")
    parser.add_argument("--bot-token", default=os.environ.get("SANDBOX_BOT_TOKEN", BOT_TOKEN))
    parser.add_argument("--app-token", default=os.environ.get("SANDBOX_APP_TOKEN", APP_TOKEN))
    parser.add_argument("--ack-timeout", type=float, default=3.0, help="seconds before an event is sent again")
    parsed = parser.parse_args(arguments)
    return Options(
        host=parsed.host,
        port=parsed.port,
        public_url=parsed.public_url,
        state=parsed.state,
        seed=parsed.seed,
        bot_token=parsed.bot_token,
        app_token=parsed.app_token,
        ack_timeout=parsed.ack_timeout,
    )


if __name__ == "__main__":
    sys.exit(main())
