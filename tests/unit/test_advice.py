"""RAG, fine-tuning or both: the figures decide, and too few of them decide nothing."""

from typing import Any

import pytest

from core.training.advice import advise, before_any_run


def gain(low: float) -> dict[str, float]:
    return {"mean": low + 0.1, "low": low, "high": low + 0.2}


def told(passages_to_adapter: float, adapter_to_passages: float, spread: float = 0.3) -> dict[str, Any]:
    arm = {"f1": {"mean": 0.5}, "seconds": {"mean": 1.0}}
    return {
        "arm_gains": {
            "passages": gain(0.3),
            "adapter": gain(0.2),
            "both": gain(0.5),
            "passages to adapter": gain(passages_to_adapter),
            "adapter to passages": gain(adapter_to_passages),
        },
        "arms": {name: arm for name in ("base + passages", "candidate from memory", "candidate + passages")},
        "memory_mb": {"base": 2300.0, "candidate": 2400.0},
        "spread": spread,
    }


@pytest.mark.parametrize(
    ("passages", "adapter", "words"),
    [(0.3, 0.3, "Both"), (0.3, 0.0, "RAG"), (0.0, 0.3, "Fine-tuning"), (0.0, 0.0, "Neither")],
)
def test_what_is_surely_there_decides(passages: float, adapter: float, words: str) -> None:
    advice = advise(told(passages, adapter), 40)
    assert advice.headline.startswith(words)
    assert len(advice.lines) == 3
    assert "2,400 MB" in advice.lines[2]


def test_few_held_out_questions_decide_nothing() -> None:
    advice = advise(told(0.3, 0.3), 12)
    assert advice.headline == "Not enough data: 8 more held-out questions are needed before this can be told."
    assert advice.lines == ()


def test_where_more_would_tell_it_says_how_many() -> None:
    assert "more held-out questions would tell" in advise(told(0.0, 0.0, spread=1.5), 20).headline


@pytest.mark.parametrize(
    ("approved", "words"), [(0, "about 100 more approved answers"), (99, "about 1 more"), (100, "Not measured yet")]
)
def test_before_any_run_it_says_what_is_missing(approved: int, words: str) -> None:
    assert words in before_any_run(approved).headline
