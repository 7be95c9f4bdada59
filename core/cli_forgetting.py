"""`journeyman forget`: something is forgotten at once, or everything is searched for what is left of it."""

import re
import time
from pathlib import Path
from typing import Annotated

import typer

from core.bootstrap import Services
from core.curation.forget_requests import forget_document, forget_file, forget_message, forget_person
from core.curation.traces import Trace, traces_of
from core.errors import JourneymanError
from core.knowledge.ingesting import present_workspace
from core.knowledge.workers import this_worker

LONGEST_WAIT_S = 600.0

_MESSAGE = re.compile(r"^(?P<channel>[CDG][A-Z0-9]+):(?P<ts>\d+\.\d+)$")
_PERMALINK = re.compile(r"/archives/(?P<channel>[CDG][A-Z0-9]+)/p(?P<seconds>\d+)(?P<rest>\d{6})")

What = Annotated[
    str,
    typer.Argument(
        help="A message's link or CHANNEL:TS, a file's id (F…), a person's (U…) or the path of an ingested file; "
        "with --check any id or text."
    ),
]
Check = Annotated[bool, typer.Option("--check", help="Forget nothing; list every place where it still stands.")]


def forget_now(services: Services, what: str) -> None:
    """Forget this everywhere before returning. Raises JourneymanError when it was never heard of."""
    workspace_id = present_workspace(services.record)
    if found := _MESSAGE.match(what) or _PERMALINK.search(what):
        named = found.groupdict()
        ts = named.get("ts") or f"{named['seconds']}.{named['rest']}"
        forget_message(services.record, workspace_id, named["channel"], ts)
    elif re.fullmatch(r"F[A-Z0-9]+", what):
        forget_file(services.record, workspace_id, what)
    elif re.fullmatch(r"[UW][A-Z0-9]+", what):
        forget_person(services.record, workspace_id, what)
    else:
        forget_document(services.record, workspace_id, Path(what))
    _see_through(services)


def check(services: Services, sought: str) -> list[Trace]:
    """Every trace of this id or text."""
    return traces_of(sought, services.record, services.store, [services.settings.data_dir.resolve()])


def _see_through(services: Services) -> None:
    """Do the worker's part until nothing is left to forget; a worker that runs beside does no harm."""
    deadline = time.monotonic() + LONGEST_WAIT_S
    while time.monotonic() < deadline:
        services.forgetting.carry_out()
        services.indexer.index_everything(this_worker())
        services.forgetting.erase()
        with services.record() as work:
            if not work.tombstones.any_undone():
                return
        time.sleep(0.5)
    raise JourneymanError(
        "It is forgotten, and no answer quotes it any more, but it is not off the disk yet: a training run that began "
        "before may still read it. The worker goes on; look again with `journeyman forget --check`."
    )
