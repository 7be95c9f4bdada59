"""What may be learned from: every approved example is kept, or left out for a reason that can be read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from core.curation.private_matter import personal_data_in, secrets_in
from core.records.examples import TrainingExample
from core.records.workspaces import PUBLIC

Embed = Callable[[Sequence[str]], NDArray[np.float32]]


@dataclass(frozen=True)
class HygieneRules:
    """What an admin decides about what is left out.

    `same_answer`: two answers to one question are taken to agree from this similarity in meaning on (cosine).
    """

    longest_answer: int = 4000
    shortest_answer_words: int = 2
    keep_out_personal_data: bool = True
    public_only: bool = True
    same_answer: float = 0.75


def own_fault(example: TrainingExample, rules: HygieneRules) -> str:
    """Why this example may not be learned from, judged by itself; empty when it may."""
    everything = "\n".join([example.question, example.answer, *(source.text for source in example.sources)])
    if rules.public_only and example.audience != PUBLIC:
        return "not everybody may read its question, answer and sources"
    if len(example.answer) > rules.longest_answer:
        return f"the answer is longer than {rules.longest_answer} characters"
    if len(example.answer.split()) < rules.shortest_answer_words and example.answer.isascii():
        return "the answer is a single word"
    return private_matter_in(everything, rules)


def private_matter_in(text: str, rules: HygieneRules) -> str:
    """The secret or personal data that keeps the text out, as a reason; empty when there is none."""
    if kinds := secrets_in(text):
        return f"it holds a secret ({', '.join(kinds)})"
    if rules.keep_out_personal_data and (kinds := personal_data_in(text)):
        return f"it holds personal data ({', '.join(kinds)})"
    return ""


def contradictions(group: Sequence[TrainingExample], embed: Embed, rules: HygieneRules) -> set[str]:
    """Ids of the examples in one question group whose answers do not agree with each other."""
    if len(group) < 2:
        return set()
    vectors = embed([example.answer for example in group])
    clashing: set[str] = set()
    for (one, first), (two, second) in combinations(enumerate(group), 2):
        agree = float(vectors[one] @ vectors[two]) >= rules.same_answer
        if not agree or _numbers(first.answer) != _numbers(second.answer):
            clashing |= {first.id, second.id}
    return clashing


def _numbers(text: str) -> set[str]:
    # Meaning alone does not tell 219 °C from 221 °C. Citation markers are not part of what is said.
    words = text.replace("[", " [").replace("]", "] ").split()
    bare = (word.strip(".,;:!?()°%€$") for word in words if not word.startswith("["))
    return {word for word in bare if any(c.isdigit() for c in word)}
