"""kill −9 of trainer, worker and bot at random points of a night: it still ends, whole, told once, with nothing lost.

`RETRAIN_KILLS=10` goes through ten such nights, so that each of the three dies at ten points; without it there is one.
"""

import os
import random
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.manifest import read_manifest
from core.bootstrap import build_services
from core.records.runs import RunState
from core.training.adapters import validate
from core.training.asking import ask_for_run
from core.training.nightly import NightSchool
from core.training.run_folder import RunFolder
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.trainer import FakeTrainer
from tests.nights import quick_recipe
from tests.slack.night_school import (
    NIGHT,
    PATIENCE,
    TEAM,
    add_team,
    admin_of,
    approved,
    direct,
    last_run,
    live,
    report,
    runs,
    worker_process,
)
from tests.slack.sandbox_fixtures import running_sandbox, until
from tests.slack.test_crashes import Process
from tests.slack.workplace import Workplace, settings_for

pytestmark = pytest.mark.timeout(1200)

VICTIMS = ("trainer", "worker", "bot")
NIGHTS = int(os.environ.get("RETRAIN_KILLS", "1"))
STATES = (RunState.FREEZING, RunState.TRAINING, RunState.EVALUATING, RunState.DECIDING)
LATEST_STEP = {RunState.TRAINING: 20, RunState.EVALUATING: 60}
"""Steps that these states come to at least, give or take."""


class Night:
    """A workplace with the bot and the worker as processes of their own, and one run that somebody asked for."""

    def __init__(self, place: Workplace, bot: Process) -> None:
        self.place, self.bot = place, bot
        self.worker = worker_process(place)

    async def kill(self, victim: str) -> None:
        """And start it again, as whoever runs Journeyman does."""
        if victim == "bot":
            await self.bot.kill()
            await self.bot.start()
        elif victim == "worker":
            self.worker.kill()
            self.worker.wait()
            self._a_minute_later()
            self.worker = worker_process(self.place)
        else:
            kill_trainer(last_run(self.place).id)

    def end(self) -> None:
        self.worker.terminate()
        try:
            assert self.worker.wait(60) == 0
        finally:
            self.worker.kill()

    def _a_minute_later(self) -> None:
        """The dead worker's hold has run out."""
        with self.place.services.record() as work:
            run = work.runs.active()
            if run is not None:
                run.held_until = None
            work.commit()


def kill_trainer(run_id: str) -> None:
    """kill −9 for whichever processes work on the run, if there are any just now."""
    found = subprocess.run(
        ["pgrep", "-f", f"core.training.*--run {run_id}"], capture_output=True, text=True, check=False
    )
    for number in found.stdout.split():
        os.kill(int(number), signal.SIGKILL)


@asynccontextmanager
async def at_work(folder: Path, base: Path) -> AsyncIterator[Night]:
    async with running_sandbox(ack_timeout=3.0, manifest=read_manifest()) as sandbox:
        chosen: dict[str, Any] = {
            "training_enabled": True,
            "recipe": quick_recipe(folder),
            "language_model": "phi3",
            "phi3_model": str(base),
        }
        settings = settings_for(sandbox, folder, **chosen)
        services = build_services(settings)
        services.migrate()
        services.__dict__["embedder"] = FakeEmbedder(1024)
        told = {"TRAINING_ENABLED": "true", "LANGUAGE_MODEL": "phi3", "PHI3_MODEL": str(base)}
        bot = Process(sandbox, folder, 0.0, RECIPE=settings.recipe, **told)
        await bot.start()
        night = Night(Workplace(sandbox, services, settings), bot)
        try:
            yield night
        finally:
            night.worker.kill()
            if bot.process.returncode is None:
                await bot.kill()
            services.close()


@pytest.mark.parametrize("number", range(NIGHTS))
async def test_a_night_with_three_kills_still_ends(tmp_path: Path, tiny_base: Path, number: int) -> None:
    async with at_work(tmp_path, tiny_base) as night:
        place = night.place
        admin = admin_of(place)
        add_team(place.services.record, place.workspace_id)
        # As `/retrain` does: a bot that has just started may not hear a command within three seconds.
        ask_for_run(place.services.record, place.settings, place.sandbox.person(admin).id, place.channel_id("general"))
        for state, step, victim in points(random.Random(number)):
            await until(partial(has_come_to, place, state, step), NIGHT)
            print(f"night {number}: {victim} dies at {state} {step}")
            await night.kill(victim)
        await until(lambda: stands(place) and last_run(place).ended, NIGHT)

        run = last_run(place)
        assert run.state is RunState.PROMOTED, run.reason
        assert len(runs(place)) == 1
        assert live(place) == run.adapter_id
        fitted = RunFolder(place.settings.runs_dir / run.id).fitted()
        assert fitted is not None
        steps = [step for step, _ in fitted.losses]
        assert steps == list(range(1, steps[-1] + 1)), "a step was lost, or taken twice"
        assert approved(place) == TEAM
        await until(lambda: last_run(place).reported_at, PATIENCE)
        said = [each for each in place.said_by_bot(place.channel_id("general")) if run.reason in each["text"]]
        assert len(said) == 1, "one progress message, and it tells the end"
        told = [each for each in direct(place, admin) if "adapter + RAG" in str(each.get("blocks"))]
        assert len(told) == 1
        assert report(place, admin) is not None
        night.end()  # the worker would go for the next run too
        next_night(place)


def points(luck: random.Random) -> list[tuple[RunState, int, str]]:
    """Where in the night each of the three dies, in order. A trainer lives only while it trains or examines."""
    chosen = []
    for victim in VICTIMS:
        state = luck.choice(STATES[1:3] if victim == "trainer" else STATES)
        chosen.append((state, luck.randrange(LATEST_STEP.get(state, 1)), victim))
    return sorted(chosen, key=lambda point: (STATES.index(point[0]), point[1]))


def has_come_to(place: Workplace, state: RunState, step: int) -> bool:
    """Whether the run is there, or past it."""
    run = last_run(place)
    if run.ended:
        return True
    here = STATES.index(run.state)
    return here > STATES.index(state) or (run.state is state and run.step >= step)


def stands(place: Workplace) -> bool:
    """At every moment what is promoted is whole, and nothing is promoted that was not decided on."""
    with place.services.record() as work:
        serving = work.adapters.live()
        run = work.runs.latest(1)[0]
    if serving is not None:
        assert run.state is RunState.PROMOTED
        assert run.adapter_id == serving.id
        validate(place.settings.adapters_dir / serving.id, Path(place.settings.phi3_model))
    return True


def next_night(place: Workplace) -> None:
    """The night after comes to its verdict, on all that was approved."""
    settings = place.settings.model_copy(update={"min_new_examples": 1})
    services = place.services
    trainer = FakeTrainer(services.record, settings)
    school = NightSchool(services.record, settings, trainer, services._approved, services.embedder.embed_passages)
    run = school.run_now("tests")
    assert run is not None
    assert run.state is RunState.PROMOTED, run.reason
    assert run.examples + run.held_out == TEAM
