"""The pure parts of ranking: fusion, the weight of meaning, coverage, and the rule of relevance."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.knowledge.coverage import Coverage
from core.knowledge.dense_weight import TRUST, dense_weight
from core.knowledge.embedding import Embedder
from core.knowledge.relevance import RELEVANT_FROM, is_relevant
from core.knowledge.retrieval import Found
from core.knowledge.stores.fusion import fuse

SCORES = st.dictionaries(st.sampled_from("abcdef"), st.floats(0.01, 50))


def test_each_ranking_alone_at_either_end() -> None:
    words, meaning = {"a": 9.0, "b": 3.0}, {"b": 0.9, "c": 0.5, "a": 0.1}
    assert fuse(words, meaning, 0.0) == {"a": 1.0, "b": pytest.approx(1 / 3), "c": 0.0}
    assert fuse(words, meaning, 1.0) == {"b": 1.0, "c": pytest.approx(0.5), "a": 0.0}
    assert fuse(words, meaning, 0.5)["b"] == pytest.approx((1 / 3 + 1) / 2)
    assert fuse({}, {}, 0.5) == {}


def test_what_means_nearly_the_same_is_told_apart_by_words() -> None:
    fused = fuse({"right": 9.0, "wrong": 6.0}, {"wrong": 0.91, "right": 0.90}, 0.6)
    assert fused["right"] > fused["wrong"]


@given(words=SCORES, meaning=SCORES, weight=st.floats(0, 1))
def test_fused_scores_are_in_range_and_leave_nobody_out(words, meaning, weight) -> None:
    fused = fuse(words, meaning, weight)
    assert fused.keys() == words.keys() | meaning.keys()
    assert all(-1e-9 <= score <= 1 + 1e-9 for score in fused.values())


READABLE, UNREADABLE = TRUST[-1][0], TRUST[-2][0]


def test_meaning_weighs_as_much_as_the_question_is_readable() -> None:
    assert dense_weight(0.0) == 0.0, "what the embedder cannot read at all is ranked by words alone"
    assert [dense_weight(at) for at, _ in TRUST] == [pytest.approx(share) for _, share in TRUST]
    weights = [dense_weight(at / 100) for at in range(101)]
    assert weights == sorted(weights)
    assert dense_weight(1.0) == TRUST[-1][1]


@pytest.mark.parametrize(
    "question",
    ["Which team won the final?", "How do I rotate the API keys?", "Who invented the steam engine in 1712?"],
)
def test_minilm_reads_english(minilm: Embedder, question: str) -> None:
    assert minilm.readability(question) >= READABLE


@pytest.mark.parametrize(
    "question",
    [
        "Welche Abteilung verwaltet die Reisekostenabrechnung?",
        "¿Cuántos habitantes tenía la ciudad en 2010?",
        "Cine a scris această carte în 1920?",
        "Hangi şehir Türkiye'nin başkentidir?",
        "Đội nào đã giành chiến thắng trong trận chung kết?",
        "Ποια πόλη είναι η πρωτεύουσα της Ελλάδας;",
        "Какой город является столицей России?",
        "ما هي عاصمة مصر؟",
        "भारत की राजधानी क्या है?",  # whose vowel signs must not part words into letters that every tokenizer knows
        "เมืองหลวงของประเทศไทยคือที่ไหน",  # one unknown token, which is not a known word
        "哪个城市是中国的首都？",
        "2010?",
        "?!",
    ],
)
def test_minilm_hardly_reads_other_languages(minilm: Embedder, question: str) -> None:
    assert minilm.readability(question) <= UNREADABLE


@pytest.mark.parametrize(
    "question",
    [
        "Ποια ομάδα κέρδισε το Super Bowl 50;",
        "Как задеплоить backend через docker compose?",
        "哪支球队在Super Bowl 50中获胜?",
        "เมืองหลวงของ NFL อยู่ที่ไหน",
    ],
)
def test_names_in_latin_letters_make_no_other_language_readable(minilm: Embedder, question: str) -> None:
    assert minilm.readability(question) == 0.0


def test_a_foreign_name_leaves_english_readable(minilm: Embedder) -> None:
    assert minilm.readability("What does 東京 mean in English for a tourist?") >= READABLE


@pytest.mark.parametrize(
    ("question", "passage", "least", "most"),
    [
        ("Where is the printer?", "The printer is on the second floor", 0.5, 1.0),
        ("Where is the printer?", "Lunch is at noon", 0.0, 0.1),
        ("Welche Fehler gibt es?", "Eine Fehlermeldung erscheint", 0.2, 1.0),
        ("图书馆几点开门", "图书馆早上九点开门", 0.4, 0.9),
        ("图书馆几点开门", "午饭在院子里", 0.0, 0.1),
        ("Who?", "who is who", 1.0, 1.0),
        ("?!", "anything", 0.0, 0.0),
    ],
)
def test_coverage(question: str, passage: str, least: float, most: float) -> None:
    assert least <= Coverage(question, [passage]).of(passage) <= most


def test_a_rare_word_counts_more_than_one_that_everything_found_has() -> None:
    said = [f"The roastery keeps sack {number} dry" for number in range(20)]
    covers = Coverage("Where does the roastery keep the nectarine sack?", [*said, "The nectarine came today"])
    assert covers.of("The nectarine came today") > covers.of("The roastery keeps a sack of it")


def test_grammar_does_not_count() -> None:
    covers = Coverage("What would they have there?", ["What would they have there", "something else"])
    assert covers.of("lamps") == 0.0
    assert Coverage("What is the alarm code?", ["the alarm code is 4471"]).of("alarm code 4471") > 0.9


def test_a_form_of_a_word_counts_as_the_word() -> None:
    covers = Coverage("What was dropped?", ["the drop", "the cups"])
    assert covers.of("the drop") > covers.of("the cups") == 0.0


def found(similarity: float, covered: float, readability: float = 1.0) -> Found:
    return Found(
        passage_id="p",
        document_id="d",
        source="s",
        link="",
        quote="q",
        context="q",
        header="",
        audience="public",
        said_at=datetime(2026, 3, 1, tzinfo=UTC),
        place="",
        score=1.0,
        similarity=similarity,
        coverage=covered,
        readability=readability,
    )


def test_relevance_needs_meaning_or_words_or_some_of_both() -> None:
    assert is_relevant(found(0.75, 0.6))
    assert is_relevant(found(RELEVANT_FROM / 2, RELEVANT_FROM / 2))
    assert is_relevant(found(0.0, RELEVANT_FROM / 2, readability=0.0)), "a language that the embedder cannot read"
    assert not is_relevant(found(0.9, 0.2, readability=0.0)), "likeness in such a language says nothing"
    assert not is_relevant(found(0.15, 0.1))
    assert not is_relevant(found(0.5, 0.0))
