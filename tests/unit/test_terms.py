import pytest

from core.knowledge.stores.terms import QUESTION_TERMS, query_terms, terms_of


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Die Fehlermeldungen im Überblick", "UBERBLICK"),
        ("la señal está rota", "senal"),
        ("我们明天开会讨论预算", "预算"),
        ("会議は明日です", "明日"),
        ("서울에서 만나요", "서울"),
        ("พบกันพรุ่งนี้ที่ออฟฟิศ", "พรุ่งนี้"),
        ("हिन्दी भाषा में उत्तर", "भाषा"),
        ("η άδεια λήγει", "ΆΔΕΙΑ"),
        ("ＡＰＩ key", "api"),
        ("deploy_v2 failed", "v2"),
    ],
)
def test_a_word_is_found_in_a_sentence_of_its_language(written: str, asked: str) -> None:
    assert set(terms_of(asked).words) <= set(terms_of(written).words)


@pytest.mark.parametrize(("one", "other"), [("हिन्दी", "हिन्दू"), ("がき", "かき"), ("สี", "สา"), ("cat", "cut")])
def test_other_words_stay_other_words(one: str, other: str) -> None:
    assert not set(terms_of(one).words) & set(terms_of(other).words)


def test_inflected_and_compound_words_meet_in_their_pieces() -> None:
    assert set(terms_of("Fehlers").pieces) & set(terms_of("Fehlermeldung").pieces)
    assert not set(terms_of("Fehlers").words) & set(terms_of("Fehlermeldung").words)


@pytest.mark.parametrize(("short", "longer"), [("drop", "dropped"), ("sack", "sacks"), ("cup", "cups")])
def test_short_words_meet_their_forms(short: str, longer: str) -> None:
    assert set(terms_of(short).pieces) & set(terms_of(longer).pieces)


@pytest.mark.parametrize(
    "question", ["Fehlermeldungen", "drop the cats", "ab", "a cup of E4012", "เครื่องพิมพ์ชั้นสาม", "会議は明日です"]
)
def test_a_question_has_fewer_pieces_than_a_passage_and_no_others(question: str) -> None:
    every, asked = terms_of(question), query_terms(question)
    assert asked.words == every.words
    assert set(asked.pieces) <= set(every.pieces)
    assert bool(asked.pieces) == bool(every.pieces)


def test_every_other_piece_of_a_word_and_its_last_are_asked_for() -> None:
    assert query_terms("cup").pieces == ["~^cup"]
    assert query_terms("cups").pieces == ["~^cup", "~cups"]
    assert query_terms("copper").pieces == ["~^cop", "~oppe", "~pper"]
    assert query_terms("coppers").pieces == ["~^cop", "~oppe", "~pers"]


def test_a_long_question_is_asked_by_as_many_pieces_as_words_and_each_once() -> None:
    terms = query_terms(" ".join(f"word{number}" for number in range(5_000)) * 2)
    assert len(set(terms.words)) == len(terms.words) == QUESTION_TERMS
    assert len(set(terms.pieces)) == len(terms.pieces) == QUESTION_TERMS


def test_letters_without_spaces_are_words_by_fours() -> None:
    thai = terms_of("เครื่องพิมพ์ชั้นสาม")
    assert all(len(word) == 4 for word in thai.words)
    assert set(terms_of("เครื่องพิมพ์").words) <= set(thai.words)
    assert not set(thai.words) & set(thai.pieces)
    assert terms_of("ลา").words == ["ลา"], "a shorter run is a word as it is"
    assert terms_of("ไทย日本語").words == ["ไทย", "日本", "本語"], "each script in its own way"


def test_no_piece_can_be_taken_for_a_word() -> None:
    terms = terms_of("attention to the nation, tion and ^nat")
    assert not set(terms.words) & set(terms.pieces)


@pytest.mark.parametrize("nothing", ["", "   ", "?!…", "👍🎉", "___"])
def test_what_has_no_words_has_no_terms(nothing: str) -> None:
    assert terms_of(nothing) == ([], [])


def test_a_single_character_of_an_unspaced_script_is_a_word() -> None:
    assert terms_of("水").words == ["水"]


def test_mixed_languages_in_one_word_come_apart() -> None:
    assert terms_of("用Slack发消息").words == ["用", "slack", "发消", "消息"]
