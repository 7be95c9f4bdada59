"""`journeyman tour`: what a newcomer would try, done and checked in a sandbox of its own; prints the transcript."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from pydantic import SecretStr
from rich.console import Console

from bot.touring.steps import Tour, TourFailed
from bot.touring.visitor import all_delivered, visitors
from core.bootstrap import build_services
from core.errors import JourneymanError
from core.records.base import utc_now
from core.records.unit_of_work import Record
from core.settings import Settings

FINDABLE_S = 180.0
_NOT_FOR_THE_SANDBOX = {"slack_bot_token", "slack_app_token", "slack_api_url", "data_dir", "database_url"}


def tour(
    files: Annotated[Path | None, typer.Option(help="A folder of your own to upload as well.")] = None,
    ask: Annotated[str | None, typer.Option(help="A question of your own, asked at the end.")] = None,
) -> None:
    """Walk through Journeyman without a browser: post, upload, ask, press 👍, edit, delete, ask again."""
    screen = Console(highlight=False, soft_wrap=True)
    try:
        with (
            TemporaryDirectory(prefix="journeyman-tour-") as folder,
            _journeyman(Path(folder), screen) as (url, record),
        ):
            walk = Tour(visitors(url), screen, lambda: _until_findable(url, record, screen))
            walk.walk()
            if files is not None:
                walk.share_folder(files)
            if ask is not None:
                walk.ask_anything(ask)
    except JourneymanError as error:
        screen.print(f"\n[bold red]The tour stopped:[/] {error.sentence}")
        raise typer.Exit(1) from None
    screen.print("\n[bold green]Everything was as it must be.[/] Try it yourself: make run")


@contextmanager
def _journeyman(folder: Path, screen: Console) -> Iterator[tuple[str, Record]]:
    """A whole Journeyman with its own sandbox and data; gives the page's address and the record."""
    with screen.status("Starting a sandbox, a worker and the bot …"):
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.up"],
            cwd=folder,  # away from any .env, whose tokens would lead to a real workspace
            env=_environment(folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        said = process.stdout.readline().strip()
    services = build_services(Settings(_env_file=None, data_dir=folder / "data", database_url=""))
    try:
        if "open http" not in said:
            raise TourFailed(f"Journeyman did not start. It said: {said or 'nothing'}")
        yield said.rpartition("open ")[2], services.record
    finally:
        services.close()
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
        process.stdout.close()


def _environment(folder: Path) -> dict[str, str]:
    """The reader's own settings, such as their language model, but a workspace and a data folder of the tour's own."""
    given = Settings()
    chosen = {
        name.upper(): value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name in given.model_fields_set - _NOT_FOR_THE_SANDBOX
        if (value := getattr(given, name)) is not None
    }
    inherited = {name: value for name, value in os.environ.items() if name.lower() not in _NOT_FOR_THE_SANDBOX}
    return inherited | chosen | {"DATA_DIR": str(folder / "data"), "SANDBOX_PORT": "0"}


def _until_findable(url: str, record: Record, screen: Console) -> None:
    """Wait until everything that was said and shared so far is delivered, handled, downloaded and indexed."""
    started = time.monotonic()
    while time.monotonic() - started < FINDABLE_S:
        if all_delivered(url) and not _work_left(record):
            screen.print(f"  [dim]findable after {time.monotonic() - started:.1f} s[/]")
            return
        time.sleep(0.1)
    raise TourFailed(f"What was posted was not findable after {FINDABLE_S:.0f} seconds.")


def _work_left(record: Record) -> bool:
    now = utc_now()
    with record() as work:
        return bool(
            work.heard_events.unhandled(now, 1_000) or work.files.wanted(now, 1_000) or work.documents.count_due()
        )
