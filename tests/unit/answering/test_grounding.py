"""What an answer says is compared with what its sources say."""

from collections.abc import Sequence

import numpy as np
import pytest

from core.answering.grounding import Grounding, examine
from core.knowledge.embedding import Embedder

SOURCES = {
    1: "The deploy runs on Fridays at 17:00. Ana Lopez checks the dashboard at https://status.example.com before it.",
    2: "Lunch is at noon in the canteen on the second floor.",
}


def no_meaning(texts: Sequence[str]) -> np.ndarray:
    """Every text means something else."""
    return np.eye(len(texts), dtype=np.float32)


@pytest.mark.parametrize(
    ("answer", "grounding"),
    [
        ("The deploy runs on Fridays at 17:00 [1]. Ana Lopez checks the dashboard before it [1].", Grounding()),
        (
            "The deploy runs on Fridays at 17:00. [1](https://x.example/1) Lunch is at noon in the canteen. [2]",
            Grounding(),
        ),
        ("I hope this helps! Anything else?", Grounding()),
        ("The deploy runs on Fridays at 17:00 [2].", Grounding(unsupported=("The deploy runs on Fridays at 17:00.",))),
        (
            "The parking garage opens daily for visitors [1].",
            Grounding(unsupported=("The parking garage opens daily for visitors.",)),
        ),
        (
            "The deploy runs on Fridays [1]. Lunch is at noon in the canteen.",
            Grounding(uncited=("Lunch is at noon in the canteen.",)),
        ),
        ("The deploy runs on Fridays at 18:00 [1].", Grounding(foreign=("18:00",))),
        ("On Fridays at 17:00 the deploy runs with Ben Miller [1].", Grounding(foreign=("Ben Miller",))),
        ("See https://evil.example.com/x [1].", Grounding(foreign=("https://evil.example.com/x",))),
        ("Run `rm -rf 99` now.", Grounding()),
    ],
)
def test_what_the_sources_do_not_say_is_found(answer: str, grounding: Grounding) -> None:
    assert examine(answer, SOURCES, "When is it?", no_meaning) == grounding


def test_what_the_question_itself_says_is_not_foreign() -> None:
    assert examine("Nothing is said about room 404 there.", SOURCES, "Where is room 404?", no_meaning).foreign == ()


def test_other_words_for_the_same_thing_are_borne_out(minilm: Embedder) -> None:
    answer = "People eat their midday meal at twelve o'clock [2]. The moon orbits our planet every month [2]."
    found = examine(answer, SOURCES, "When?", minilm.embed_passages)
    assert found.unsupported == ("The moon orbits our planet every month.",)


def test_a_translation_is_not_judged() -> None:
    answer = "Das Mittagessen ist um zwölf Uhr in der Kantine [2]."
    assert examine(answer, SOURCES, "Wann ist das Essen?", no_meaning) == Grounding()
