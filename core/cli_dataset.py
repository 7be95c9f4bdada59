"""`journeyman dataset`: freeze what people approved, look at it, hand it to another trainer."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from core.bootstrap import Services
from core.curation.frozen_set import FORGOTTEN, FrozenSet, Split, load, save
from core.errors import Misconfigured
from core.knowledge.ingesting import present_workspace
from core.records.examples import ExampleState
from core.training.exporting import chats
from core.training.recipes import load_recipe

Name = Annotated[str, typer.Argument(help="The set's name, or the beginning of it; without one the newest.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
Side = Annotated[Split, typer.Option(help="Which side of the split.")]
Out = Annotated[Path | None, typer.Option(help="A file to write to; without one the lines are printed.")]
Distractors = Annotated[int | None, typer.Option(min=0, help="Passages beside the right ones; default: the recipe's.")]
ClosedBook = Annotated[
    float | None,
    typer.Option(min=0, max=1, help="Share of examples that come a second time without passages; default: likewise."),
]
Seed = Annotated[int | None, typer.Option(help="Chooses order and distractors; default: the recipe's.")]


def dataset_commands(open_services: Callable[[], Services]) -> typer.Typer:
    """The group of commands; `open_services` opens Journeyman for the length of one."""
    commands = typer.Typer(no_args_is_help=True, help="What Journeyman learns from: frozen, shown, exported.")

    @commands.command()
    def freeze(as_json: AsJson = False) -> None:
        """Freeze the approved examples as a data set that never changes."""
        with _opened(open_services) as services:
            frozen_set = services.freeze(present_workspace(services.record)).frozen_set
            path = save(frozen_set, services.settings.datasets_dir) if frozen_set.examples else None
            _print(_summary(services, frozen_set, path), as_json)

    @commands.command()
    def show(name: Name = "", as_json: AsJson = False) -> None:
        """Say what is in a frozen set, and what was left out and why."""
        with _opened(open_services) as services:
            path = _path_of(services, name)
            _print(_summary(services, load(path), path), as_json)

    @commands.command()
    def export(
        name: Name = "",
        side: Side = Split.TRAIN,
        out: Out = None,
        distractors: Distractors = None,
        closed_book: ClosedBook = None,
        seed: Seed = None,
    ) -> None:
        """Write a frozen set as chats (JSON lines with `messages`), for TRL, Axolotl and the like."""
        with _opened(open_services) as services:
            recipe = load_recipe(services.settings.recipe)
            chosen = {"distractors": distractors, "closed_book": closed_book, "replay": 0.0}
            part = recipe.data.model_copy(update={key: value for key, value in chosen.items() if value is not None})
            lines = chats(load(_path_of(services, name)), side, part, recipe.training.seed if seed is None else seed)
            _write(lines, out)

    return commands


@contextmanager
def _opened(open_services: Callable[[], Services]) -> Iterator[Services]:
    services = open_services()
    try:
        yield services
    finally:
        services.close()


def _path_of(services: Services, name: str) -> Path:
    """The file of the set with this name. Raises Misconfigured when there is none, or more than one."""
    folder = services.settings.datasets_dir
    found = sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime)
    named = [path for path in found if path.stem.startswith(name)] if name else found[-1:]
    if len(named) != 1:
        problem = f"There is no data set {name}".rstrip() if not named else f"Several data sets begin with {name}"
        known = ", ".join(path.stem for path in found) or "none: make one with `journeyman dataset freeze`"
        raise Misconfigured(f"{problem}. Known: {known}.")
    return named[0]


def _summary(services: Services, frozen_set: FrozenSet, path: Path | None) -> dict[str, Any]:
    workspace_id = present_workspace(services.record)
    with services.record() as work:
        approved = work.examples.approved(workspace_id)
        waiting = work.examples.count(workspace_id, ExampleState.CANDIDATE)
    lines = path.read_text("utf-8").splitlines() if path else []
    sides = {side: frozen_set.of(side) for side in Split}
    return {
        "name": frozen_set.name if path else "",
        "file": str(path or ""),
        "sides": {
            side.value: {"examples": len(kept), "questions": len({example.group for example in kept})}
            for side, kept in sides.items()
        },
        "with_sources": sum(bool(example.sources) for example in frozen_set.examples),
        "forgotten_since": sum(FORGOTTEN in json.loads(line) for line in lines),
        "left_out": dict(Counter(example.held_because for example in approved if example.held_because).most_common()),
        "waiting_for_review": waiting,
    }


def _print(summary: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(summary, ensure_ascii=False))
        return
    if not summary["name"]:
        print("Nothing was frozen: no approved answer may be learned from yet.")
    else:
        print(f"Data set {summary['name']}\n  {summary['file']}")
        for side, counts in summary["sides"].items():
            print(f"  {side:<8} {counts['examples']:>6,} examples of {counts['questions']:,} questions")
        print(f"  {summary['with_sources']:,} rest on passages; {summary['forgotten_since']:,} forgotten since")
    if summary["left_out"]:
        print("Approved, and left out:")
        for reason, count in summary["left_out"].items():
            print(f"  {count:>6,}  {reason}")
    print(f"{summary['waiting_for_review']:,} wait for a reviewer.")


def _write(lines: Iterator[str], out: Path | None) -> None:
    if out is None:
        for line in lines:
            print(line)
        return
    count = 0
    with out.open("w", encoding="utf-8") as target:
        for line in lines:
            target.write(line + "\n")
            count += 1
    Console(file=sys.stderr).print(f"{count:,} chats written to {out}.", highlight=False)
