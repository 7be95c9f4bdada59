"""Votes make training examples, and unmake them, in the same transaction; what people teach waits for review."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.curation.approval import ApprovalRule
from core.curation.examples import propose_correction, teach, withdraw
from core.curation.feedback import HELPFUL, NOT_HELPFUL, take_back, vote
from core.curation.review import decide
from core.curation.reviewing import Reviewing
from core.errors import JourneymanError, NotAllowed
from core.knowledge.channels import ChannelFacts, PersonFacts, learn_channel, learn_people, learn_workspace
from core.records.examples import ExampleState, TrainingExample
from core.records.questions import Answer, AskedBy, Citation, Question, Verdict
from core.records.unit_of_work import Record
from core.records.workspaces import PUBLIC, ChannelKind

TEAM, REPLY_TS = "T1", "2.0"


@pytest.fixture
def answered(record: Record) -> Record:
    learn_workspace(record, TEAM, "Roasters", "UBOT", "B1")
    learn_channel(record, TEAM, ChannelFacts("C1", ChannelKind.PUBLIC, "general"))
    learn_channel(record, TEAM, ChannelFacts("G1", ChannelKind.PRIVATE, "leads"))
    give_answer(record, "C1", PUBLIC)
    return record


def give_answer(record: Record, channel: str, source_audience: str, verdict: Verdict = Verdict.GENERATED) -> None:
    with record() as work:
        question = Question(
            workspace_id=TEAM, channel_id=channel, asked_ts="1.0", thread_ts="1.0", person_id="U1",
            asked_by=AskedBy.MENTION, text="How hot?",
        )  # fmt: skip
        question.answer = Answer(text="221 °C [1]", verdict=verdict, model="fake")
        question.answer.citations = [
            Citation(marker=1, passage_id="p", document_id="d", audience=source_audience, source="S", quote="221 °C")
        ]
        work.questions.add(question)
        work.questions.add_reply(question, channel, REPLY_TS)
        work.commit()


def examples(record: Record, state: ExampleState = ExampleState.APPROVED) -> list[TrainingExample]:
    with record() as work:
        return work.examples.in_state(TEAM, state, limit=100)


def test_a_vote_makes_an_example_that_knows_its_sources(answered: Record) -> None:
    assert vote(answered, TEAM, "C1", REPLY_TS, "U1", HELPFUL)
    with answered() as work:
        (example,) = work.examples.approved(TEAM)
        assert (example.question, example.answer, example.audience) == ("How hot?", "221 °C [1]", PUBLIC)
        assert [source.text for source in example.sources] == ["221 °C"]


def test_the_last_vote_counts_and_taking_it_back_takes_the_example_back(answered: Record) -> None:
    vote(answered, TEAM, "C1", REPLY_TS, "U1", HELPFUL)
    vote(answered, TEAM, "C1", REPLY_TS, "U1", NOT_HELPFUL)
    assert examples(answered) == []
    vote(answered, TEAM, "C1", REPLY_TS, "U1", HELPFUL)
    assert not take_back(answered, TEAM, "C1", REPLY_TS, "U1", NOT_HELPFUL)
    assert len(examples(answered)) == 1
    assert take_back(answered, TEAM, "C1", REPLY_TS, "U1", HELPFUL)
    assert examples(answered) == []


def test_twenty_people_voting_at_once_make_one_example(answered: Record) -> None:
    with ThreadPoolExecutor(20) as crowd:
        list(crowd.map(lambda n: vote(answered, TEAM, "C1", REPLY_TS, f"U{n}", HELPFUL), range(20)))
    with answered() as work:
        (example,) = work.examples.approved(TEAM)
        assert example.answer_id is not None
        assert work.feedback.tally(example.answer_id) == (20, 0)


def test_bots_do_not_vote(answered: Record) -> None:
    learn_people(answered, TEAM, [PersonFacts("UOTHERBOT", "robo", is_bot=True)])
    assert not vote(answered, TEAM, "C1", REPLY_TS, "UBOT", HELPFUL)
    assert not vote(answered, TEAM, "C1", REPLY_TS, "UOTHERBOT", HELPFUL)
    assert examples(answered) == []


@pytest.mark.parametrize(("channel", "source"), [("G1", PUBLIC), ("C1", "G1")])
def test_an_example_is_only_as_public_as_its_question_and_sources(record: Record, channel: str, source: str) -> None:
    learn_channel(record, TEAM, ChannelFacts("C1", ChannelKind.PUBLIC, "general"))
    learn_channel(record, TEAM, ChannelFacts("G1", ChannelKind.PRIVATE, "leads"))
    give_answer(record, channel, source)
    vote(record, TEAM, channel, REPLY_TS, "U1", HELPFUL)
    assert [example.audience for example in examples(record)] == ["G1"]


def test_i_do_not_know_is_no_example(record: Record) -> None:
    learn_channel(record, TEAM, ChannelFacts("C1", ChannelKind.PUBLIC, "general"))
    give_answer(record, "C1", PUBLIC, Verdict.UNKNOWN)
    assert vote(record, TEAM, "C1", REPLY_TS, "U1", HELPFUL)
    assert examples(record) == []


def test_a_correction_waits_for_a_reviewer_who_may_edit_it(answered: Record) -> None:
    with answered() as work:
        question = work.questions.answered_by_message(TEAM, "C1", REPLY_TS)
        assert question is not None
        assert question.answer is not None
        answer_id = question.answer.id
    example_id = propose_correction(answered, answer_id, "U2", "outdated", "219 °C since May")
    assert [e.answer for e in examples(answered, ExampleState.CANDIDATE)] == ["219 °C since May"]
    learn_people(answered, TEAM, [PersonFacts("UREVIEWER", "rita")])
    decide(answered, reviewing(answered), TEAM, example_id, "UREVIEWER", approve=True, answer="219 °C")
    (approved,) = examples(answered)
    assert (approved.answer, approved.complaint, approved.decided_by) == ("219 °C", "outdated", "UREVIEWER")


def test_what_is_taught_in_a_private_channel_stays_private(answered: Record) -> None:
    teach(answered, TEAM, "G1", "5.0", "U2", "Who leads?", "Ana")
    teach(answered, TEAM, "C1", "6.0", "U2", "Who roasts?", "Ben")
    assert [e.audience for e in examples(answered, ExampleState.CANDIDATE)] == ["G1", PUBLIC]


def test_only_the_contributor_withdraws_and_only_once(answered: Record) -> None:
    example_id = teach(answered, TEAM, "C1", "6.0", "U2", "Who roasts?", "Ben")
    with pytest.raises(NotAllowed):
        withdraw(answered, example_id, "U3", ApprovalRule())
    withdraw(answered, example_id, "U2", ApprovalRule())
    with pytest.raises(JourneymanError, match="withdrawn"):
        decide(answered, reviewing(answered), TEAM, example_id, "UREVIEWER", approve=True)


def test_who_withdraws_a_vote_leaves_the_others_votes_standing(answered: Record) -> None:
    for person in ("U1", "U2"):
        vote(answered, TEAM, "C1", REPLY_TS, person, HELPFUL)
    (example,) = examples(answered)
    withdraw(answered, example.id, "U1", ApprovalRule())
    (example,) = examples(answered)
    assert example.proposed_by == "U2"
    withdraw(answered, example.id, "U2", ApprovalRule())
    assert examples(answered) == []


def test_who_corrects_twice_has_changed_their_mind(answered: Record) -> None:
    with answered() as work:
        question = work.questions.answered_by_message(TEAM, "C1", REPLY_TS)
        assert question is not None
        assert question.answer is not None
        answer_id = question.answer.id
    first = propose_correction(answered, answer_id, "U2", "wrong", "219")
    assert propose_correction(answered, answer_id, "U2", "outdated", "218") == first
    propose_correction(answered, answer_id, "U3", "tone", "217")
    assert [(e.answer, e.complaint) for e in examples(answered, ExampleState.CANDIDATE)] == [
        ("218", "outdated"),
        ("217", "tone"),
    ]


def test_nothing_is_taught_by_nor_from_somebody_who_opted_out(answered: Record) -> None:
    learn_people(answered, TEAM, [PersonFacts("U2", "ben"), PersonFacts("U3", "chloe")])
    with answered() as work:
        work.workspaces.ensure_person(TEAM, "U2").opted_out = True
        work.commit()
    with pytest.raises(NotAllowed, match="You asked"):
        teach(answered, TEAM, "C1", "", "U2", "Who roasts?", "Ben")
    with pytest.raises(NotAllowed, match="Whoever wrote"):
        teach(answered, TEAM, "C1", "6.0", "U3", "Who roasts?", "Ben", message_ts="6.1", said_by="U2")


def test_what_is_taught_without_a_thread_is_grouped_with_nothing(answered: Record) -> None:
    for number in range(2):
        teach(answered, TEAM, "C1", "", "U2", f"Question {number}?", "Ben")
    one, two = examples(answered, ExampleState.CANDIDATE)
    assert one.thread != two.thread
    assert one.places == ()


def reviewing(record: Record) -> Reviewing:
    return Reviewing(record, people=frozenset({"UREVIEWER"}))
