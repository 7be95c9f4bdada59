"""How every benchmark reports: a table for people, goals met or missed, and with --json one object as the last line."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DIGITS = 4


@dataclass(frozen=True)
class Goal:
    """A figure that ought to reach a bound: at least, at most, or (`above`) more than it."""

    name: str
    value: float
    bound: float
    sense: str = ">="

    @property
    def met(self) -> bool:
        """Whether it does; a figure that is not a number never does."""
        match self.sense:
            case ">=":
                return self.value >= self.bound
            case "<=":
                return self.value <= self.bound
            case ">":
                return self.value > self.bound
        raise ValueError(self.sense)

    def as_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        goal = f"{self.sense} {self.bound:g}"
        return {"name": self.name, "goal": goal, "value": round(self.value, DIGITS), "met": self.met}


def print_table(columns: Sequence[str], rows: Mapping[str, Sequence[float | str]]) -> None:
    """The rows under their columns, numbers with three digits."""
    first = max(map(len, rows), default=0) + 2
    widths = [max(len(column) + 2, 10) for column in columns]
    print(" " * first + "".join(f"{column:>{width}}" for column, width in zip(columns, widths, strict=True)))
    for name, cells in rows.items():
        shown = [f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in cells]
        print(f"{name:<{first}}" + "".join(f"{cell:>{width}}" for cell, width in zip(shown, widths, strict=True)))


def report(bench: str, figures: Mapping[str, Any], goals: Sequence[Goal], *, as_json: bool) -> None:
    """Say of each goal whether it was met and, if asked, all of it once more for machines."""
    print()
    for goal in goals:
        verdict = "met   " if goal.met else "MISSED"
        print(f"{verdict} {goal.name} {goal.value:.3f} (goal {goal.sense} {goal.bound:g})")
    if as_json:
        rounded = {name: round(value, DIGITS) if isinstance(value, float) else value for name, value in figures.items()}
        print(json.dumps({"bench": bench, "figures": rounded, "goals": [goal.as_json() for goal in goals]}))
