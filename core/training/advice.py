"""RAG, fine-tuning or both? The last night's figures, said as advice for this team."""

from dataclasses import dataclass
from math import ceil
from typing import Any

from core.curation.grouping import HOLDOUT_SHARE
from core.training.promotion import PromotionRule, detectable_gain

SURE = 0.02
"""Nats a token that an interval's lower bound must show, as the promotion rule asks."""
NAMES = {"passages": "passages alone (RAG)", "adapter": "the adapter alone (fine-tuning)", "both": "both together"}


@dataclass(frozen=True)
class Advice:
    """A headline, and one line for each way with what it buys and what it costs."""

    headline: str
    lines: tuple[str, ...]


def advise(figures: dict[str, Any], held_out: int) -> Advice:
    """What a run's figures say; with too few held-out questions, how many more are needed."""
    minimum = PromotionRule().minimum_holdout
    gains: dict[str, dict[str, float]] = figures.get("arm_gains", {})
    if held_out < minimum or not gains:
        missing = minimum - held_out
        return Advice(f"Not enough data: {missing} more held-out questions are needed before this can be told.", ())
    lines = tuple(_line(name, gains[name], figures) for name in ("passages", "adapter", "both"))
    return Advice(_headline(gains, figures, held_out), lines)


def before_any_run(approved: int) -> Advice:
    """What can be said when no run has measured anything yet, with so many approved answers."""
    missing = ceil(PromotionRule().minimum_holdout / HOLDOUT_SHARE) - approved
    if missing > 0:
        return Advice(
            f"Not enough data: about {missing} more approved answers are needed. "
            "A fifth of them is held out, and tells what helps.",
            (),
        )
    return Advice(
        "Not measured yet: a run (`journeyman train`, or `/retrain` in Slack) tries both on this team's own questions.",
        (),
    )


def _headline(gains: dict[str, dict[str, float]], figures: dict[str, Any], held_out: int) -> str:
    passages_add = gains["passages to adapter"]["low"] > SURE
    adapter_adds = gains["adapter to passages"]["low"] > SURE
    if passages_add and adapter_adds:
        return "Both: where one is used, the other still adds a gain that is surely more than luck."
    if passages_add:
        return "RAG: passages help on this team's questions, and fine-tuning adds nothing to them that is surely there."
    if adapter_adds:
        return "Fine-tuning: the adapter helps on this team's questions, and passages add nothing that is surely there."
    needed = _examples_for(gains["both"]["mean"], figures.get("spread", 0.0), held_out)
    more = f" About {needed} more held-out questions would tell." if needed else ""
    return f"Neither passages nor fine-tuning surely help on this team's questions yet.{more}"


def _line(name: str, gain: dict[str, float], figures: dict[str, Any]) -> str:
    arm = {
        "passages": "base + passages",
        "adapter": "candidate from memory",
        "both": "candidate + passages",
    }[name]
    told = figures["arms"][arm]
    memory = figures["memory_mb"]["base" if name == "passages" else "candidate"]
    return (
        f"{NAMES[name]}: {gain['mean']:+.2f} nats a token ({gain['low']:+.2f} to {gain['high']:+.2f}) over the bare "
        f"model, token F1 {told['f1']['mean']:.2f}, {told['seconds']['mean']:.2f} s an answer, {memory:,.0f} MB"
    )


def _examples_for(gain: float, spread: float, held_out: int) -> int:
    """How many more held-out questions would show a gain of this size; 0 when no number would."""
    rule = PromotionRule()
    for count in range(max(held_out, rule.minimum_holdout), 2001, 10):
        if detectable_gain(count, spread, rule) <= gain:
            return ceil(count - held_out)
    return 0
