"""A run's report for one message: verdict, arms with intervals, what changed most, lineage, and its pictures."""

from dataclasses import dataclass
from pathlib import Path

from core.curation.frozen_set import load
from core.records.runs import RunState, TrainingRun
from core.records.unit_of_work import Record
from core.settings import Settings
from core.training.advice import advise
from core.training.examination import Examination
from core.training.promotion import Decision
from core.training.report import Change, Story, biggest_changes, is_without_sources, lineage, people_in
from core.training.run_folder import RunFolder
from core.training.verdict import Marked

PICTURES = (
    ("loss.png", "Loss at each step"),
    ("gain.png", "Gain on each held-out question"),
    ("helpful.png", "Helpful votes, week by week"),
)
MEASURES = (("nll", "nats/token", "{:.2f}"), ("f1", "token F1", "{:.2f}"), ("cited", "cited", "{:.2f}"))
ARMS = {
    "base from memory": "base, memory",
    "base + passages": "base + RAG",
    "candidate from memory": "adapter, memory",
    "candidate + passages": "adapter + RAG",
}


@dataclass(frozen=True)
class Told:
    """What people are told of a run that ended. All but the verdict is empty where the run came to no examination."""

    verdict: str
    promoted: bool
    advice: str = ""
    table: tuple[tuple[str, ...], ...] = ()
    changes: tuple[Change, ...] = ()
    lineage: tuple[tuple[str, str], ...] = ()
    pictures: tuple[tuple[Path, str], ...] = ()


def told_of(run: TrainingRun, settings: Settings, record: Record) -> Told:
    """The report of an ended run; what was forgotten since is not in it."""
    promoted = run.state is RunState.PROMOTED
    if "arms" not in run.figures:
        return Told(run.reason, promoted)
    folder = RunFolder(settings.runs_dir / run.id)
    data_set = settings.datasets_dir / f"{run.data_set}.jsonl"
    told = Told(
        verdict=run.reason,
        promoted=promoted,
        advice=advise(run.figures, run.held_out).headline,
        table=_table(run),
        pictures=tuple((folder.path / name, title) for name, title in PICTURES if (folder.path / name).is_file()),
    )
    if not folder.examination.exists() or not data_set.exists():
        return told
    examination = Examination.load(folder.examination)
    marked = {name: Marked(answered, [], [], []) for name, answered in examination.models.items()}
    decision, frozen_set = Decision(promoted, run.reason, None), load(data_set)
    with record() as work:
        names = work.workspaces.names_of(people_in(run, frozen_set))
    story = Story(run, run.adapter_id, decision, run.figures, examination.paper, marked, frozen_set, [], names)
    return Told(
        told.verdict,
        told.promoted,
        told.advice,
        told.table,
        tuple(biggest_changes(story)),
        tuple(lineage(story)),
        told.pictures,
    )


def _table(run: TrainingRun) -> tuple[tuple[str, ...], ...]:
    rows = [("", *(title for _, title, _ in MEASURES))]
    for arm, title in ARMS.items():
        told = run.figures["arms"][arm]
        cells = ("–" if is_without_sources(arm, name) else _cell(told[name], form) for name, _, form in MEASURES)
        rows.append((title, *cells))
    return tuple(rows)


def _cell(told: dict[str, float], form: str) -> str:
    return f"{form.format(told['mean'])} ({form.format(told['low'])}–{form.format(told['high'])})"
