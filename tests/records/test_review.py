"""The review queue: who may see and decide what, page by page."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from core.curation import review
from core.curation.examples import teach
from core.curation.overview import glance
from core.curation.reviewing import Reviewing
from core.errors import JourneymanError, NotAllowed
from core.knowledge.channels import (
    ChannelFacts,
    PersonFacts,
    learn_channel,
    learn_people,
    learn_workspace,
    person_joined,
)
from core.records.base import utc_now
from core.records.examples import ExampleOrigin, ExampleSource, ExampleState, TrainingExample
from core.records.questions import Answer, AskedBy, Question, Verdict
from core.records.reviews import Listing
from core.records.unit_of_work import Record
from core.records.workspaces import PUBLIC, ChannelKind

TEAM = "T1"
BY_ADMINS = Reviewing


@pytest.fixture
def team(record: Record) -> Record:
    learn_workspace(record, TEAM, "Roasters", "UBOT", "B1")
    learn_channel(record, TEAM, ChannelFacts("C1", ChannelKind.PUBLIC, "general"))
    learn_channel(record, TEAM, ChannelFacts("G1", ChannelKind.PRIVATE, "leads"))
    learn_people(
        record, TEAM, [PersonFacts("UADMIN", "ana", is_admin=True), PersonFacts("U2", "ben"), PersonFacts("U3", "eve")]
    )
    person_joined(record, TEAM, "G1", ChannelKind.PRIVATE, "U2")
    return record


def propose(record: Record, number: int, audience: str = PUBLIC, **fields: object) -> str:
    with record() as work:
        example = TrainingExample(
            id=f"E{number:02}", workspace_id=TEAM, origin=ExampleOrigin.TAUGHT, channel_id="C1", thread=f"C1:{number}",
            audience=audience, question=f"Question {number}?", answer=f"Answer {number}.", proposed_by="U3",
            proposed_at=utc_now() - timedelta(minutes=1000 - number), **fields,
        )  # fmt: skip
        work.examples.add(example)
        work.commit()
        return example.id


def numbers(page: review.ExamplePage) -> list[int]:
    return [int(example.id[1:]) for example in page.examples]


def test_pages_go_forth_and_back_and_skip_nothing_when_examples_are_decided(team: Record) -> None:
    rules = Reviewing(team)
    for number in range(12):
        propose(team, number)
    first = review.page(team, rules, TEAM, "UADMIN", Listing.WAITING)
    assert (numbers(first), first.total, first.first, first.earlier) == ([0, 1, 2, 3, 4], 12, 1, "")
    for number in (1, 4):
        review.decide(team, rules, TEAM, f"E{number:02}", "UADMIN", approve=True)
    second = review.page(team, rules, TEAM, "UADMIN", Listing.WAITING, first.later)
    assert (numbers(second), second.total, second.first) == ([5, 6, 7, 8, 9], 10, 4)
    third = review.page(team, rules, TEAM, "UADMIN", Listing.WAITING, second.later)
    assert (numbers(third), third.later) == ([10, 11], "")
    again = review.page(team, rules, TEAM, "UADMIN", Listing.WAITING, third.earlier)
    assert numbers(again) == [5, 6, 7, 8, 9]
    assert numbers(review.page(team, rules, TEAM, "UADMIN", Listing.WAITING, again.earlier)) == [0, 2, 3]


def test_what_one_contributed_comes_newest_first(team: Record) -> None:
    for number in range(7):
        propose(team, number)
    first = review.page(team, Reviewing(team), TEAM, "U3", Listing.MINE)
    assert numbers(first) == [6, 5, 4, 3, 2]
    rest = review.page(team, Reviewing(team), TEAM, "U3", Listing.MINE, first.later)
    assert (numbers(rest), rest.first) == ([1, 0], 6)
    assert numbers(review.page(team, Reviewing(team), TEAM, "U3", Listing.MINE, rest.earlier)) == [6, 5, 4, 3, 2]
    assert review.page(team, Reviewing(team), TEAM, "U2", Listing.MINE).total == 0


def test_without_named_reviewers_admins_review(team: Record) -> None:
    rules = Reviewing(team, admins=frozenset({"U3"}))
    example_id = propose(team, 1)
    for person in ("UADMIN", "U3"):
        assert review.page(team, rules, TEAM, person, Listing.WAITING).total == 1
    for listing in (Listing.WAITING, Listing.HELD):
        with pytest.raises(NotAllowed, match="admins"):
            review.page(team, rules, TEAM, "U2", listing)
    with pytest.raises(NotAllowed):
        review.decide(team, rules, TEAM, example_id, "U2", approve=True)


def test_named_reviewers_alone_review_and_a_group_counts_as_slack_says(team: Record) -> None:
    rules = Reviewing(team, groups=frozenset({"S1"}))
    example_id = propose(team, 1)
    assert rules.rule(TEAM).reviewers == frozenset()
    with pytest.raises(NotAllowed, match="reviewers"):
        review.decide(team, rules, TEAM, example_id, "UADMIN", approve=True)
    with team() as work:
        work.user_groups.set_members(TEAM, "S1", ["U2", "U3"])
        work.user_groups.set_members(TEAM, "S1", ["U2"])
        work.commit()
    assert rules.rule(TEAM).reviewers == frozenset({"U2"})
    assert review.decide(team, rules, TEAM, example_id, "U2", approve=False).state is ExampleState.REJECTED


def test_a_reviewer_sees_only_what_they_may_read(team: Record) -> None:
    everybody = Reviewing(team, people=frozenset({"UADMIN", "U2"}))
    hidden = propose(team, 1, "G1")
    propose(
        team,
        2,
        PUBLIC,
        sources=[ExampleSource(marker=1, passage_id="p", document_id="d", audience="G1", name="s", text="t")],
    )
    propose(team, 3, "C1")  # whispered in a public channel
    assert numbers(review.page(team, everybody, TEAM, "U2", Listing.WAITING)) == [1, 2]
    assert numbers(review.page(team, everybody, TEAM, "U2", Listing.WAITING, closed=["G1"])) == []
    assert numbers(review.page(team, everybody, TEAM, "UADMIN", Listing.WAITING)) == []
    with pytest.raises(NotAllowed, match="not in"):
        review.decide(team, everybody, TEAM, hidden, "UADMIN", approve=True)


def test_what_was_whispered_to_one_is_shown_to_no_other(team: Record) -> None:
    with team() as work:
        question = Question(
            workspace_id=TEAM, channel_id="G1", asked_ts="1.0", person_id="U3", asked_by=AskedBy.COMMAND, text="?",
            ephemeral=True,
        )  # fmt: skip
        question.answer = Answer(id="A", text="!", verdict=Verdict.GENERATED, model="fake")
        work.questions.add(question)
        work.commit()
    propose(team, 1, "G1", answer_id="A")
    assert review.page(team, Reviewing(team, people=frozenset({"U2"})), TEAM, "U2", Listing.WAITING).total == 0


def test_what_is_held_back_is_shown_with_its_reason_and_an_edit_frees_it(team: Record) -> None:
    rules = Reviewing(team)
    example_id = propose(team, 1, state=ExampleState.APPROVED, held_because="the answer is a single word")
    propose(team, 2, state=ExampleState.APPROVED)
    (held,) = review.page(team, rules, TEAM, "UADMIN", Listing.HELD).examples
    assert held.held_because == "the answer is a single word"
    review.decide(team, rules, TEAM, example_id, "UADMIN", approve=True, answer="Because of the draught.")
    assert review.page(team, rules, TEAM, "UADMIN", Listing.HELD).total == 0


def test_of_two_reviewers_at_once_one_decides(team: Record) -> None:
    rules = Reviewing(team, people=frozenset({"UADMIN", "U2"}))
    example_id = propose(team, 1)

    def decide(person: str) -> str:
        try:
            review.decide(team, rules, TEAM, example_id, person, approve=person == "U2")
        except JourneymanError as error:
            return error.sentence
        return "decided"

    with ThreadPoolExecutor(2) as both:
        said = sorted(both.map(decide, ["UADMIN", "U2"]))
    assert said == ["Somebody has decided on this meanwhile.", "decided"]


def test_a_glance_counts_this_week_against_last(team: Record) -> None:
    now = utc_now()
    with team() as work:
        for number, (days, value) in enumerate([(1, 1), (2, 1), (3, -1), (8, 1), (9, -1), (30, 1)]):
            question = Question(
                workspace_id=TEAM, channel_id="C1", asked_ts=f"{number}.0", person_id="U3",
                asked_by=AskedBy.MENTION, text="?",
            )  # fmt: skip
            work.questions.add(question)
            when = now - timedelta(days=days)
            answer = Answer(id=f"A{number}", text="!", verdict=Verdict.GENERATED, model="fake", answered_at=when)
            work.questions.add_answer(question, answer)
            work.feedback.put(answer.id, "U2", value, when)
        work.commit()
    teach(team, TEAM, "C1", "", "U2", "Who?", "Ana")
    propose(team, 1, state=ExampleState.APPROVED, held_because="reasons")
    seen = glance(team, TEAM, now + timedelta(seconds=1))
    assert (seen.this_week.answers, seen.this_week.helpful, seen.this_week.not_helpful) == (3, 2, 1)
    assert (seen.last_week.answers, seen.last_week.helpfulness) == (2, 0.5)
    assert (seen.approved, seen.approved_this_week, seen.proposed, seen.held) == (1, 1, 1, 1)
    assert (seen.public_channels, seen.files, seen.last_heard, seen.adapter) == (("C1",), 0, None, "")
