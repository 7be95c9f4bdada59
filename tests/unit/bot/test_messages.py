from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.addressing import asked_by, without_mention
from bot.identity import Identity
from bot.inbox import _is_due
from bot.workspace import channel_facts, person_facts
from core.records.heard_events import HeardEvent
from core.records.questions import AskedBy, Question, QuestionState
from core.records.workspaces import ChannelKind

ME = Identity("T1", "Acme", "UBOT", "BBOT", "https://acme.slack.com/")


ASKED_BEFORE = [Question(person_id="U1")]


@pytest.mark.parametrize(
    ("message", "kind", "thread", "way"),
    [
        ({"text": "hello"}, ChannelKind.PUBLIC, [], None),
        ({"text": "hello"}, ChannelKind.DM, [], AskedBy.DM),
        ({"text": "", "files": [{}]}, ChannelKind.DM, [], None),
        ({"text": "<@UBOT> why?"}, ChannelKind.PRIVATE, [], AskedBy.MENTION),
        ({"text": "why, <@UBOT|journeyman>?"}, ChannelKind.PUBLIC, [], AskedBy.MENTION),
        ({"text": "<@U2> why?"}, ChannelKind.PUBLIC, ASKED_BEFORE, None),
        ({"text": "and why?"}, ChannelKind.PUBLIC, ASKED_BEFORE, AskedBy.THREAD),
        ({"text": "<!subteam^S1> and why?"}, ChannelKind.PUBLIC, ASKED_BEFORE, None),
        ({"text": "<!here> and why?"}, ChannelKind.PUBLIC, ASKED_BEFORE, None),
        ({"text": "@ben and why?"}, ChannelKind.PUBLIC, ASKED_BEFORE, None),
        ({"text": "and why?"}, ChannelKind.PUBLIC, [Question(person_id="U1", state=QuestionState.WITHDRAWN)], None),
        ({"text": "thank you!"}, ChannelKind.PUBLIC, ASKED_BEFORE, None),
        ({"text": "and why?", "user": "U2"}, ChannelKind.PUBLIC, ASKED_BEFORE, None),
        ({"text": "<@UBOT> has joined", "subtype": "channel_join"}, ChannelKind.PUBLIC, [], None),
    ],
)
def test_who_is_addressed(
    message: dict[str, Any], kind: ChannelKind, thread: list[Question], way: AskedBy | None
) -> None:
    assert asked_by({"user": "U1", **message}, message["text"], kind, "UBOT", thread) is way


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("<@UBOT> why?", "why?"),
        ("<@UBOT|journeyman>: why?", "why?"),
        ("Tell me, <@UBOT>, why?", "Tell me, why?"),
        ("<@UBOT>", ""),
        ("<@U2> why?", "<@U2> why?"),
    ],
)
def test_the_bots_name_is_no_part_of_the_question(text: str, question: str) -> None:
    assert without_mention(text, "UBOT") == question


def test_permalinks_open_the_thread_of_a_reply() -> None:
    assert ME.permalink("C1", "1700000000.000100") == "https://acme.slack.com/archives/C1/p1700000000000100"
    assert ME.permalink("C1", "2.1", "1.1").endswith("/p21?thread_ts=1.1&cid=C1")
    assert ME.permalink("C1", "1.1", "1.1").endswith("/p11")


@pytest.mark.parametrize(
    ("channel", "kind", "shared"),
    [
        ({"id": "C1", "name": "a"}, ChannelKind.PUBLIC, False),
        ({"id": "C1", "is_private": True}, ChannelKind.PRIVATE, False),
        ({"id": "G1", "is_group": True}, ChannelKind.PRIVATE, False),
        ({"id": "G1", "is_mpim": True, "is_private": True}, ChannelKind.GROUP_DM, False),
        ({"id": "D1", "is_im": True}, ChannelKind.DM, False),
        ({"id": "C1", "is_ext_shared": True}, ChannelKind.PUBLIC, True),
    ],
)
def test_kinds_of_conversations(channel: dict[str, Any], kind: ChannelKind, shared: bool) -> None:
    facts = channel_facts(channel)
    assert (facts.kind, facts.shared_outside) == (kind, shared)


def test_somebody_from_another_company_is_a_guest_and_no_admin() -> None:
    facts = person_facts({"id": "U1", "team_id": "T2", "is_admin": True, "profile": {"display_name": "Zoë"}}, "T1")
    assert (facts.name, facts.is_guest, facts.is_admin) == ("Zoë", True, False)


@pytest.mark.parametrize(("attempts", "waits_s"), [(1, 30), (2, 90), (3, 210), (4, 450)])
def test_failed_events_wait_longer_from_try_to_try(attempts: int, waits_s: int) -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    assert _is_due(HeardEvent(attempts=attempts, heard_at=now - timedelta(seconds=waits_s)), now)
    assert not _is_due(HeardEvent(attempts=attempts, heard_at=now - timedelta(seconds=waits_s - 1)), now)


def test_the_bot_knows_itself() -> None:
    assert ME.is_me({"user": "UBOT"})
    assert ME.is_me({"bot_id": "BBOT"})
    assert not ME.is_me({"user": "U1", "bot_id": "BOTHER"})
