"""`/retrain` in the sandbox: who may, what is missing where nothing can be trained, and a run that is stopped."""

import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from bot.views import training as view
from core.bootstrap import Services
from core.records.examples import ExampleOrigin, ExampleSource, ExampleState, TrainingExample
from core.records.runs import RunState, TrainingRun
from tests.fakes.embedder import FakeEmbedder
from tests.nights import quick_recipe
from tests.slack.sandbox_fixtures import page_of, until
from tests.slack.workplace import Workplace, workplace

pytestmark = pytest.mark.timeout(300)

NIGHT = 200.0
"""Seconds that a run may take on a busy machine."""
TEAM = 130


def word(luck: random.Random) -> str:
    return "".join(luck.choice("bdfgklmnprstvz") + luck.choice("aeiou") for _ in range(3))


def add_team(services: Services, workspace_id: str) -> None:
    """What the team approved before today."""
    luck = random.Random(3)
    with services.record() as work:
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
    chosen = {"training_enabled": True, "recipe": quick_recipe(folder), "answer_max_tokens": 16, **settings}
    if base is not None:
        chosen |= {"language_model": "phi3", "phi3_model": str(base)}
    async with workplace(folder, FakeEmbedder(1024), settings=chosen) as place:
        yield place


async def retrain(place: Workplace, name: str, text: str = "", channel: str = "general") -> str:
    """What the command answers to this person alone."""
    async with page_of(place.sandbox, name) as page:
        assert (await page.post("command", channel_id=place.channel_id(channel), command="/retrain", text=text))["ok"]
        told = await page.told("ephemeral", 30)
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


def live(place: Workplace) -> str:
    with place.services.record() as work:
        adapter = work.adapters.live()
    return adapter.id if adapter else ""


async def test_only_admins_and_only_where_there_is_something_to_train(tmp_path: Path) -> None:
    async with school(tmp_path, None) as place:
        admin = admin_of(place)
        for text in ("", "stop", "rollback", "history", "status"):
            assert await retrain(place, other_than(place, admin), text) == view.ONLY_ADMINS
        told = await retrain(place, admin)
        assert "PHI3_MODEL" in told
        assert runs(place) == []
        assert await retrain(place, admin, "stop") == view.NOTHING_TO_STOP
        assert await retrain(place, admin, "what?") == view.HOW_TO
        assert "base model serves already" in await retrain(place, admin, "rollback")
        assert "no adapter nonsense" in await retrain(place, admin, "rollback nonsense")


async def test_switched_off_it_says_so(tmp_path: Path) -> None:
    async with school(tmp_path, None, training_enabled=False) as place:
        assert "TRAINING_ENABLED=true" in await retrain(place, admin_of(place))
        assert runs(place) == []


async def test_a_run_is_stopped_and_what_serves_stays(tmp_path: Path, tiny_base: Path) -> None:
    async with school(tmp_path, tiny_base) as place:
        add_team(place.services, place.workspace_id)
        admin = admin_of(place)
        assert await retrain(place, admin) == view.BEGUN
        assert "Collecting" in await retrain(place, admin, "status")
        assert await retrain(place, admin, "stop") == view.STOPPING
        with watching(place.services):
            await until(lambda: last_run(place).ended, NIGHT)
        assert last_run(place).state is RunState.STOPPED
        assert live(place) == ""
        await until(lambda: last_run(place).reported_at, 30)
