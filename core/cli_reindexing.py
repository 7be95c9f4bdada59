"""`journeyman reindex`: the index made anew beside the one that answers, with a bar in the terminal."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from core.bootstrap import Services
from core.errors import JourneymanError
from core.knowledge.reindexing import KEPT
from core.knowledge.workers import release_claims, release_claims_of_the_dead, this_worker

POLL_S = 0.2
LINE_EVERY = 10
"""Percent between two lines where there is no terminal to draw a bar in."""

Tell = Callable[[int, int], None]
"""Told how many of how many are done."""


@dataclass(frozen=True)
class Reindexed:
    """What answers now."""

    documents: int
    passed_over: int
    passages: int
    passage_tokens: int
    embedder: str
    dimension: int
    seconds: float

    def __str__(self) -> str:
        """In sentences for a person."""
        minutes, seconds = divmod(round(self.seconds), 60)
        later = f" {self.passed_over:,} documents could not be read just now: the worker tries again."
        return (
            f"The new index answers: {self.documents:,} documents in {self.passages:,} passages of up to "
            f"{self.passage_tokens} tokens, embedded by {self.embedder} ({self.dimension} dimensions). "
            f"It took {f'{minutes} min ' if minutes else ''}{seconds} s."
        ) + (later if self.passed_over else "")


def reindex_now(services: Services, screen: Console) -> Reindexed:
    """Make the index anew, or go on with one that is under way, and wait until it answers.

    Workers that run beside help. Raises Misconfigured, Unavailable: whoever runs it again goes on where it broke off.
    """
    started = time.monotonic()
    release_claims_of_the_dead(services.record)
    begun = services.reindexing.begin()
    with _telling(screen, "Indexing anew") as tell:
        _build(services, tell)
    if services.editions.live().edition.id != begun:
        raise JourneymanError(
            "The new index was given up: a worker was started with other settings meanwhile. Start bot and worker with "
            "the same EMBEDDER and PASSAGE_TOKENS, then run this again."
        )
    taken = time.monotonic() - started
    screen.print("Letting searches in the old index finish…", highlight=False)
    while services.editions.any_retired():
        services.editions.drop_retired(KEPT)
        time.sleep(POLL_S)
    return _outcome(services, taken)


def _build(services: Services, tell: Tell) -> None:
    worker = this_worker()
    try:
        while (progress := services.reindexing.progress()) is not None:
            tell(progress.held, progress.total)
            if not services.reindexing.work(worker):
                time.sleep(POLL_S)
    finally:
        release_claims(services.record, worker)


def _outcome(services: Services, seconds: float) -> Reindexed:
    edition = services.editions.live().edition
    with services.record() as work:
        return Reindexed(
            documents=work.documents.count_held(edition.id),
            passed_over=work.documents.count_passed_over(edition.id),
            passages=sum(work.passages.count(workspace_id) for workspace_id in work.passages.workspaces()),
            passage_tokens=edition.passage_tokens,
            embedder=edition.embedder_name,
            dimension=edition.dimension,
            seconds=seconds,
        )


@contextmanager
def _telling(screen: Console, what: str) -> Iterator[Tell]:
    """A bar in a terminal; elsewhere a line now and then."""
    if not screen.is_terminal:
        yield _lines(screen, what)
        return
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _lines(screen: Console, what: str) -> Tell:
    told = -LINE_EVERY

    def tell(done: int, total: int) -> None:
        nonlocal told
        percent = 100 * done // total if total else 100
        if percent >= told + LINE_EVERY:
            told = percent
            screen.print(f"{what}: {done:,} of {total:,} documents", highlight=False)

    return tell
