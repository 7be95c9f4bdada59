"""`python -m bot`: joins the workspace that the tokens belong to and serves it until SIGTERM or Ctrl-C."""

import asyncio
import logging
import os
import signal
import sys

from bot.failures import describe
from bot.parts import Parts
from bot.serving import serving
from core.bootstrap import build_services
from core.errors import JourneymanError, Misconfigured
from core.logs import start_logging
from core.settings import Settings

log = logging.getLogger(__name__)


def main() -> int:
    """Serve; the exit status is 0 after a stop, 1 with one plain sentence when the bot cannot join."""
    settings = Settings()
    start_logging("bot", settings.log_level)
    # Settings hold the tokens now. Bolt would warn about them, and child processes have no use for them.
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"):
        os.environ.pop(name, None)
    try:
        asyncio.run(_serve(settings))
    except JourneymanError as error:
        print(error.sentence, file=sys.stderr)  # noqa: T201 - a command talks to whoever started it
        return 1
    except Exception as error:  # noqa: BLE001 - nobody is helped by a traceback, which may hold what people wrote
        print(f"The bot ended: {describe(error)}", file=sys.stderr)  # noqa: T201 - the same
        return 1
    return 0


async def _serve(settings: Settings) -> None:
    if not settings.has_slack_tokens:
        raise Misconfigured("Set SLACK_BOT_TOKEN and SLACK_APP_TOKEN, or start the sandbox with: journeyman up")
    stopping = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stopping.set)
    services = build_services(settings)
    try:
        services.migrate()
        async with serving(settings, services) as parts:
            print(f"Joined {parts.me.workspace_name}", flush=True)  # noqa: T201 - the same
            warming = asyncio.create_task(_warm_up(parts))
            await stopping.wait()
            warming.cancel()
    finally:
        services.close()


async def _warm_up(parts: Parts) -> None:
    """Load now what the first question would have to wait for."""
    try:
        await parts.bridge.run(parts.services.retrieval.warm_up)
    except JourneymanError as error:
        log.error("%s", error.sentence)


if __name__ == "__main__":
    status = main()
    logging.shutdown()
    sys.stdout.flush()
    # A thread that hangs in a model or a network would hold an ordinary exit up; everything worth keeping is kept.
    os._exit(status)
