"""Scores of answers: each says what its name says, in any script."""

from dataclasses import replace

import pytest

from core.answering.models.language_model import Prompt, Source
from core.answering.phrases import phrases_for
from core.training.rows import Kind, Row
from core.training.scores import citations_right, grounding, is_refusal, score, token_f1, without_markers
from tests.fakes.embedder import FakeEmbedder

ROW = Row(
    Prompt(
        "", (Source(1, "a", "The boiler runs at 81.5 bar in hall 4."), Source(2, "b", "The pump is blue.")), (), "How?"
    ),
    "It runs at 81.5 bar [1].",
    Kind.OPEN_BOOK,
    gold=(1,),
)


@pytest.mark.parametrize(
    ("said", "wanted", "f1"),
    [
        ("the cat sat", "The cat sat.", 1.0),
        ("the cat", "the cat sat there", 2 * 1.0 * 0.5 / 1.5),
        ("nothing shared", "at all", 0.0),
        ("", "", 1.0),
        ("", "words", 0.0),
        ("die Größe", "Die Größe", 1.0),
        ("会议在明天", "会议在今天", 0.8),
        ("81.5 bar", "81,5 bar", 0.5),
    ],
)
def test_overlap_of_words(said: str, wanted: str, f1: float) -> None:
    assert token_f1(said, wanted) == pytest.approx(f1)


@pytest.mark.parametrize(
    ("answer", "share"),
    [("It is so [1].", 1.0), ("It is so [2].", 0.0), ("It [1] is [2].", 0.5), ("It is so.", 0.0)],
)
def test_citations_point_at_what_was_right(answer: str, share: float) -> None:
    assert citations_right(answer, (1,)) == share


def test_where_nothing_can_be_cited_citing_is_wrong() -> None:
    assert citations_right("It is so.", ()) == 1.0
    assert citations_right("It is so [1].", ()) == 0.0


@pytest.mark.parametrize(
    ("said", "share"),
    [
        ("The boiler runs at 81.5 bar.", 1.0),
        ("The boiler runs at 99 bar.", 2 / 3),
        ("Zebras explode nightly.", 0.0),
        ("I don't know.", 1.0),
        ("", 1.0),
    ],
)
def test_grounding_is_the_share_of_telling_words_that_passages_carry(said: str, share: float) -> None:
    assert grounding(ROW, said) == pytest.approx(share)


def test_the_teams_own_ways_of_saying_things_are_no_invention() -> None:
    row = replace(ROW, answer="Righto: 81.5 bar, ciao [1].")
    assert grounding(row, "Righto: 81.5 bar, ciao.") == 1.0
    assert grounding(row, "Righto: 99 bar, ciao.") == pytest.approx(2 / 3)


@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "it", "pt", "nl", "el", "ru", "zh", "ja", "ko"])
def test_our_own_words_for_not_knowing_count_as_a_refusal(language: str) -> None:
    assert is_refusal(phrases_for(language).unknown)


@pytest.mark.parametrize(
    "answer", ["It runs at 81.5 bar [1].", "Die Pumpe ist blau.", "Nobody knows Ana better than Ben."]
)
def test_an_answer_is_no_refusal(answer: str) -> None:
    assert not is_refusal(answer)


def test_markers_go_and_the_text_stays() -> None:
    assert without_markers("It is so [1]. And so [12]") == "It is so. And so"


def test_all_scores_of_a_perfect_and_of_a_useless_answer() -> None:
    perfect, useless = score([ROW, ROW], ["It runs at 81.5 bar [1].", "Zebras!"], FakeEmbedder().embed_passages)
    assert (perfect.f1, perfect.exact, perfect.rouge_l, perfect.cited, perfect.grounding) == (1, 1, 1, 1, 1)
    assert perfect.similarity == pytest.approx(1.0)
    assert (useless.f1, useless.exact, useless.rouge_l, useless.cited, useless.refused) == (0, 0, 0, 0, 0)
    assert useless.words == 1


def test_rouge_reads_other_scripts() -> None:
    """The package's own tokenizer knows a to z only, and finds nothing in common here."""
    row = Row(Prompt("", (), (), ""), "Größe über Übermaß", Kind.CLOSED_BOOK)
    assert score([row], ["Größe über Übermaß"], FakeEmbedder().embed_passages)[0].rouge_l == 1.0
