"""Training in words: the progress message, the night's report, and the list of past runs."""

from collections.abc import Sequence

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, ContextBlock, MarkdownTextObject, SectionBlock

from bot.views.mrkdwn import escape
from core.records.runs import RunState, TrainingRun
from core.training.told import Told

STOP_ACTION = "retrain_stop"

ONLY_ADMINS = "Only admins can train me or change which adapter serves. Ask one of them, or whoever runs me."
HOW_TO = (
    "Here is what I understand:\n"
    "• `/retrain` trains now on the approved answers\n"
    "• `/retrain status` tells how far the run is\n"
    "• `/retrain history` lists past runs and their verdicts\n"
    "• `/retrain stop` ends the run; what serves stays\n"
    "• `/retrain rollback` lets what served before serve again, `/retrain rollback ADAPTER` a certain adapter"
)
BEGUN = "I am training; a message here, or in our direct messages, tells how far I am."
FOLLOWED = "A message here, or in our direct messages, tells how far the run is."
STOPPING = "The run is stopping; what serves stays as it is."
NOTHING_TO_STOP = "No run is under way."

_CELLS = 20
_CHANGE_CHARACTERS = 300
_STAGES = {
    RunState.FREEZING: "Collecting the approved answers",
    RunState.TRAINING: "Training",
    RunState.EVALUATING: "Examining the new adapter beside what serves",
    RunState.DECIDING: "Comparing the two",
}
_SIGNS = {RunState.PROMOTED: ":white_check_mark:", RunState.FAILED: ":warning:"}


def progress(run: TrainingRun) -> str:
    """The whole of the progress message, in Slack's mark-up."""
    if run.ended:
        return verdict(run)
    lines = [f"*{_STAGES[run.state]}*" + (" (stopping)" if run.stop_wanted else "")]
    if run.of_steps:
        share = min(1.0, run.step / run.of_steps)
        lines.append(f"`{_bar(share)}` {share:.0%}")
        parts = [f"step {run.step} of {run.of_steps}"]
        if run.state is RunState.TRAINING and run.loss is not None:
            parts.append(f"loss {run.loss:.2f}")
        if run.seconds_left is not None:
            parts.append(f"about {_duration(run.seconds_left)} left")
        lines.append(" · ".join(parts))
    elif run.held_until is None:
        lines.append("It waits for the worker.")
    elif run.state is RunState.TRAINING:
        lines.append("It waits for its turn on the machine, then loads the model.")
    return "\n".join(lines)


def progress_blocks(run: TrainingRun) -> list[Block]:
    """The message with a button to stop it, as long as there is something to stop."""
    shown: list[Block] = [SectionBlock(text=MarkdownTextObject(text=progress(run)))]
    if not run.ended and not run.stop_wanted:
        shown.append(ActionsBlock(elements=[ButtonElement(text="Stop", action_id=STOP_ACTION, value=run.id)]))
    return shown


def verdict(run: TrainingRun) -> str:
    """How it ended, in a sentence."""
    return f"{_SIGNS.get(run.state, ':night_with_stars:')} {escape(run.reason)}"


def history(runs: Sequence[TrainingRun], live: str) -> str:
    """Past runs, newest first, and what serves."""
    serving = f"`{live}`" if live else "the base model"
    if not runs:
        return f"There was no run yet; {serving} serves."
    lines = [f"{serving[0].upper()}{serving[1:]} serves."]
    for run in runs:
        adapter = f" `{run.adapter_id}`" if run.adapter_id else ""
        told = escape(run.reason) if run.ended else _STAGES[run.state]
        lines.append(f"• {run.started_at:%Y-%m-%d %H:%M} *{run.state.value}*{adapter}: {told}")
    return "\n".join(lines)


def report(run: TrainingRun, told: Told) -> list[Block]:
    """The night's report as one message."""
    shown = [_section(f"*{verdict(run)}*")]
    if told.table:
        shown.append(_section(f"{escape(told.advice)}\n```{_aligned(told.table)}```"))
        shown.append(_context("On the same held-out questions, means with 95 % intervals. Fewer nats are better."))
    if told.changes:
        shown.append(_section("*What changed most*"))
    for change in told.changes:
        before, after = _short(change.before), _short(change.after)
        shown.append(_section(f"*{_short(change.question)}*\nbefore: {before}\nafter: {after}"))
    if told.lineage:
        shown.append(_context(" · ".join(f"{escape(name)}: {escape(value)}" for name, value in told.lineage)[:2900]))
    return shown


def _section(text: str) -> Block:
    return SectionBlock(text=MarkdownTextObject(text=text))


def _context(text: str) -> Block:
    return ContextBlock(elements=[MarkdownTextObject(text=text)])


def _aligned(table: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    rows = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table)
    return "\n".join(rows)


def _short(text: str) -> str:
    plain = " ".join(text.split()).replace("`", "'")
    return escape(plain if len(plain) <= _CHANGE_CHARACTERS else plain[:_CHANGE_CHARACTERS] + "…") or "—"


def _bar(share: float) -> str:
    full = int(share * _CELLS)
    return "█" * full + "░" * (_CELLS - full)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 90 * 60 else f"{round(seconds / 3600)} h"
