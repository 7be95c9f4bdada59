"""The promotion rule, case by case."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from core.training.promotion import Arm, Decision, Evidence, PromotionRule, decide, detectable_gain, paired_gain

COUNT = 40


def arm(nll: Sequence[float], **figures: Sequence[float]) -> Arm:
    even = [0.5] * len(nll)
    return replace(Arm(nll=nll, f1=even, grounding=even, refused=even, manners_nll=even), **figures)


def better_by(gain: float, count: int = COUNT, **figures: Sequence[float]) -> Decision:
    live = np.random.default_rng(1).gamma(4.0, 0.5, count)
    noise = np.random.default_rng(2).normal(0.0, 0.1, count)
    return decide(Evidence(arm((live - gain - noise).tolist(), **figures), arm(live.tolist())))


def test_a_clear_gain_is_promoted_and_the_reason_names_it() -> None:
    decision = better_by(0.5)
    assert decision.promote
    assert decision.gain is not None
    assert decision.gain.low < decision.gain.mean < decision.gain.high
    assert f"{decision.gain.mean:.3f}" in decision.reason


@pytest.mark.parametrize("gain", [0.0, 0.05, -0.5])
def test_what_may_be_luck_is_kept(gain: float) -> None:
    assert not better_by(gain).promote


def test_few_examples_are_never_enough() -> None:
    decision = better_by(5.0, count=19)
    assert not decision.promote
    assert "1 more held-out examples" in decision.reason


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"f1": [0.4] * COUNT}, "overlap less"),
        ({"grounding": [0.4] * COUNT}, "rest less on their passages"),
        ({"refused": [0.3] * COUNT}, "refused less often"),
        ({"manners_nll": [0.7] * COUNT}, "manners"),
    ],
)
def test_a_gain_does_not_buy_off_a_loss_elsewhere(figures: dict[str, Sequence[float]], words: str) -> None:
    decision = better_by(0.5, **figures)
    assert not decision.promote
    assert words in decision.reason


def test_a_loss_within_its_tolerance_does_not_block() -> None:
    assert better_by(0.5, f1=[0.46] * COUNT, refused=[0.41] * COUNT, manners_nll=[0.59] * COUNT).promote


@pytest.mark.parametrize("broken", [float("nan"), float("inf")])
def test_figures_that_are_not_numbers_are_kept_out(broken: float) -> None:
    live = [2.0] * COUNT
    decision = decide(Evidence(arm([1.0] * (COUNT - 1) + [broken]), arm(live)))
    assert not decision.promote
    assert "not numbers" in decision.reason


def test_arms_of_different_length_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="same questions"):
        decide(Evidence(arm([1.0] * 30), arm([1.0] * 31)))


def test_the_same_evidence_gives_the_same_decision() -> None:
    assert better_by(0.2) == better_by(0.2)


def test_the_seeds_luck_widens_the_interval() -> None:
    difference = np.full(200, 0.3)
    certain = paired_gain(difference, PromotionRule(seed_spread=0.0))
    lucky = paired_gain(difference, PromotionRule())
    assert certain.low == pytest.approx(0.3)
    assert lucky.low == pytest.approx(0.3 - 1.96 * 0.05, abs=0.01)


def test_smaller_gains_are_seen_with_more_examples() -> None:
    assert detectable_gain(200, 0.3) < detectable_gain(50, 0.3) < detectable_gain(20, 0.3)
