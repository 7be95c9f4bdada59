"""`journeyman ingest`: files, folders and Slack exports from disk, with a bar in the terminal."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from core.bootstrap import Services
from core.errors import Misconfigured
from core.knowledge.export_files import ExportFiles, find_export
from core.knowledge.exports import Imported, import_export
from core.knowledge.ingesting import ingest_paths, present_workspace
from core.knowledge.workers import release_claims_of_the_dead, this_worker

STANDSTILL_S = 10.0
"""What nobody got further with for so long is not waited for."""

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
    done = ingest_paths(services.record, workspace_id, [path for path in paths if path not in exports])
    wanted = done.document_ids
    problems = _index_documents(services, wanted, screen)
    left = _index_rest(services, screen) if brought else 0
    for sentence in [*done.left_out, *problems]:
        _say(screen, sentence, in_list=True)
    if wanted or not brought:
        are = "is" if len(wanted) == 1 else "are"
        _say(screen, f"{len(wanted) - len(problems)} of {_counted(len(wanted), 'file')} {are} findable now.")
    if brought:
        waiting = f"{_counted(left, 'document')} could not be indexed yet; `journeyman up` goes on with them."
        _say(screen, waiting if left else "All that was said is findable now.")
    return bool(brought) or len(problems) < len(wanted) or not wanted


def _import(services: Services, workspace_id: str, path: Path, export: ExportFiles, screen: Console) -> Imported:
    try:
        with _bar(screen, "Reading the export") as tell:
            done = import_export(services.record, workspace_id, export, tell, services.settings.listened_bots)
    finally:
        export.close()
    for reason in done.left_out:
        _say(screen, reason, in_list=True)
    people = f" by {_counted(done.people, 'person', 'people')}" if done.people else ""
    where = f"{_counted(done.messages, 'message')} in {_counted(done.channels, 'channel')}"
    _say(screen, f"{path.name}: {where}{people}.")
    if done.files:
        it = "it if the bot may see it" if done.files == 1 else "those that the bot may see"
        files = f"The export has only the names of {_counted(done.files, 'file')}"
        _say(screen, f"{files}: `journeyman up`, joined to the workspace, fetches {it}.")
    if done.not_kept:
        why = "of a channel that is deleted or switched off, older than is kept there, or forgotten before"
        _say(screen, f"Left out: {_counted(done.not_kept, 'message')} {why}.")
    if done.direct:
        left_out = _counted(done.direct, "conversation of direct messages", "conversations of direct messages")
        _say(screen, f"Left out: {left_out}. They belong to those who wrote them.")
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
                sleep(0.2)


def _index_rest(services: Services, screen: Console) -> int:
    """The same, for all that is due and can be done now; returns how much is left."""
    with _bar(screen, "Indexing") as tell:
        total, last, changed_at = 0, -1, monotonic()
        while True:
            with services.record() as work:
                due = work.documents.count_due()
            total = max(total, due)
            tell(total - due, total)
            if due != last:
                last, changed_at = due, monotonic()
            if due == 0 or monotonic() - changed_at > STANDSTILL_S:
                return due
            if services.indexer.index_due(this_worker()) == 0:
                sleep(0.2)  # a worker may be at the rest of it


@contextmanager
def _bar(screen: Console, what: str) -> Iterator[Tell]:
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _say(screen: Console, sentence: str, *, in_list: bool = False) -> None:
    """One line, however long: where it is read by a program, or a narrow terminal, is not for us to cut it."""
    screen.print(f"[yellow]•[/] {escape(sentence)}" if in_list else escape(sentence), highlight=False, soft_wrap=True)


def _counted(number: int, noun: str, nouns: str = "") -> str:
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"
