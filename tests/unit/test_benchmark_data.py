"""The benchmarks' own arithmetic: what they read, what counts as right, and when a goal is met."""

import json
from pathlib import Path

import pytest

from benchmarks.data import question_sets, slack, xquad
from benchmarks.reporting import Goal, report
from benchmarks.retrieval import DEPTH, Quality, goals_of, quality, rank_of_right

HISTORY = """<slack><team_domain>t</team_domain>
{}</slack>"""
MESSAGE = '<message conversation_id="{}"><ts>2019-01-01T00:0{}:00.000100</ts><user>{}</user><text>{}</text></message>\n'


@pytest.fixture
def data(tmp_path: Path) -> Path:
    said = [
        (1, 0, "Ana", "Where is the printer?"),
        (2, 1, "Ben", "Lunch is at noon"),
        (1, 2, "Cem", "Upstairs"),
        (3, 3, "Dee", "Anyone there?"),
        (1, 4, "Ana", "Which room?"),
    ]
    history = HISTORY.format("".join(MESSAGE.format(*each) for each in said))
    (tmp_path / "slack-some-team-2019.xml").write_text(history, "utf-8")
    paragraphs = [
        {"context": "Athens is old.", "qas": [{"question": "How old?", "answers": [{"text": "old"}]}]},
        {"context": "Rome too.", "qas": [{"question": "And Rome?"}, {"question": "Who else?"}]},
    ]
    (tmp_path / "xquad.el.json").write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}), "utf-8")
    return tmp_path


def test_every_set_in_the_folder_is_read(data: Path) -> None:
    assert [each.name for each in question_sets(data)] == ["el", "slack_some_team_2019"]


def test_a_paragraph_is_a_message_and_right_for_its_own_questions(data: Path) -> None:
    found = xquad(data / "xquad.el.json")
    assert [said.text for said in found.messages] == ["Athens is old.", "Rome too."]
    assert [(each.text, set(each.relevant)) for each in found.questions] == [
        ("How old?", {0}),
        ("And Rome?", {1}),
        ("Who else?", {1}),
    ]


def test_the_question_is_left_out_of_the_history_and_the_rest_of_its_conversation_is_right(data: Path) -> None:
    found = slack(data / "slack-some-team-2019.xml")
    assert [said.text for said in found.messages] == ["Lunch is at noon", "Upstairs", "Anyone there?", "Which room?"]
    assert [(each.text, set(each.relevant)) for each in found.questions] == [("Where is the printer?", {1, 3})]


def test_finds_that_hold_the_same_share_a_place() -> None:
    one, two, right = frozenset({1}), frozenset({2}), frozenset({3, 4})
    assert rank_of_right([one, one, two, right], frozenset({4})) == 3
    assert rank_of_right([one, two], frozenset({4})) is None
    assert rank_of_right([frozenset({100 + at}) for at in range(DEPTH)] + [right], frozenset({4})) is None


def test_quality_is_counted_over_all_questions(data: Path) -> None:
    questions = xquad(data / "xquad.el.json").questions
    found = quality(lambda _: [frozenset({1}), frozenset({0})], questions)
    assert (found.r1, found.r5, found.r10) == (pytest.approx(2 / 3), 1.0, 1.0)
    assert found.mrr10 == pytest.approx((1 + 1 + 1 / 2) / 3)


def test_goals_compare_with_the_best_of_the_others(data: Path) -> None:
    def flat(value: float, r5: float | None = None) -> Quality:
        return Quality(value, value if r5 is None else r5, 1.0, 1.0)

    paragraphs, chat = question_sets(data)
    found = {"bm25": flat(0.90), "dense": flat(0.2), "ours": flat(0.91), "one": flat(0.5), "other": flat(0.92)}
    goals = {goal.name: goal for goal in goals_of(paragraphs, found)}
    assert goals["r1_el"].met
    assert goals["over_best_single_el"].value == pytest.approx(0.01)
    assert goals["over_best_peer_el"].value == pytest.approx(-0.01)
    assert not goals["over_best_peer_el"].met
    found = {"bm25": flat(0.3), "dense": flat(0.2), "ours": flat(0.3, 0.5), "one": flat(0.4, 0.45)}
    assert all(goal.met for goal in goals_of(chat, found)), "of chats it is R@5 that counts against the peers"
    assert "over_best_peer_el" not in [
        goal.name for goal in goals_of(paragraphs, {k: found[k] for k in list(found)[:3]})
    ]


@pytest.mark.parametrize(
    ("value", "sense", "met"),
    [(1.0, ">=", True), (0.9, ">=", False), (1.0, ">", False), (1.0, "<=", True), (1.1, "<=", False)],
)
def test_a_goal_is_met_or_missed_and_said(
    capsys: pytest.CaptureFixture[str], value: float, sense: str, met: bool
) -> None:
    report("bench", {"figure": 0.123456}, [Goal("goal", value, 1.0, sense)], as_json=True)
    printed = capsys.readouterr().out.strip().splitlines()
    assert ("MISSED" in printed[-2]) is not met
    assert json.loads(printed[-1]) == {
        "bench": "bench",
        "figures": {"figure": 0.1235},
        "goals": [{"name": "goal", "goal": f"{sense} 1", "value": value, "met": met}],
    }


def test_no_number_meets_no_goal() -> None:
    assert not any(Goal("goal", float("nan"), 1.0, sense).met for sense in (">=", "<=", ">"))
