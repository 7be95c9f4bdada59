"""What tests of `/retrain` share: a team that approved answers, the command, the worker, and what people were told."""

import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from core.bootstrap import Services
from core.records.examples import ExampleOrigin, ExampleSource, ExampleState, TrainingExample
from core.records.runs import TrainingRun
from core.records.unit_of_work import Record
from tests.fakes.embedder import FakeEmbedder
from tests.nights import quick_recipe
from tests.slack.sandbox_fixtures import page_of
from tests.slack.workplace import Workplace, workplace

NIGHT = 420.0
"""Seconds that a run may take on a busy machine."""
PATIENCE = 90.0
"""Seconds for everything else."""
TEAM = 130
NEVER = "0 0 29 2 *"
"""A schedule that asks for no run of its own: the worker would catch up on last night's."""
WORKER = """
import sys
from core import worker
from core.knowledge.embedders import choosing
from tests.fakes.embedder import FakeEmbedder
choosing.MiniLM = lambda: FakeEmbedder(1024)
sys.exit(worker.main())
"""
"""The real worker, whose embedder takes invented words for different ones."""


def word(luck: random.Random) -> str:
    return "".join(luck.choice("bdfgklmnprstvz") + luck.choice("aeiou") for _ in range(3))


def add_team(record: Record, workspace_id: str) -> None:
    """What the team approved before today."""
    luck = random.Random(3)
    with record() as work:
        for number in range(TEAM):
            one, two, three, four = (word(luck) for _ in range(4))
            said = f"{one.capitalize()} {two} runs at {number} bar near {three} {four}."
            example = TrainingExample(
                id=f"team-{number}",
                workspace_id=workspace_id,
                origin=ExampleOrigin.TAUGHT,
                state=ExampleState.APPROVED,
                channel_id="C1",
                thread=f"C1:{number}",
                audience="public",
                question=f"{one} {two} {three} {four}?",
                answer=f"{said[:-1]} [1].",
                proposed_by="U1",
            )
            example.sources = [
                ExampleSource(
                    marker=1, passage_id=f"p{number}", document_id=f"d{number}", audience="public", name="#x", text=said
                )
            ]
            work.examples.add(example)
        work.commit()


@contextmanager
def watching(services: Services) -> Iterator[None]:
    """The worker's lane of training, in a thread."""

    def watch() -> None:
        while not services.leaving.wait(0.1):
            services.night_watch.look()

    lane = Thread(target=watch)
    lane.start()
    try:
        yield
    finally:
        services.leaving.set()
        lane.join(60)


@asynccontextmanager
async def school(folder: Path, base: Path | None, **settings: Any) -> AsyncIterator[Workplace]:
    chosen = {"training_enabled": True, "training_cron": NEVER, "recipe": quick_recipe(folder), "answer_max_tokens": 16}
    chosen |= settings
    if base is not None:
        chosen |= {"language_model": "phi3", "phi3_model": str(base)}
    async with workplace(folder, FakeEmbedder(1024), settings=chosen, ack_timeout=PATIENCE) as place:
        yield place


async def retrain(place: Workplace, name: str, text: str = "", channel: str = "general") -> str:
    """What the command answers to this person alone."""
    async with page_of(place.sandbox, name) as page:
        given = await page.post("command", channel_id=place.channel_id(channel), command="/retrain", text=text)
        assert given["ok"], given
        told = await page.told("ephemeral", PATIENCE)
        return str(told["message"]["text"])


def admin_of(place: Workplace) -> str:
    return next(person.name for person in place.sandbox.workspace.people.values() if person.is_admin)


def other_than(place: Workplace, name: str) -> str:
    people = place.sandbox.workspace.people.values()
    return next(person.name for person in people if not person.is_admin and person.name != name)


def last_run(place: Workplace) -> TrainingRun:
    with place.services.record() as work:
        return work.runs.latest(1)[0]


def runs(place: Workplace) -> list[TrainingRun]:
    with place.services.record() as work:
        return work.runs.latest(10)


def approved(place: Workplace) -> int:
    with place.services.record() as work:
        return work.examples.count(place.workspace_id, ExampleState.APPROVED)


def live(place: Workplace) -> str:
    with place.services.record() as work:
        adapter = work.adapters.live()
    return adapter.id if adapter else ""


def direct(place: Workplace, name: str) -> list[dict[str, Any]]:
    person = place.sandbox.person(name).id
    return [
        message
        for channel in place.sandbox.workspace.channels.values()
        if channel.id.startswith("D") and person in channel.members
        for message in channel.messages.values()
        if message.get("user") == place.sandbox.workspace.app.bot_user_id
    ]


def report(place: Workplace, name: str) -> dict[str, Any] | None:
    return next((each for each in direct(place, name) if "adapter + RAG" in str(each.get("blocks"))), None)


def pictures(place: Workplace, name: str) -> list[str]:
    return [file["name"] for each in direct(place, name) for file in each.get("files") or ()]


def worker_process(place: Workplace) -> subprocess.Popen[bytes]:
    """The worker, started."""
    settings = place.settings
    told = {
        "DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database,
        "TRAINING_ENABLED": "true",
        "TRAINING_CRON": NEVER,
        "LANGUAGE_MODEL": "phi3",
        "PHI3_MODEL": settings.phi3_model,
        "RECIPE": settings.recipe,
    }
    return subprocess.Popen([sys.executable, "-c", WORKER], env=os.environ | told)
