"""`journeyman`: the command line. The bot adds what needs Slack through the entry points `journeyman.commands`."""

import json
import sys
from dataclasses import asdict
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from core.answering.drafts import Draft, Finished, Restarted, Written
from core.bootstrap import Services, build_services
from core.cli_dataset import dataset_commands
from core.cli_forgetting import Check, What, check, forget_now
from core.cli_ingesting import ingest_now
from core.cli_reindexing import reindex_now
from core.cli_training import add_training_commands
from core.errors import JourneymanError
from core.knowledge.access import AccessScope
from core.knowledge.ingesting import present_workspace
from core.logs import start_logging
from core.records.workspaces import PUBLIC
from core.settings import Settings

app = typer.Typer(add_completion=False, no_args_is_help=True, help="A Slack bot that learns a trade.")
_screen = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]


def _open() -> Services:
    settings = Settings()
    start_logging("cli", "WARNING" if settings.log_level == "INFO" else settings.log_level)
    services = build_services(settings)
    services.migrate()
    return services


app.add_typer(dataset_commands(_open), name="dataset")
add_training_commands(app, _open, _screen)


def _public_scope(services: Services) -> AccessScope:
    return AccessScope(present_workspace(services.record), frozenset({PUBLIC}))


@app.command()
def migrate() -> None:
    """Bring the record's schema to the newest revision."""
    _open().close()


@app.command()
def ingest(
    paths: Annotated[
        list[Path], typer.Argument(help="Files and folders to make findable for everybody; or an export of Slack.")
    ],
) -> None:
    """Index files or a Slack export from disk, and wait until they are findable."""
    services = _open()
    try:
        succeeded = ingest_now(services, paths, _screen)
    finally:
        services.close()
    if not succeeded:
        raise typer.Exit(1)


@app.command()
def reindex() -> None:
    """Make the index anew beside the one that answers, as after a change of EMBEDDER; bot and worker may run on."""
    services = _open()
    try:
        done = reindex_now(services, _screen)
    finally:
        services.close()
    print(done)


@app.command()
def search(
    question: str,
    limit: Annotated[int, typer.Option(help="How many passages to show.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Show the passages that are most relevant to a question."""
    services = _open()
    try:
        found = services.retrieval.find(question, _public_scope(services), limit)
    finally:
        services.close()
    if as_json:
        print(json.dumps({"question": question, "passages": [asdict(passage) for passage in found]}, default=str))
        return
    if not found:
        print("Nothing found.")
    for number, passage in enumerate(found, 1):
        print(f"[{number}] {passage.source}  ({passage.score:.2f})\n    {' '.join(passage.quote.split())}\n")


@app.command()
def ask(question: str, as_json: AsJson = False) -> None:
    """Answer a question from what everybody may read, with citations."""
    services = _open()
    try:
        draft = _answer(services, question, show=not as_json)
    finally:
        services.close()
    if as_json:
        print(json.dumps({"question": question, **asdict(draft)}, default=str))
        return
    for source in draft.citations or draft.nearest:
        print(f"[{source.marker}] {source.source}  {source.link}".rstrip())
    if draft.note:
        print(f"\n{draft.note}")


@app.command()
def forget(what: What, only_check: Check = False) -> None:
    """Forget a message, a file, a person or an ingested document, everywhere; or prove that it is forgotten."""
    services = _open()
    try:
        if not only_check:
            forget_now(services, what)
            print("Forgotten. To see that nothing is left: journeyman forget --check, with an id or words of it.")
            return
        traces = check(services, what)
    finally:
        services.close()
    for trace in traces:
        print(f"{'tombstone: ' if trace.is_tombstone else ''}{trace.place}, {trace.what}")
    left = sum(not trace.is_tombstone for trace in traces)
    print(f"{left} traces" if left else "Nothing is left of it.")
    if left:
        raise typer.Exit(1)


def _answer(services: Services, question: str, *, show: bool) -> Draft:
    """The finished draft; its text is printed as it is written, where it is to be shown."""
    for event in services.answering.answer(question, _public_scope(services)):
        if isinstance(event, Finished):
            if show:
                print("\n")
            return event.draft
        if show and isinstance(event, Written):
            print(event.text, end="", flush=True)
        elif show and isinstance(event, Restarted):
            print("\n\n(The model failed; the answer begins anew.)\n")
    raise AssertionError("an answer always finishes")


def _add_commands_of_the_bot() -> None:
    for entry in entry_points(group="journeyman.commands"):
        app.command(entry.name)(entry.load())


def main() -> None:
    """Run the command line; an error of ours is one plain sentence and exit code 1."""
    _add_commands_of_the_bot()
    try:
        app()
    except JourneymanError as error:
        _screen.print(error.sentence, style="red", highlight=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
