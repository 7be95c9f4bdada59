"""The promotion rule: measured evidence goes in, promote or keep comes out, with the reason as a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000


@dataclass(frozen=True)
class PromotionRule:
    """What a candidate must show; NLL in nats a token, the rest as shares between 0 and 1.

    `minimum_gain`: the interval's lower bound must lie above it. `seed_spread`: how far a changed seed alone moves the
    mean; it is folded into the interval, and not made smaller for larger sets, since one training run meets one seed's
    luck as a whole. `tail`: how much of the interval's mass lies below its lower bound.
    """

    minimum_gain: float = 0.02
    minimum_holdout: int = 20
    seed_spread: float = 0.05
    tail: float = 0.025
    answers_may_drop: float = 0.05
    grounding_may_drop: float = 0.05
    refusals_may_drop: float = 0.10
    manners_may_drop: float = 0.10
    """In nats: how much less likely the general examples' answers may become."""


@dataclass(frozen=True)
class Arm:
    """One model on the held-out questions, in an order that is the same for every model; all are lists of one per item.

    `nll`: nats a token of the approved answer. `f1`: token F1 of the greedy answer. `grounding`: share of the greedy
    answer that the passages carry. `refused`: 1 where an unanswerable question was refused. `manners_nll`: nats a
    token of general examples.
    """

    nll: Sequence[float]
    f1: Sequence[float]
    grounding: Sequence[float]
    refused: Sequence[float]
    manners_nll: Sequence[float]


@dataclass(frozen=True)
class Evidence:
    """The candidate beside what serves now (the live adapter, or the base when there is none)."""

    candidate: Arm
    live: Arm
    seed: int = 0


@dataclass(frozen=True)
class Gain:
    """Nats a token that the candidate needs less than what serves, with the interval's bounds."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Decision:
    """Whether the pointer moves, why in one sentence, and the gain that was measured (None when it could not be)."""

    promote: bool
    reason: str
    gain: Gain | None = None


def decide(evidence: Evidence, rule: PromotionRule | None = None) -> Decision:
    """Promote only what is surely better and nowhere worse than it may be; the first obstacle is the reason."""
    rule = rule or PromotionRule()
    candidate, live = evidence.candidate, evidence.live
    if len(candidate.nll) != len(live.nll):
        raise ValueError("both arms must answer the same questions")
    if len(candidate.nll) < rule.minimum_holdout:
        missing = rule.minimum_holdout - len(candidate.nll)
        return Decision(
            False, f"Kept what serves: {missing} more held-out examples are needed before a gain can be told from luck."
        )
    difference = np.asarray(live.nll, dtype=float) - np.asarray(candidate.nll, dtype=float)
    if not np.isfinite(difference).all():
        return Decision(False, "Kept what serves: the candidate gave figures that are not numbers.")
    gain = paired_gain(difference, rule, evidence.seed)
    if gain.low <= rule.minimum_gain:
        return Decision(
            False,
            f"Kept what serves: the gain of {gain.mean:+.3f} nats a token ({gain.low:+.3f} to {gain.high:+.3f}) is not "
            f"surely above {rule.minimum_gain:.2f}.",
            gain,
        )
    worse = _what_got_worse(candidate, live, rule)
    if worse:
        return Decision(False, f"Kept what serves: {worse}.", gain)
    return Decision(
        True,
        f"Promoted: the team's held-out answers became {gain.mean:.3f} nats a token more likely "
        f"({gain.low:.3f} to {gain.high:.3f}), and nothing else got worse.",
        gain,
    )


def paired_gain(difference: NDArray[np.float64], rule: PromotionRule, seed: int = 0) -> Gain:
    """Bootstrap of the mean of paired differences, widened for few examples and for the luck of the training seed."""
    count = len(difference)
    random = np.random.default_rng(seed)
    picked = random.integers(0, count, size=(RESAMPLES, count), dtype=np.int32)
    mean = float(difference.mean())
    # The bootstrap of a small sample is too narrow by √(n−1)/√n, and its tails are the normal's, not Student's.
    wider = sqrt(count / (count - 1)) * _student(rule.tail, count - 1) / NormalDist().inv_cdf(1 - rule.tail)
    draws = mean + (difference[picked].mean(axis=1) - mean) * wider
    draws += random.normal(0.0, rule.seed_spread, size=RESAMPLES)
    low, high = np.quantile(draws, [rule.tail, 1 - rule.tail])
    return Gain(mean, float(low), float(high))


def detectable_gain(count: int, spread: float, rule: PromotionRule | None = None) -> float:
    """The true gain, in nats a token, that is promoted at least nine times out of ten.

    `spread` is the standard deviation of the difference between examples. Were it always normal, nineteen times out of
    twenty and more would be: the rest is kept for skewed differences.
    """
    rule = rule or PromotionRule()
    error = sqrt(spread**2 / count + rule.seed_spread**2)
    return rule.minimum_gain + error * (_student(rule.tail, count - 1) + NormalDist().inv_cdf(0.98))


def _student(tail: float, freedom: int) -> float:
    """Student's upper quantile, by the Cornish–Fisher expansion: within 0.01 from ten degrees of freedom on."""
    z = NormalDist().inv_cdf(1 - tail)
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)


def _what_got_worse(candidate: Arm, live: Arm, rule: PromotionRule) -> str:
    """The first thing that dropped by more than it may, as a clause; empty when nothing did."""
    limits = (
        ("the answers overlap less with the approved ones", candidate.f1, live.f1, rule.answers_may_drop),
        ("the answers rest less on their passages", candidate.grounding, live.grounding, rule.grounding_may_drop),
        ("unanswerable questions are refused less often", candidate.refused, live.refused, rule.refusals_may_drop),
    )
    for clause, after, before, tolerance in limits:
        if _mean(before) - _mean(after) > tolerance:
            return f"{clause} ({_mean(before):.2f} before, {_mean(after):.2f} after)"
    rise = _mean(candidate.manners_nll) - _mean(live.manners_nll)
    if rise > rule.manners_may_drop:
        return f"general manners suffered (their answers became {rise:.2f} nats a token less likely)"
    return ""


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else 0.0
