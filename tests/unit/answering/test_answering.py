"""From a question to events: grounded, or honest about why not."""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from core.answering.answering import Answering
from core.answering.drafts import AnswerEvent, Draft, Finished, Restarted, Searched, Written
from core.answering.models.language_model import Prompt, Turn, WrittenWith
from core.errors import ModelResting
from core.knowledge.access import AccessScope
from core.records.questions import Verdict
from tests.fakes.finder import FixedFinder, found
from tests.fakes.language_model import ScriptedModel

SCOPE = AccessScope("T1", frozenset({"public"}))
FACTS = [found("The deploy runs on Fridays.", number=1), found("Ana owns the deploy.", number=2)]


def answering(model: ScriptedModel, finder: FixedFinder | None = None, patience_s: float = 5.0) -> Answering:
    fallback = ScriptedModel(["The deploy runs on Fridays. [1]"], generates=False)
    return Answering(finder or FixedFinder(*FACTS), model, fallback, no_meaning, passages=8, patience_s=patience_s)


def no_meaning(texts: Sequence[str]) -> np.ndarray:
    """Every text means something else."""
    return np.eye(len(texts), dtype=np.float32)


def ask(service: Answering, question: str = "When does the deploy run?", **more: object) -> list[AnswerEvent]:
    return list(service.answer(question, SCOPE, **more))  # type: ignore[arg-type]


def draft(events: list[AnswerEvent]) -> Draft:
    assert isinstance(events[-1], Finished)
    assert [type(event) for event in events].count(Finished) == 1
    return events[-1].draft


def shown(events: list[AnswerEvent]) -> str:
    text = ""
    for event in events:
        text = "" if isinstance(event, Restarted) else text + (event.text if isinstance(event, Written) else "")
    return text


def test_a_generated_answer_cites_what_it_rests_on() -> None:
    events = ask(answering(ScriptedModel(["On Fri", "days [1", "]. Not [9]. ", "<!channel> \n"])))
    assert events[0] == Searched(2)
    result = draft(events)
    assert result.text == "On Fridays [1]. Not. @\u2060channel"
    assert shown(events).rstrip() == result.text
    assert (result.verdict, result.model, result.adapter, result.note) == (
        Verdict.GENERATED,
        "scripted",
        "adapter-7",
        "",
    )
    assert [(c.marker, c.passage_id, c.document_id, c.quote) for c in result.citations] == [
        (1, "p1", "d1", FACTS[0].quote)
    ]
    assert result.nearest == ()


def test_the_model_is_asked_with_the_sources_and_the_turns() -> None:
    model, finder = ScriptedModel(["Yes [1]."]), FixedFinder(*FACTS)
    ask(answering(model, finder), "And for Berlin?", turns=[Turn("When is the deploy?", "Friday [1].")])
    assert finder.asked == [("When is the deploy? And for Berlin?", SCOPE, 8)]
    assert model.prompts[0].turns == (Turn("When is the deploy?", "Friday (1)."),)
    assert model.prompts[0].question == "And for Berlin?"


@pytest.mark.parametrize(
    ("question", "beginning"),
    [("When is lunch?", "I don't know"), ("Wann ist das Essen?", "Das weiß ich nicht"), ("午饭是几点？", "我不知道")],
)
def test_nothing_relevant_is_said_honestly_and_nothing_is_generated(question: str, beginning: str) -> None:
    model = ScriptedModel(["Never."])
    events = ask(
        answering(model, FixedFinder(*(found("Cats.", number=n, relevant=False) for n in range(1, 6)))), question
    )
    assert events[0] == Searched(0)
    result = draft(events)
    assert result.text.startswith(beginning)
    assert result.verdict is Verdict.UNKNOWN
    assert [pointer.passage_id for pointer in result.nearest] == ["p1", "p2", "p3"]
    assert model.prompts == []


@pytest.mark.parametrize("question", ["", "   ", "🎉🎉", ":tada:"])
def test_a_question_without_words_is_not_looked_for(question: str) -> None:
    finder = FixedFinder(*FACTS)
    result = draft(ask(answering(ScriptedModel(), finder), question))
    assert "ask me in words" in result.text
    assert result.verdict is Verdict.UNKNOWN
    assert finder.asked == []


@pytest.mark.parametrize("pieces", [(), ("It runs ", "on Mon")])
def test_a_model_that_fails_is_replaced_by_the_words_of_the_sources(pieces: tuple[str, ...]) -> None:
    events = ask(answering(ScriptedModel(pieces, fails=True)))
    result = draft(events)
    assert (Restarted() in events) == bool(pieces)
    assert result.text == shown(events) == "The deploy runs on Fridays. [1]"
    assert result.verdict is Verdict.QUOTED
    assert "not answering" in result.note
    assert [citation.marker for citation in result.citations] == [1]


class Resting(ScriptedModel):
    """It gave its memory to a training run."""

    def generate(self, prompt: Prompt, stop: threading.Event) -> Iterator[str | WrittenWith]:
        raise ModelResting("It gave its memory to a training run.")


