"""The report's pictures, drawn for people who read them on a phone."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

mpl.use("Agg")

INK, QUIET, GRID = "#1d1c1d", "#6b7280", "#e5e7eb"
BETTER, WORSE, MAIN = "#0f766e", "#b45309", "#1d4ed8"


def loss_curve(losses: Sequence[tuple[int, float]], path: Path) -> None:
    """The loss at each step, and its running mean."""
    figure, axes = _page("Training: the loss falls when there is something to learn", "step", "nats a token")
    steps, values = [step for step, _ in losses], [loss for _, loss in losses]
    axes.plot(steps, values, color=MAIN, alpha=0.25, linewidth=1.2)
    axes.plot(steps, _running_mean(values), color=MAIN, linewidth=2.2)
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0, right=max(steps, default=1))
    _save(figure, path)


def gain_by_question(gains: Sequence[float], path: Path) -> None:
    """One bar for each held-out question, the best first."""
    better = sum(gain > 0 for gain in gains)
    title = f"{better} of {len(gains)} held-out answers became more likely"
    figure, axes = _page(title, "held-out questions, best first", "gain in nats a token")
    ordered = sorted(gains, reverse=True)
    axes.bar(range(len(ordered)), ordered, color=[BETTER if gain > 0 else WORSE for gain in ordered], width=0.8)
    axes.axhline(0, color=INK, linewidth=0.8)
    mean = sum(gains) / len(gains) if gains else 0.0
    axes.axhline(mean, color=QUIET, linewidth=1.2, linestyle=(0, (4, 3)))
    axes.annotate(
        f"mean {mean:+.2f}",
        (len(ordered) - 0.5, mean),
        ha="right",
        va="bottom",
        color=QUIET,
        xytext=(0, 3),
        textcoords="offset points",
    )
    axes.set_xticks([])
    axes.set_xlim(-0.7, max(len(ordered), 1) - 0.3)
    _save(figure, path)


def helpfulness_by_week(votes: Sequence[tuple[datetime, int]], path: Path) -> bool:
    """Share of votes that were 👍, week by week; False, and no picture, when there were none."""
    weeks = _weeks(votes)
    if not weeks:
        return False
    figure, axes = _page("How helpful people found the answers", "week beginning", "share of votes")
    shares = [up / (up + down) for _, up, down in weeks]
    places = range(len(weeks))
    axes.bar(places, shares, color=MAIN, width=0.6)
    for place, (share, (_, up, down)) in enumerate(zip(shares, weeks, strict=True)):
        axes.annotate(
            f"{share:.0%}\n{up + down} votes",
            (place, share),
            ha="center",
            va="bottom",
            color=INK,
            fontsize=10,
            xytext=(0, 3),
            textcoords="offset points",
        )
    axes.set_xticks(list(places), [f"{monday.day} {monday:%b}" for monday, _, _ in weeks])
    axes.set_ylim(0, 1.25)
    axes.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
    axes.set_xlim(-0.6, max(len(weeks), 4) - 0.4)
    _save(figure, path)
    return True


def _weeks(votes: Sequence[tuple[datetime, int]]) -> list[tuple[date, int, int]]:
    counted: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    for voted_at, value in votes:
        monday = voted_at.date() - timedelta(days=voted_at.weekday())
        counted[monday][value < 0] += 1
    return [(monday, up, down) for monday, (up, down) in sorted(counted.items())]


def _running_mean(values: Sequence[float]) -> list[float]:
    reach = max(1, len(values) // 20)
    windows = (values[max(0, place - reach) : place + reach + 1] for place in range(len(values)))
    return [sum(window) / len(window) for window in windows]


def _page(title: str, below: str, beside: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(8, 3.6), dpi=150)
    # Room at the edges: where a picture is shown small, its border may be cut off.
    figure.set_layout_engine("constrained", w_pad=0.15, h_pad=0.2)
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", fontsize=13, color=INK, fontweight="bold", pad=10)
    axes.set_xlabel(below, color=QUIET, fontsize=10)
    axes.set_ylabel(beside, color=QUIET, fontsize=10)
    axes.tick_params(colors=QUIET, labelsize=10, length=0)
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(GRID)
    return figure, axes


def _save(figure: Figure, path: Path) -> None:
    partial = path.with_suffix(".partial")
    figure.savefig(partial, format="png", facecolor="white")
    partial.replace(path)
