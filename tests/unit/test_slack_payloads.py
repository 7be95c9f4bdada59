"""What Slack's plain JSON says, of messages and of files."""

from typing import Any

import pytest

from core.knowledge.message_text import words_of
from core.knowledge.slack_files import CANVAS_TYPE, heard_file
from core.knowledge.slack_payloads import Heeding, storable, thread_of


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"text": "plain"}, "plain"),
        (
            {"text": " ", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "in a block"}}]},
            "in a block",
        ),
        (
            {
                "blocks": [
                    {
                        "type": "rich_text",
                        "elements": [
                            {
                                "type": "rich_text_section",
                                "elements": [
                                    {"type": "user", "user_id": "U1"},
                                    {"type": "text", "text": " look: "},
                                    {"type": "link", "url": "https://a.b"},
                                ],
                            }
                        ],
                    }
                ]
            },
            "<@U1> look: https://a.b",
        ),
        (
            {"attachments": [{"title": "Alert", "text": "CPU high", "fields": [{"title": "host", "value": "db1"}]}]},
            "Alert\nCPU high\nhost: db1",
        ),
        ({"attachments": [{"fallback": "only this"}]}, "only this"),
        ({"blocks": "nonsense", "attachments": [None, 3]}, ""),
        ({}, ""),
    ],
)
def test_words_are_found_wherever_they_stand(message: dict[str, Any], text: str) -> None:
    assert words_of(message) == text


def test_a_bots_words_are_all_that_it_shows() -> None:
    shown = {"text": "Alert", "attachments": [{"title": "db-3", "text": "Disk is 91 % full"}]}
    assert words_of(shown) == "Alert"
    assert words_of({**shown, "bot_id": "B1"}) == "Alert\ndb-3\nDisk is 91 % full"


@pytest.mark.parametrize(
    ("text", "stored"),
    [("cut \ud83d", "cut "), ("\udf89 cut", " cut"), ("a\0b", "ab"), ("whole \U0001f389", "whole \U0001f389")],
)
def test_what_no_database_takes_is_left_out_of_texts(text: str, stored: str) -> None:
    assert storable(text) == stored
    assert words_of({"text": text}) == stored
    file = heard_file({"id": "F1", "name": f"{text}.txt"})
    assert file is not None
    assert file.name == f"{stored}.txt"


@pytest.mark.parametrize(
    ("message", "heeded"),
    [
        ({"user": "U1"}, True),
        ({"user": "U1", "subtype": "file_share"}, True),
        ({"user": "U1", "subtype": "channel_join"}, False),
        ({"user": "U1", "bot_id": "BCHATTER"}, False),
        ({"user": "UALERTS", "bot_id": "B2"}, True),
        ({"bot_id": "BALERTS", "subtype": "bot_message"}, True),
        ({"bot_id": "BALERTS", "subtype": "channel_topic"}, False),
        ({"user": "UBOT"}, False),
        ({"bot_id": "BBOT", "subtype": "bot_message"}, False),
    ],
)
def test_whose_words_are_kept(message: dict[str, Any], heeded: bool) -> None:
    # Its own ids among those to be listened to: it does not listen to itself all the same.
    heeding = Heeding("UBOT", "BBOT", frozenset({"UALERTS", "BALERTS", "UBOT", "BBOT"}))
    assert heeding.heeds(message) is heeded


def test_before_the_bot_joined_nobody_is_taken_for_it() -> None:
    assert Heeding("", "", frozenset()).heeds({"user": "", "text": "hello"})


@pytest.mark.parametrize(
    ("message", "thread_ts"),
    [
        ({"ts": "2.1", "thread_ts": "1.1"}, "1.1"),
        ({"ts": "1.1", "thread_ts": "1.1"}, ""),
        ({"ts": "1.1"}, ""),
        ({"ts": "1.1", "thread_ts": 5}, ""),
        ({"ts": "1.1", "thread_ts": "never"}, ""),
    ],
)
def test_a_reply_stands_in_its_thread(message: dict[str, Any], thread_ts: str) -> None:
    assert thread_of(message) == thread_ts


def test_what_lies_outside_of_slack_is_not_downloaded() -> None:
    file = heard_file({"id": "F1", "name": "Plan", "is_external": True, "url_private": "https://drive.example/1"})
    assert file is not None
    assert (file.download_url, file.permalink, file.is_outside) == ("", "https://drive.example/1", True)


def test_a_canvas_is_known_by_its_title_and_asked_for_as_one() -> None:
    canvas = {
        "id": "F1",
        "mode": "quip",
        "name": "canvas_0815",
        "title": "Guide",
        "mimetype": "application/vnd.slack-docs",
    }
    file = heard_file(canvas)
    assert file is not None
    assert (file.name, file.mimetype) == ("Guide", CANVAS_TYPE)


@pytest.mark.parametrize(
    "file_id", ["", "../../../evil", "/etc/passwd", "F1/..", "F1\n", "page-0815", "F" * 300, 7, None]
)
def test_an_id_that_slack_never_makes_is_no_file(file_id: object) -> None:
    assert heard_file({"id": file_id, "name": "a.txt"}) is None


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://files.slack.com/a.pdf?t=xoxe-1", "https://files.slack.com/a.pdf"),
        ("https://files.slack.com/a.pdf?origin_team=T2&t=xoxe-1", "https://files.slack.com/a.pdf?origin_team=T2"),
        ("https://files.slack.com/a.pdf?t=xoxe-1&origin_team=T2", "https://files.slack.com/a.pdf?origin_team=T2"),
        ("https://files.slack.com/a.pdf?origin_team=T2", "https://files.slack.com/a.pdf?origin_team=T2"),
        ("https://video.example/watch?v=1&t=30", "https://video.example/watch?v=1&t=30"),
    ],
)
def test_the_key_of_an_export_is_not_kept(address: str, kept: str) -> None:
    file = heard_file({"id": "F1", "name": "a.pdf", "url_private": address})
    assert file is not None
    assert (file.download_url, file.permalink) == (kept, kept)


@pytest.mark.parametrize(("size", "kept"), [(12, 12), ("many", 0), (10**30, 2**31 - 1), (None, 0)])
def test_a_size_is_a_number_that_the_record_holds(size: object, kept: int) -> None:
    file = heard_file({"id": "F1", "size": size})
    assert file is not None
    assert file.size == kept
