"""From an examination to the promotion rule's evidence, and to the figures that people read."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.training.examination import Answered, Examination, Paper, Reply
from core.training.promotion import Arm, Decision, Evidence, PromotionRule, decide, paired_gain
from core.training.scores import Embed, Scores, score


@dataclass(frozen=True)
class Marked:
    """One model's scores, in the paper's order."""

    answered: Answered
    open_book: list[Scores]
    closed_book: list[Scores]
    unanswerable: list[Scores]


def mark(examination: Examination, embed: Embed) -> dict[str, Marked]:
    """Scores of every model that was examined."""
    paper = examination.paper
    return {name: _marked(paper, answered, embed) for name, answered in examination.models.items()}


def judge(marked: dict[str, Marked], seed: int, rule: PromotionRule | None = None) -> Decision:
    """The decision about the candidate, measured against what serves."""
    return decide(Evidence(_arm(marked["candidate"]), _arm(marked[serving(marked)]), seed), rule)


def serving(marked: dict[str, Any]) -> str:
    """Who serves now: the live adapter, or the base where there is none."""
    return "live" if "live" in marked else "base"


def figures(marked: dict[str, Marked], decision: Decision) -> dict[str, Any]:
    """All that a report shows of the models, as plain numbers: mean, low and high of every measure, for every arm."""
    arms = {}
    for name, one in marked.items():
        arms[f"{name} + passages"] = _arm_figures(one.answered.open_book, one.open_book)
        arms[f"{name} from memory"] = _arm_figures(one.answered.closed_book, one.closed_book)
    return {
        "arms": arms,
        "refused": {name: _mean([s.refused for s in one.unanswerable]) for name, one in marked.items()},
        "manners_nll": {name: _mean([r.nll for r in one.answered.manners]) for name, one in marked.items()},
        "memory_mb": {name: one.answered.memory_mb for name, one in marked.items()},
        "gain": asdict(decision.gain) if decision.gain else None,
        "promoted": decision.promote,
        "compared_with": serving(marked),
        "gains": gains(marked["candidate"].answered, marked[serving(marked)].answered),
        "spread": _spread(marked["candidate"].answered, marked[serving(marked)].answered),
        "arm_gains": _arm_gains(marked),
    }


def gains(candidate: Answered, other: Answered) -> list[float]:
    """Nats a token that the candidate gains on each held-out question."""
    return [b.nll - a.nll for a, b in zip(candidate.open_book, other.open_book, strict=True)]


def _arm_gains(marked: dict[str, Marked]) -> dict[str, dict[str, float]]:
    """What passages, an adapter, and both buy, in nats a token, with intervals.

    `passages`, `adapter`, `both` are over the bare base model; `passages to adapter` and `adapter to passages` are what
    the one adds where the other is already.
    """
    base, candidate = marked["base"].answered, marked["candidate"].answered
    if len(base.open_book) < 2:
        return {}
    pairs = {
        "passages": (base.closed_book, base.open_book),
        "adapter": (base.closed_book, candidate.closed_book),
        "both": (base.closed_book, candidate.open_book),
        "passages to adapter": (candidate.closed_book, candidate.open_book),
        "adapter to passages": (base.open_book, candidate.open_book),
    }
    rule = PromotionRule()
    return {name: asdict(paired_gain(_nlls(before) - _nlls(after), rule)) for name, (before, after) in pairs.items()}


def _nlls(replies: Sequence[Reply]) -> NDArray[np.float64]:
    return np.asarray([reply.nll for reply in replies], dtype=float)


def _marked(paper: Paper, answered: Answered, embed: Embed) -> Marked:
    return Marked(
        answered=answered,
        open_book=score(paper.open_book, [reply.text for reply in answered.open_book], embed),
        closed_book=score(paper.closed_book, [reply.text for reply in answered.closed_book], embed),
        unanswerable=score(paper.unanswerable, [reply.text for reply in answered.unanswerable], embed),
    )


def _arm(marked: Marked) -> Arm:
    return Arm(
        nll=[reply.nll for reply in marked.answered.open_book],
        f1=[one.f1 for one in marked.open_book],
        grounding=[one.grounding for one in marked.open_book],
        refused=[one.refused for one in marked.unanswerable],
        manners_nll=[reply.nll for reply in marked.answered.manners],
    )


def _arm_figures(replies: Sequence[Reply], scores: Sequence[Scores]) -> dict[str, dict[str, float]]:
    told = {name: [float(getattr(one, name)) for one in scores] for name in Scores.__dataclass_fields__}
    told["nll"] = [reply.nll for reply in replies]
    told["seconds"] = [reply.seconds for reply in replies]
    return {name: _interval(values) for name, values in told.items()}


def _interval(values: Sequence[float]) -> dict[str, float]:
    """Mean with the bounds of its bootstrapped 95 % interval."""
    if not values:
        return {"mean": 0.0, "low": 0.0, "high": 0.0}
    sample = np.asarray(values, dtype=float)
    picked = np.random.default_rng(0).integers(0, len(sample), size=(2000, len(sample)))
    low, high = np.quantile(sample[picked].mean(axis=1), [0.025, 0.975])
    return {"mean": float(sample.mean()), "low": float(low), "high": float(high)}


def _spread(candidate: Answered, other: Answered) -> float:
    told = gains(candidate, other)
    return float(np.std(told, ddof=1)) if len(told) > 1 else 0.0


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0
