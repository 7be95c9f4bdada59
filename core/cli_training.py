"""`journeyman train`, `runs`, `promote`, `rollback`, `advise`: nights of training at a terminal."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from time import sleep
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from core.bootstrap import Services
from core.errors import Busy
from core.knowledge.ingesting import present_workspace
from core.records.examples import ExampleState
from core.records.runs import RunState, TrainingRun
from core.training.advice import advise as advise_from
from core.training.advice import before_any_run
from core.training.asking import active_run, ask_for_run, past_runs

POLL_S = 0.25
BY = "command line"

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
Limit = Annotated[int, typer.Option(min=1, help="How many, newest first.")]
AdapterId = Annotated[str, typer.Argument(help="An adapter's id, as `journeyman runs` lists it.")]


def add_training_commands(app: typer.Typer, open_services: Callable[[], Services], screen: Console) -> None:
    """Add the commands; `open_services` opens Journeyman for the length of one."""

    @app.command()
    def train() -> None:
        """Train now on the approved answers, or go on with the run under way; Ctrl-C leaves it to the worker."""
        with _opened(open_services) as services:
            services.require_trainable()
            under_way = active_run(services.record)
            run = under_way or ask_for_run(services.record, services.settings, BY)
            ended = _see_through(services, run.id, screen)
            print(ended.reason)
        if ended.state is RunState.FAILED:
            raise typer.Exit(1)

    @app.command()
    def runs(limit: Limit = 10, as_json: AsJson = False) -> None:
        """List training runs with their verdicts."""
        with _opened(open_services) as services:
            listed = past_runs(services.record, limit)
            serving = _serving(services)
        if as_json:
            print(json.dumps({"serving": serving, "runs": [_as_json(run) for run in listed]}))
            return
        for run in listed:
            print(f"{run.started_at:%Y-%m-%d %H:%M}  {run.state.value:<10} {run.adapter_id or run.id}  {run.reason}")
        if not listed:
            print("There was no run yet.")
        print(f"{serving or 'The base model'} serves now.")

    @app.command()
    def promote(adapter: AdapterId) -> None:
        """Let this adapter serve, after it was checked."""
        with _opened(open_services) as services:
            services.let_serve(adapter, BY)
        print(f"{adapter} serves now.")

    @app.command()
    def rollback(adapter: Annotated[str, typer.Argument(help="Which; without one, what served before.")] = "") -> None:
        """Let an earlier adapter serve again, or the base model where there is none."""
        with _opened(open_services) as services:
            if adapter:
                services.let_serve(adapter, BY)
            serving = adapter or services.roll_back(BY)
        print(f"{serving or 'The base model'} serves now.")

    @app.command()
    def advise(as_json: AsJson = False) -> None:
        """RAG, fine-tuning or both? What the last run measured on this team's own questions."""
        with _opened(open_services) as services:
            here = present_workspace(services.record)
            with services.record() as work:
                last, approved = work.runs.last_trained(), work.examples.count(here, ExampleState.APPROVED)
        told = advise_from(last.figures, last.held_out) if last else before_any_run(approved)
        if as_json:
            print(json.dumps({"headline": told.headline, "lines": told.lines, "run": last.id if last else ""}))
            return
        print("\n".join([told.headline, *(f"  {line}" for line in told.lines)]))


@contextmanager
def _opened(open_services: Callable[[], Services]) -> Iterator[Services]:
    services = open_services()
    try:
        yield services
    finally:
        services.close()


def _see_through(services: Services, run_id: str, screen: Console) -> TrainingRun:
    """Work on the run, or watch the worker that does, until it has ended. Raises Busy when Ctrl-C leaves it."""
    working = Thread(target=lambda: _work_until_ended(services, run_id), daemon=True)
    working.start()
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[told]}"), TimeRemainingColumn()
    try:
        with Progress(*columns, console=screen) as progress:
            task = progress.add_task("", total=None, told="")
            while not (run := _get(services, run_id)).ended:
                loss = f"step {run.step} of {run.of_steps}" if run.of_steps else ""
                loss += f", loss {run.loss:.2f}" if run.loss is not None and run.of_steps else ""
                of = run.of_steps or None
                progress.update(task, description=run.state.value, completed=run.step, total=of, told=loss)
                sleep(POLL_S)
            progress.update(task, description=run.state.value, completed=1, total=1, told="")
        working.join()
    except KeyboardInterrupt:
        services.leaving.set()
        working.join()
        raise Busy("Left as it stands. The worker goes on with it; `journeyman train` does, too.") from None
    return run


def _work_until_ended(services: Services, run_id: str) -> None:
    """Take the run whenever nobody holds it."""
    while not services.leaving.is_set() and not _get(services, run_id).ended:
        if services.school.resume() is None:
            sleep(POLL_S)


def _serving(services: Services) -> str:
    """The adapter that serves; empty for the base model."""
    with services.record() as work:
        live = work.adapters.live()
    return live.id if live else ""


def _get(services: Services, run_id: str) -> TrainingRun:
    with services.record() as work:
        run = work.runs.get(run_id)
    assert run is not None
    return run


def _as_json(run: TrainingRun) -> dict[str, Any]:
    names = ("id", "night", "asked_by", "reason", "adapter_id", "data_set", "examples", "new_examples", "held_out")
    told = {name: getattr(run, name) for name in names}
    ended = run.ended_at.isoformat() if run.ended_at else None
    return told | {"state": run.state.value, "started_at": run.started_at.isoformat(), "ended_at": ended}