@pytest.mark.parametrize(
    ("question", "words"), [("When does the deploy run?", "I am learning"), ("Wann läuft das Deploy?", "Ich lerne")]
)
def test_while_the_model_makes_room_for_training_the_words_of_the_sources_say_so(question: str, words: str) -> None:
    result = draft(ask(answering(Resting()), question))
    assert result.verdict is Verdict.QUOTED
    assert result.note.startswith(words)


def test_a_model_that_writes_nothing_has_failed() -> None:
    result = draft(ask(answering(ScriptedModel(["  ", "\n", "[9]"]))))
    assert result.verdict is Verdict.QUOTED


@pytest.mark.parametrize("deaf", [False, True])
def test_a_hung_model_is_given_up_and_blocks_nobody(deaf: bool) -> None:
    model = ScriptedModel(["It runs "], hangs=True, deaf=deaf)
    service = answering(model, patience_s=0.3)
    began = time.monotonic()
    events = ask(service)
    assert Restarted() in events
    assert draft(events).verdict is Verdict.QUOTED
    assert draft(ask(service)).verdict is Verdict.QUOTED
    assert time.monotonic() - began < 60, "the deaf one would hang for longer"
    if not deaf:
        assert model.stopped.wait(30), "the model is told to stop"
    model.close()


def test_signs_of_life_keep_a_busy_model() -> None:
    class Busy(ScriptedModel):
        def generate(self, prompt, stop):  # type: ignore[no-untyped-def]
            for _ in range(8):
                time.sleep(0.3)
                yield ""
            yield "On Fridays [1]."

    assert draft(ask(answering(Busy(), patience_s=2.0))).verdict is Verdict.GENERATED


def test_stop_ends_it_at_once_with_what_there_is() -> None:
    stop = threading.Event()
    model = ScriptedModel(["It runs on "], hangs=True, deaf=True)
    events = []
    began = time.monotonic()
    for event in answering(model).answer("When does the deploy run?", SCOPE, (), stop):
        events.append(event)
        if isinstance(event, Written):
            stop.set()
    assert time.monotonic() - began < 60, "the model would hang for longer"
    result = draft(events)
    assert (result.text, result.verdict, result.note) == ("It runs on", Verdict.GENERATED, "Stopped before the end.")
    model.close()


def test_a_reader_who_leaves_stops_the_model() -> None:
    model = ScriptedModel(["word "] * 5, hangs=True)
    events = answering(model).answer("When does the deploy run?", SCOPE)
    while not isinstance(next(events), Written):
        pass
    events.close()  # type: ignore[attr-defined]
    assert model.stopped.wait(30)


def test_without_a_model_the_reply_says_so() -> None:
    result = draft(ask(answering(ScriptedModel(["Quote. [2]"], generates=False))))
    assert result.verdict is Verdict.QUOTED
    assert "No language model is set up" in result.note


def test_an_answer_without_sources_is_marked_and_points_at_the_nearest() -> None:
    result = draft(ask(answering(ScriptedModel(["It runs on Fridays."]))))
    assert "names no source" in result.note
    assert [pointer.marker for pointer in result.nearest] == [1, 2]


def test_a_question_that_is_cut_is_told() -> None:
    result = draft(ask(answering(ScriptedModel(["Yes [1]."])), "why? " + "log " * 5000))
    assert "too long to be read whole" in result.note


def test_a_model_without_room_is_replaced() -> None:
    assert draft(ask(answering(ScriptedModel(["x"], context_characters=100)))).verdict is Verdict.QUOTED


def test_a_bug_is_not_hidden() -> None:
    class Broken(ScriptedModel):
        def generate(self, prompt, stop):  # type: ignore[no-untyped-def]
            raise ZeroDivisionError
            yield

    with pytest.raises(ZeroDivisionError):
        ask(answering(Broken()))


def test_what_the_sources_do_not_bear_out_is_said_under_the_answer() -> None:
    model = ScriptedModel(["The deploy runs on Mondays at 18:00 with Ben Miller [1]. Ana owns the deploy [2]."])
    note = draft(ask(answering(model))).note
    assert "Not found in the sources: “The deploy runs on Mondays at 18:00 with Ben Miller.”" in note
    assert "In none of the sources: Mondays, 18:00, Ben Miller." in note
    assert "Ana owns" not in note


def test_a_quoted_answer_is_not_doubted() -> None:
    assert draft(ask(answering(ScriptedModel(["Whatever 99 says [1]."], generates=False)))).note.count("99") == 0


@pytest.mark.parametrize(
    ("similarity", "verdict", "cautious"),
    [(0.8, Verdict.GENERATED, False), (0.3, Verdict.GENERATED, True), (0.1, Verdict.UNKNOWN, False)],
)
def test_answer_caution_or_dont_know(similarity: float, verdict: Verdict, cautious: bool) -> None:
    fact = replace(FACTS[0], similarity=similarity, coverage=0.7)
    result = draft(ask(answering(ScriptedModel(["The deploy runs on Fridays [1]."]), FixedFinder(fact))))
    assert (result.verdict, "only loosely" in result.note) == (verdict, cautious)
