"""Questions are kept once, answered once, and withdrawn for good, on SQLite and PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor

from core.answering.drafts import Draft, DraftCitation
from core.answering.models.language_model import Turn
from core.answering.questions import AskedQuestion, ask, save_answer, turns_of_thread, unanswered, withdraw
from core.records.questions import AskedBy, QuestionState, Verdict
from core.records.unit_of_work import Record

CITATION = DraftCitation(1, "p1", "d1", "public", "#general, Ana", "https://x/1", "On Fridays.")
DRAFT = Draft("On Fridays [1].", Verdict.GENERATED, "phi3", "adapter-7", "A note.", (CITATION,))


def asked(
    ts: str = "1.0", *, thread: str = "", person: str = "U1", ephemeral: bool = False, text: str = "When?"
) -> AskedQuestion:
    return AskedQuestion("T1", "C1", ts, person, text, AskedBy.MENTION, thread_ts=thread, ephemeral=ephemeral)


def kept(record: Record, question: AskedQuestion) -> str:
    question_id = ask(record, question)
    assert question_id
    return question_id


def test_the_same_message_asks_once(record: Record) -> None:
    first = ask(record, asked())
    assert first
    assert ask(record, asked()) is None
    assert ask(record, asked("2.0"))
    assert unanswered(record)[0].id == first
    assert len(unanswered(record)) == 2


def test_the_same_message_asks_once_from_eight_threads(record: Record) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: ask(record, asked()), range(8)))
    assert len([one for one in ids if one]) == 1
    assert len(unanswered(record)) == 1


def test_an_answer_is_saved_once_with_what_it_rests_on(record: Record) -> None:
    question_id = kept(record, asked())
    assert save_answer(record, question_id, DRAFT)
    assert save_answer(record, question_id, DRAFT) is None
    assert unanswered(record) == []
    with record() as work:
        question = work.questions.get(question_id)
        assert question
        assert question.answer
        assert (question.state, question.answer.text) == (QuestionState.ANSWERED, "On Fridays [1].")
        assert (question.answer.model, question.answer.adapter, question.answer.note) == (
            "phi3",
            "adapter-7",
            "A note.",
        )
        assert [(c.marker, c.quote, c.link) for c in question.answer.citations] == [(1, "On Fridays.", "https://x/1")]


def test_an_answer_is_saved_once_from_eight_threads(record: Record) -> None:
    question_id = kept(record, asked())
    with ThreadPoolExecutor(8) as pool:
        saved = list(pool.map(lambda _: save_answer(record, question_id, DRAFT), range(8)))
    assert len([one for one in saved if one]) == 1


def test_a_withdrawn_question_is_never_answered(record: Record) -> None:
    question_id = kept(record, asked())
    gone = withdraw(record, "T1", "C1", "1.0")
    assert gone
    assert (gone.question_id, gone.replies) == (question_id, ())
    assert save_answer(record, question_id, DRAFT) is None
    assert unanswered(record) == []
    assert ask(record, asked()) is None, "a late delivery does not ask again"


def test_withdrawing_leaves_nothing_of_what_was_said(record: Record) -> None:
    question_id = kept(record, asked())
    save_answer(record, question_id, DRAFT)
    with record() as work:
        question = work.questions.get(question_id)
        assert question
        work.questions.add_reply(question, "C1", "1.5")
        work.commit()
    for _ in range(2):
        gone = withdraw(record, "T1", "C1", "1.0")
        assert gone
        assert gone.replies == (("C1", "1.5"),)
    with record() as work:
        question = work.questions.get(question_id)
        assert question
        assert question.answer
        assert (question.text, question.answer.text, question.answer.note) == ("", "", "")
        assert question.answer.citations == []
    assert withdraw(record, "T1", "C1", "9.9") is None


def test_a_thread_is_remembered_in_order(record: Record) -> None:
    first = kept(record, asked("1.0", thread="1.0", text="First?"))
    save_answer(record, first, DRAFT)
    unknown = kept(record, asked("1.1", thread="1.0", text="Unknown?"))
    save_answer(record, unknown, Draft("I don't know.", Verdict.UNKNOWN))
    kept(record, asked("1.2", thread="1.0", text="Waiting?"))
    elsewhere = kept(record, asked("1.3", thread="7.0", text="Elsewhere?"))
    save_answer(record, elsewhere, DRAFT)
    now = kept(record, asked("1.4", thread="1.0", text="Now?"))
    later = kept(record, asked("1.5", thread="1.0", text="Later?"))
    save_answer(record, later, DRAFT)
    assert turns_of_thread(record, now) == (Turn("First?", "On Fridays [1]."),)
    assert turns_of_thread(record, kept(record, asked("3.0"))) == ()


def test_what_one_person_saw_is_not_told_to_others(record: Record) -> None:
    private = kept(record, asked("1.0", thread="1.0", text="Secret?", ephemeral=True))
    save_answer(record, private, DRAFT)
    aloud = kept(record, asked("1.1", thread="1.0"))
    other = kept(record, asked("1.2", thread="1.0", person="U2", ephemeral=True))
    same = kept(record, asked("1.3", thread="1.0", ephemeral=True))
    assert turns_of_thread(record, aloud) == ()
    assert turns_of_thread(record, other) == ()
    assert turns_of_thread(record, same) == (Turn("Secret?", "On Fridays [1]."),)
