"""The report of a night: one page for people, with its pictures beside it, and what to say about it in one message."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from pathlib import Path
from string import Template
from typing import Any, ClassVar

from core.curation.frozen_set import FrozenSet, Split
from core.records.runs import TrainingRun
from core.training.advice import advise
from core.training.examination import Paper
from core.training.plots import gain_by_question, helpfulness_by_week, loss_curve
from core.training.promotion import Decision
from core.training.report_page import PAGE
from core.training.run_folder import RunFolder
from core.training.scores import without_markers
from core.training.verdict import Marked, gains, serving

MEASURES = (
    ("nll", "nats a token ↓", "{:.2f}"),
    ("f1", "token F1", "{:.2f}"),
    ("exact", "exact", "{:.0%}"),
    ("rouge_l", "ROUGE-L", "{:.2f}"),
    ("similarity", "similarity", "{:.2f}"),
    ("cited", "right citations", "{:.0%}"),
    ("grounding", "grounded", "{:.0%}"),
    ("words", "words", "{:.0f}"),
    ("seconds", "seconds", "{:.2f}"),
)
CHANGES = 3


@dataclass(frozen=True)
class Story:
    """All that the report tells. `votes` are those of the last WEEKS, with their times."""

    WEEKS: ClassVar[timedelta] = timedelta(weeks=12)

    run: TrainingRun
    adapter_id: str
    decision: Decision
    figures: dict[str, Any]
    paper: Paper
    marked: dict[str, Marked]
    frozen_set: FrozenSet
    votes: list[tuple[datetime, int]]
    names: dict[str, str]
    """Of those who approved, and of who asked for the run."""


@dataclass(frozen=True)
class Change:
    """A held-out question whose answer the candidate changed most. `gain`: nats a token."""

    question: str
    wanted: str
    before: str
    after: str
    gain: float


def write_report(story: Story, folder: RunFolder) -> None:
    """Write report.html and its pictures into the run's folder, replacing what stands there."""
    training = story.figures["training"]
    loss_curve(training["losses"], folder.path / "loss.png")
    gain_by_question(story.figures["gains"], folder.path / "gain.png")
    voted = helpfulness_by_week(story.votes, folder.path / "helpful.png")
    advice = advise(story.figures, len(story.paper.open_book))
    page = Template(PAGE).substitute(
        night=f"{story.run.started_at.day} {story.run.started_at:%B %Y}",
        mark="promoted" if story.decision.promote else "kept",
        verdict=escape(story.decision.reason),
        headline=escape(advice.headline),
        ways="".join(f"<li>{escape(line)}</li>" for line in advice.lines),
        heads="".join(f"<th>{escape(head)}</th>" for _, head, _ in MEASURES),
        arms=_arm_rows(story),
        extras=_extras(story),
        changes="".join(_change(change) for change in biggest_changes(story)),
        helpful='<img src="helpful.png" alt="Share of helpful votes by week">' if voted else "<p>No votes yet.</p>",
        lineage="".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in lineage(story)),
    )
    partial = folder.report.with_suffix(".partial")
    partial.write_text(page, "utf-8")
    partial.replace(folder.report)


def biggest_changes(story: Story) -> list[Change]:
    """The questions whose approved answer became likelier, or less likely, by most, of those answered anew."""
    before, after = story.marked[serving(story.marked)].answered, story.marked["candidate"].answered
    changes = [
        Change(row.prompt.question, without_markers(row.answer), old.text, new.text, gain)
        for row, old, new, gain in zip(
            story.paper.open_book, before.open_book, after.open_book, gains(after, before), strict=True
        )
        if old.text != new.text
    ]
    return sorted(changes, key=lambda change: -abs(change.gain))[:CHANGES]


def is_without_sources(arm: str, measure: str) -> bool:
    """Whether the measure says nothing about this arm: who answers from memory has nothing to cite."""
    return measure == "cited" and arm.endswith("from memory")


def people_in(run: TrainingRun, frozen_set: FrozenSet) -> set[str]:
    """Ids of those whom the report names."""
    return {run.asked_by, *(person for example in frozen_set.examples for person in example.approved_by)} - {""}


def lineage(story: Story) -> list[tuple[str, str]]:
    """Where the candidate comes from, as name and value."""
    run, training = story.run, story.figures["training"]
    approvers = Counter(person for example in story.frozen_set.of(Split.TRAIN) for person in example.approved_by)
    named = ", ".join(f"{story.names.get(person, person)} ({count})" for person, count in approvers.most_common(8))
    told = [
        ("Adapter", story.adapter_id),
        ("Base model", Path(run.base).name if Path(run.base).is_dir() else run.base),
        ("Recipe", Path(run.recipe).stem),
        ("Data set", story.frozen_set.name),
        ("Learned from", f"{run.examples} examples"),
        ("Examined on", f"{run.held_out} held-out examples"),
        ("New since the last run", f"{run.new_examples} of all {run.examples + run.held_out}"),
        ("Approved by", named or "nobody is named"),
        ("Asked for by", story.names.get(run.asked_by, run.asked_by) or "the schedule"),
        ("Training", f"{training['seconds']:.0f} s, {training['tokens']:,} tokens, batch {training['batch']}"),
    ]
    if run.figures.get("belied"):
        told.append(("Left out", f"{run.figures['belied']} answers that their own passages do not carry"))
    return told


def _arm_rows(story: Story) -> str:
    titles = {"base": "base", "candidate": "tonight's adapter", "live": "live adapter"}
    rows = []
    for arm, told in story.figures["arms"].items():
        name, _, way = arm.partition(" ")
        cells = "".join(
            "<td>–</td>" if is_without_sources(arm, measure) else _cell(told[measure], form)
            for measure, _, form in MEASURES
        )
        rows.append(f"<tr><th>{escape(titles[name])} <span>{escape(way.lstrip('+ '))}</span></th>{cells}</tr>")
    return "".join(rows)


def _cell(told: dict[str, float], form: str) -> str:
    between = f"{form.format(told['low'])}–{form.format(told['high'])}"
    return f"<td>{form.format(told['mean'])}<span>{between}</span></td>"


def _extras(story: Story) -> str:
    titles = {"base": "base", "candidate": "tonight's adapter", "live": "live adapter"}
    refused, manners = story.figures["refused"], story.figures["manners_nll"]
    lines = (
        f"<tr><th>{titles[name]}</th><td>{refused[name]:.0%}</td><td>{manners[name]:.2f}</td>"
        f"<td>{story.figures['memory_mb'][name]:,.0f} MB</td></tr>"
        for name in refused
    )
    return "".join(lines)


def _change(change: Change) -> str:
    return (
        f"<article><h3>{escape(change.question)} <b>{change.gain:+.2f}</b></h3><dl>"
        f"<dt>approved</dt><dd>{escape(change.wanted)}</dd>"
        f"<dt>before</dt><dd>{escape(change.before) or '—'}</dd>"
        f"<dt>after</dt><dd>{escape(change.after) or '—'}</dd></dl></article>"
    )
