"""Asked → answered, with nothing faked: SQLite, LanceDB, MiniLM and the extractive model."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.answering.drafts import Draft, Finished, Searched
from core.answering.questions import AskedQuestion, ask, save_answer, unanswered
from core.bootstrap import Services, build_services
from core.knowledge.access import AccessScope
from core.knowledge.hearing import HeardMessage, hear_message
from core.records.questions import AskedBy, Verdict
from core.records.workspaces import PUBLIC, ChannelKind
from core.settings import Settings

PUBLIC_SCOPE = AccessScope("T1", frozenset({PUBLIC}))


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = build_services(Settings(_env_file=None, data_dir=tmp_path, language_model="extractive"))
    made.migrate()
    said(made, "1700000000.000100", "The deploy runs on Fridays at 17:00. Ana watches the dashboard.")
    said(made, "1700090000.000100", "Our coffee machine is serviced by Kaffee Meier. Please descale it monthly.")
    said(made, "1700180000.000100", "The deploy password is hunter2.", channel="G1", kind=ChannelKind.PRIVATE)
    made.indexer.index_everything("test")
    yield made
    made.close()


def said(
    services: Services,
    ts: str,
    text: str,
    channel: str = "C1",
    kind: ChannelKind = ChannelKind.PUBLIC,
    thread_ts: str = "",
) -> None:
    link = f"https://acme.slack.com/archives/{channel}/p{ts.replace('.', '')}"
    assert hear_message(services.record, HeardMessage("T1", channel, kind, ts, thread_ts, "U1", text, link, ts))


def answered(services: Services, question: str, scope: AccessScope = PUBLIC_SCOPE, thread: str = "") -> Draft:
    events = list(services.answering.answer(question, scope, thread=thread))
    assert isinstance(events[0], Searched)
    assert isinstance(events[-1], Finished)
    return events[-1].draft


def test_an_answer_is_quoted_cited_and_saved_with_what_it_rests_on(services: Services) -> None:
    draft = answered(services, "When does the deploy run?")
    assert "**Fridays at 17:00**" in draft.text
    assert draft.verdict is Verdict.QUOTED
    assert [citation.link for citation in draft.citations] == ["https://acme.slack.com/archives/C1/p1700000000000100"]
    asked = AskedQuestion("T1", "C1", "1700200000.000100", "U2", "When does the deploy run?", AskedBy.MENTION)
    question_id = ask(services.record, asked)
    assert question_id
    assert save_answer(services.record, question_id, draft)
    assert unanswered(services.record) == []


def test_what_the_readers_may_not_see_is_not_told(services: Services) -> None:
    everything = answered(services, "What is the deploy password?", AccessScope("T1", frozenset({PUBLIC, "G1"})))
    assert "hunter2" in everything.text
    aloud = answered(services, "What is the deploy password?")
    assert "hunter2" not in aloud.text + "".join(pointer.quote for pointer in (*aloud.citations, *aloud.nearest))


@pytest.mark.parametrize(
    ("question", "beginning"),
    [
        ("Who won the chess tournament in Reykjavik?", "I don't know"),
        ("Ποιος κέρδισε το τουρνουά σκακιού;", "Δεν ξέρω"),
        ("谁赢得了国际象棋锦标赛？", "我不知道"),
    ],
)
def test_what_nobody_said_is_not_made_up(services: Services, question: str, beginning: str) -> None:
    draft = answered(services, question)
    assert draft.text.startswith(beginning)
    assert draft.verdict is Verdict.UNKNOWN
    assert draft.citations == ()


def test_a_question_of_20_000_characters_is_answered_and_told_to_be_cut(services: Services) -> None:
    draft = answered(services, "When does the deploy run? " + "When does the deploy run? " * 800)
    assert "Fridays" in draft.text
    assert "too long" in draft.note


@pytest.mark.parametrize(("thread", "gate"), [("1700300000.000100", "gate C"), ("1700400000.000100", "gate B")])
def test_asked_inside_a_thread_its_own_words_come_first(services: Services, thread: str, gate: str) -> None:
    said(services, "1700300000.000100", "The review of the spring plan is due.")
    said(services, "1700300060.000100", "We meet at 15:30 at gate C.", thread_ts="1700300000.000100")
    said(services, "1700400000.000100", "The trip to the harbour is booked.")
    said(services, "1700400060.000100", "We meet at 6:45 at gate B.", thread_ts="1700400000.000100")
    services.indexer.index_everything("test")
    assert gate in answered(services, "At which gate do we meet?", thread=f"C1:{thread}").text
