"""Languages are guessed well enough to say a sentence in them."""

import pytest

from core.answering.follow_up import search_text
from core.answering.language import guess_language, has_words
from core.answering.models.language_model import Turn
from core.answering.phrases import phrases_for


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("When does the deploy run?", "en"),
        ("deploy?", "en"),
        ("Wann läuft das Deployment und wer macht das?", "de"),
        ("¿Cuándo es la reunión de ventas?", "es"),
        ("Quand est la réunion de l'équipe ?", "fr"),
        ("Quando è la riunione del team e chi viene?", "it"),
        ("Quando é a reunião e quem são os convidados?", "pt"),
        ("Wanneer is het overleg van ons team?", "nl"),
        ("Πότε είναι η σύσκεψη;", "el"),
        ("Когда встреча?", "ru"),
        ("会议什么时候开始？", "zh"),
        ("会議はいつですか？", "ja"),
        ("회의는 언제인가요?", "ko"),
        ("什么时候部署 API gateway?", "zh"),
    ],
)
def test_the_language_is_guessed(question: str, language: str) -> None:
    assert guess_language(question) == language
    assert phrases_for(language).unknown


def test_an_unknown_language_is_answered_in_english() -> None:
    assert phrases_for("xx") == phrases_for("en")


@pytest.mark.parametrize("text", ["", "  \n", "🎉🎉", ":tada: :+1:", "???", "…", "👩‍💻 :white_check_mark:!"])
def test_nothing_to_look_for(text: str) -> None:
    assert not has_words(text)


@pytest.mark.parametrize("text", ["a", "42", "会", "π", ":tada: why"])
def test_something_to_look_for(text: str) -> None:
    assert has_words(text)


def test_a_follow_up_is_looked_for_with_what_it_follows() -> None:
    turns = [Turn("When does the Munich office close?", "At six [1].")]
    assert search_text("And for Berlin?", turns) == "When does the Munich office close? And for Berlin?"
    assert search_text("Who has the keys?", turns) == "When does the Munich office close? Who has the keys?"
    alone = "Which vendor delivers the coffee machine parts?"
    assert search_text(alone, turns) == alone
    assert search_text("And for Berlin?", []) == "And for Berlin?"
