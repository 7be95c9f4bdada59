"""`journeyman ingest`: files, folders and Slack exports from disk, with a bar in the terminal."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from core.bootstrap import Services
from core.errors import Misconfigured
from core.knowledge.exports import ExportFiles, Imported, find_export, import_export
from core.knowledge.ingesting import ingest_paths, present_workspace
from core.knowledge.workers import release_claims_of_the_dead, this_worker

Tell = Callable[[int, int], None]
"""Told how many of how many are done."""


def ingest_now(services: Services, paths: Sequence[Path], screen: Console) -> bool:
    """Make these findable, and wait until they are; False when nothing of it is.

    Raises Misconfigured when a path is not there.
    """
    workspace_id = present_workspace(services.record)
    release_claims_of_the_dead(services.record)
    for path in paths:
        if not path.exists():
            raise Misconfigured(f"There is no file or folder {path}. Check the path and try again.")
    exports = {path: export for path in paths if (export := find_export(path)) is not None}
    brought = [_import(services, workspace_id, path, export, screen) for path, export in exports.items()]
    wanted = ingest_paths(services.record, workspace_id, [path for path in paths if path not in exports])
    problems = _index_documents(services, wanted, screen)
    if brought:
        _index_rest(services, screen)
    for problem in problems:
        screen.print(f"[yellow]•[/] {problem}", highlight=False)
    if wanted or not brought:
        screen.print(f"{len(wanted) - len(problems)} of {len(wanted)} files are findable now.", highlight=False)
    return bool(brought) or len(problems) < len(wanted) or not wanted


def _import(services: Services, workspace_id: str, path: Path, export: ExportFiles, screen: Console) -> Imported:
    try:
        with _bar(screen, "Reading the export") as tell:
            done = import_export(services.record, workspace_id, export, tell)
    finally:
        export.close()
    for reason in done.left_out:
        screen.print(f"[yellow]•[/] {reason}", highlight=False)
    screen.print(
        f"{path.name}: {done.messages:,} messages in {done.channels:,} channels by {done.people:,} people.",
        highlight=False,
    )
    if done.files:
        screen.print(
            f"Its {done.files:,} files are not in the export: the bot fetches those that it may see, once it runs.",
            highlight=False,
        )
    return done


def _index_documents(services: Services, document_ids: Sequence[str], screen: Console) -> list[str]:
    """Work, or watch a worker work, until none of these documents is due; returns their problems as sentences."""
    with _bar(screen, "Reading") as tell:
        while True:
            with services.record() as work:
                documents = [work.documents.get(document_id) for document_id in document_ids]
            waiting = [document for document in documents if document and document.due]
            tell(len(document_ids) - len(waiting), len(document_ids))
            if not waiting or all(document.attempts > 0 for document in waiting):
                return [document.problem for document in documents if document and document.problem]
            if services.indexer.index_due(this_worker()) == 0:
                time.sleep(0.2)


def _index_rest(services: Services, screen: Console) -> None:
    """The same, for all that is due and can be done now."""
    with _bar(screen, "Indexing") as tell:
        total = 0
        while True:
            with services.record() as work:
                due = work.documents.count_due()
            total = max(total, due)
            tell(total - due, total)
            if due == 0 or services.indexer.index_due(this_worker()) == 0:
                return


@contextmanager
def _bar(screen: Console, what: str) -> Iterator[Tell]:
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
