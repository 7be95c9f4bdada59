"""Grouping and sifting: paraphrases stay together, nothing changes sides, contradictions and leaks are held back."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.curation.datasets import sift
from core.curation.frozen_set import Split
from core.curation.grouping import group_new, split_of, straddling
from core.curation.hygiene import HygieneRules
from core.records.examples import TrainingExample
from core.records.workspaces import PUBLIC

RULES = HygieneRules()


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Texts that begin with the same word mean the same, others nothing alike."""
    first = [text.split(maxsplit=1)[0].lower().strip("?!…") for text in texts]
    names = sorted(set(first))
    return np.eye(max(len(names), 1), dtype=np.float32)[[names.index(word) for word in first]]


def example(name: str, question: str, answer: str = "at 221 degrees", **more: str) -> TrainingExample:
    facts = {"thread": f"C1:{name}", "audience": PUBLIC, "question_group": ""} | more
    return TrainingExample(id=name, question=question, answer=answer, sources=[], **facts)


def group_on(side: Split) -> str:
    return next(f"g{n}" for n in range(100) if split_of(f"g{n}") is side)


def test_paraphrases_and_questions_of_one_thread_share_a_group() -> None:
    examples = [
        example("a", "roast how hot?"),
        example("b", "Roast at what heat?"),
        example("c", "who cleans?", thread="C1:a"),
        example("d", "when lunch?"),
    ]
    assert group_new(examples, embed) == {"a": "a", "b": "a", "c": "a", "d": "d"}


def test_a_group_once_given_never_changes() -> None:
    known = [example("a", "roast?", question_group="g1"), example("b", "grind?", question_group="g2")]
    bridge = example("c", "roast again?", thread="C1:b")
    assert group_new([*known, bridge], embed) == {"c": "g1"}


def test_the_split_is_stable_and_holds_out_about_a_fifth() -> None:
    held = sum(split_of(f"group {n}") is Split.HOLDOUT for n in range(5000))
    assert 900 < held < 1100


def test_a_training_example_akin_to_a_held_out_one_is_left_out() -> None:
    held = example("a", "roast how hot?", question_group=group_on(Split.HOLDOUT))
    near = example("b", "roast heat?", question_group=group_on(Split.TRAIN))
    far = example("c", "lunch?", question_group=group_on(Split.TRAIN))
    assert straddling([held, near, far], embed) == {"b"}
    assert "held out" in sift([held, near, far], embed, RULES)["b"]


def test_contradicting_answers_to_one_question_are_both_held() -> None:
    same = {"question_group": group_on(Split.TRAIN)}
    agreeing = [example("a", "roast?", "at 221 degrees [1]", **same), example("b", "roast!", "at 221 degrees", **same)]
    assert sift(agreeing, embed, RULES) == {}
    clashing = [*agreeing, example("c", "roast…", "at 219 degrees", **same)]
    assert set(sift(clashing, embed, RULES)) == {"a", "b", "c"}


def test_each_reason_can_be_read() -> None:
    train = group_on(Split.TRAIN)
    reasons = sift(
        [
            example("private", "q1?", audience="G1", question_group=train),
            example("secret", "q2?", "the key is AKIAIOSFODNN7EXAMPLE", question_group=train),
            example("word", "q3?", "yes", question_group=train),
            example("long", "q4?", "very " * 2000, question_group=train),
            example("mail", "q5?", "ask ana@roasters.example about it", question_group=train),
            example("fine", "q6?", "at 221 degrees", question_group=train),
        ],
        embed,
        RULES,
    )
    assert set(reasons) == {"private", "secret", "word", "long", "mail"}
    assert "AWS Access Key" in reasons["secret"]
    assert "AKIA" not in reasons["secret"]
