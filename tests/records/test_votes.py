"""Votes in any order of arrival: what was given last counts, and none is lost while an answer is being written."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from core.curation.approval import ApprovalRule
from core.curation.corrections import Complaint, receive
from core.curation.feedback import EARLY_VOTES_KEPT, HELPFUL, NOT_HELPFUL, complain, count_early, take_back, vote
from core.errors import JourneymanError
from core.knowledge.channels import ChannelFacts, PersonFacts, learn_channel, learn_people, learn_workspace
from core.records.base import utc_now
from core.records.examples import ExampleState
from core.records.questions import Answer, AskedBy, Question, Verdict
from core.records.unit_of_work import Record
from core.records.workspaces import ChannelKind

TEAM, CHANNEL, PARTS = "T1", "C1", ("2.0", "3.0")
RULE = ApprovalRule()


@pytest.fixture
def asked(record: Record) -> Record:
    """A question whose reply grows in two messages."""
    learn_workspace(record, TEAM, "Roasters", "UBOT", "B1")
    learn_channel(record, TEAM, ChannelFacts(CHANNEL, ChannelKind.PUBLIC, "general"))
    with record() as work:
        question = Question(
            id="Q", workspace_id=TEAM, channel_id=CHANNEL, asked_ts="1.0", thread_ts="1.0", person_id="U1",
            asked_by=AskedBy.MENTION, text="How hot?",
        )  # fmt: skip
        work.questions.add(question)
        for ts in PARTS:
            work.questions.add_reply(question, CHANNEL, ts)
        work.commit()
    return record


def complete(record: Record, verdict: Verdict = Verdict.GENERATED) -> None:
    with record() as work:
        question = work.questions.get("Q")
        assert question is not None
        work.questions.add_answer(question, Answer(id="A", text="221 °C", verdict=verdict, model="fake"))
        work.commit()


def votes(record: Record) -> dict[str, int]:
    with record() as work:
        return work.feedback.votes_on("A")


def approved(record: Record) -> int:
    with record() as work:
        return work.examples.count(TEAM, ExampleState.APPROVED)


def after(seconds: float) -> datetime:
    return utc_now().astimezone(UTC) + timedelta(seconds=seconds)


def test_a_vote_on_a_growing_reply_counts_when_it_is_complete(asked: Record) -> None:
    assert vote(asked, TEAM, CHANNEL, PARTS[0], "U2", HELPFUL, RULE)
    assert vote(asked, TEAM, CHANNEL, PARTS[0], "U3", HELPFUL, RULE)
    assert take_back(asked, TEAM, CHANNEL, PARTS[0], "U3", HELPFUL, RULE)
    assert count_early(asked, TEAM, RULE) == 0
    complete(asked)
    assert count_early(asked, TEAM, RULE) == 2
    assert votes(asked) == {"U2": 1}
    assert approved(asked) == 1
    assert count_early(asked, TEAM, RULE) == 0


def test_the_vote_after_completion_stands_above_the_early_one(asked: Record) -> None:
    vote(asked, TEAM, CHANNEL, PARTS[0], "U2", HELPFUL, RULE)
    complete(asked)
    vote(asked, TEAM, CHANNEL, PARTS[0], "U2", NOT_HELPFUL, RULE)
    count_early(asked, TEAM, RULE)
    assert votes(asked) == {"U2": -1}


def test_an_early_vote_on_what_was_withdrawn_goes_with_it(asked: Record) -> None:
    vote(asked, TEAM, CHANNEL, PARTS[0], "U2", HELPFUL, RULE)
    with asked() as work:
        question = work.questions.get("Q")
        assert question is not None
        work.questions.withdraw(question)
        work.commit()
    assert count_early(asked, TEAM, RULE) == 1
    with asked() as work:
        assert work.early_votes.get(TEAM, CHANNEL, PARTS[0], "U2") is None


def test_a_vote_on_a_message_that_is_no_answer_is_dropped_after_a_day(asked: Record) -> None:
    vote(asked, TEAM, CHANNEL, "9.0", "U2", HELPFUL, RULE, at=utc_now() - EARLY_VOTES_KEPT)
    vote(asked, TEAM, CHANNEL, "9.0", "U3", HELPFUL, RULE)
    count_early(asked, TEAM, RULE)
    with asked() as work:
        assert work.early_votes.get(TEAM, CHANNEL, "9.0", "U2") is None
        assert work.early_votes.get(TEAM, CHANNEL, "9.0", "U3") is not None


@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_a_thumb_taken_off_stays_off_whatever_arrives_first(asked: Record, early: bool, order: tuple[int, ...]) -> None:
    told: list[Callable[[], bool]] = [
        lambda: vote(asked, TEAM, CHANNEL, PARTS[0], "U2", HELPFUL, RULE, at=after(1)),
        lambda: take_back(asked, TEAM, CHANNEL, PARTS[0], "U2", HELPFUL, RULE, at=after(100)),
    ]
    if not early:
        complete(asked)
    for number in order:
        told[number]()
    if early:
        complete(asked)
    count_early(asked, TEAM, RULE)
    assert votes(asked) == {}
    assert approved(asked) == 0


def test_votes_on_every_part_of_a_continued_answer_are_one_vote(asked: Record) -> None:
    complete(asked)
    vote(asked, TEAM, CHANNEL, PARTS[0], "U2", HELPFUL, RULE)
    vote(asked, TEAM, CHANNEL, PARTS[1], "U2", HELPFUL, RULE)
    assert votes(asked) == {"U2": 1}
    vote(asked, TEAM, CHANNEL, PARTS[1], "U2", NOT_HELPFUL, RULE)
    assert votes(asked) == {"U2": -1}


def test_a_complaint_goes_with_the_vote_that_it_explains(asked: Record) -> None:
    complete(asked)
    assert not complain(asked, "Q", "U2", Complaint.WRONG)
    vote(asked, TEAM, CHANNEL, PARTS[0], "U2", NOT_HELPFUL, RULE)
    assert complain(asked, "Q", "U2", Complaint.OUTDATED)
    with asked() as work:
        assert work.overviews.complaints(TEAM, utc_now() - timedelta(days=1)) == {"outdated": 1}
    vote(asked, TEAM, CHANNEL, PARTS[0], "U2", HELPFUL, RULE, at=after(1))
    with asked() as work:
        assert work.overviews.complaints(TEAM, utc_now() - timedelta(days=1)) == {}


def test_a_correction_of_an_answer_that_is_gone_is_refused_in_one_sentence(asked: Record) -> None:
    complete(asked)
    with asked() as work:
        answer = work.questions.answer("A")
        assert answer is not None
        work.questions.forget_answer(answer)
        work.commit()
    with pytest.raises(JourneymanError, match="deleted meanwhile"):
        receive(asked, "Q", "U2", Complaint.WRONG, "219 °C")


def test_who_opted_out_after_voting_early_is_not_counted(asked: Record) -> None:
    vote(asked, TEAM, CHANNEL, PARTS[0], "U2", HELPFUL, RULE)
    learn_people(asked, TEAM, [PersonFacts("U2", "ben")])
    with asked() as work:
        work.workspaces.ensure_person(TEAM, "U2").opted_out = True
        work.commit()
    complete(asked)
    count_early(asked, TEAM, RULE)
    assert votes(asked) == {}
