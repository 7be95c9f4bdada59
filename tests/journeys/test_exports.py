"""A Slack export takes the same road as what is heard live."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from rich.console import Console

from core import cli_ingesting
from core.bootstrap import build_services
from core.curation.forget_requests import forget_person
from core.knowledge.channels import (
    PersonFacts,
    bot_joined,
    channel_deleted,
    learn_people,
    learn_workspace,
    set_listening,
    set_retention,
)
from core.knowledge.embedding import Embedder
from core.knowledge.export_files import find_export
from core.knowledge.exports import import_export
from core.knowledge.hearing import HeardMessage, hear_message
from core.knowledge.ingesting import present_workspace
from core.knowledge.slack_files import CANVAS_TYPE
from core.records.base import utc_now
from core.records.documents import DocumentKind
from core.records.files import FileState
from core.records.unit_of_work import Record
from core.records.workspaces import ChannelKind
from core.settings import Settings
from tests.journeys.exported import PLAN, as_folder, as_zip, load, said, tree, ts


@pytest.mark.parametrize("form", ["zip", "folder"])
def test_channels_people_threads_edits_and_files(sqlite_record: Record, tmp_path: Path, form: str) -> None:
    path = as_zip(tmp_path / "export.zip", tree()) if form == "zip" else as_folder(tmp_path / "export", tree())
    for _ in range(2):  # again, as after a kill
        done = load(sqlite_record, path)
        assert (done.channels, done.people, done.messages, done.files, done.left_out) == (3, 2, 5, 1, [])
    with sqlite_record() as work:
        thread = work.messages.thread("T1", "C1", ts(0))
        assert [(m.text, m.person_id, m.revision) for m in thread] == [
            ("Who waters the plants?", "U1", ts(0)),
            ("Ben does.", "U2", ts(9)),
        ]
        assert thread[1].permalink.endswith(f"?thread_ts={ts(0)}&cid=C1")
        assert [m.text for m in work.messages.loose_of_day("T1", "C1", "2026-03-01")] == ["The plan"]
        assert [m.permalink[:22] for m in work.messages.loose_of_day("T1", "C1", "2026-03-01")] == [
            "https://acme.slack.com"
        ]
        file = work.files.get("T1", "F1")
        assert file is not None
        assert (file.state, file.download_url[-8:]) == (FileState.WANTED, "plan.txt")
        assert work.workspaces.names_of_people("T1", ["U1", "U2"]) == {"U1": "Ana", "U2": "Ben Okafor"}
        admin = work.workspaces.person("T1", "U1")
        assert admin is not None
        assert not admin.is_admin, "an export makes nobody an admin"
        assert {d.audience for d in work.documents.of_channel("T1", "G1")} == {"G1"}
        assert work.workspaces.channels_of("T1", "U1") == {"C1", "G1"}
        assert work.documents.of_channel("T1", "D1") == []
        assert len({d.id for d in work.documents.all_of("T1")}) == len(work.documents.all_of("T1"))


def test_what_the_bot_itself_heard_is_newer_than_an_export(sqlite_record: Record, tmp_path: Path) -> None:
    bot_joined(sqlite_record, "T1", "C1", ChannelKind.PRIVATE)
    newer = HeardMessage("T1", "C1", ChannelKind.PRIVATE, ts(8), "", "U1", "The new plan", "", revision=ts(100))
    hear_message(sqlite_record, newer)
    load(sqlite_record, as_zip(tmp_path / "export.zip", tree()))
    with sqlite_record() as work:
        channel = work.workspaces.channel("T1", "C1")
        assert channel is not None
        assert (channel.kind, channel.imported) == (ChannelKind.PRIVATE, False)
        message = work.messages.get("T1", "C1", ts(8))
        assert message is not None
        assert message.text == "The new plan"


def test_looking_for_days_takes_no_longer_for_each_channel_more(sqlite_record: Record, tmp_path: Path) -> None:
    def work_before_the_first_day(channels: int) -> int:
        ids = [f"C{channels}X{number}" for number in range(channels)]
        days = [f"2026-{month:02d}-{day:02d}.json" for month in range(1, 5) for day in range(1, 26)]
        files: dict[str, Any] = {f"{channel}/{day}": "[]" for channel in ids for day in days}
        files["channels.json"] = [{"id": channel, "name": f"name-of-{channel}"} for channel in ids]
        export = find_export(as_zip(tmp_path / f"{channels}.zip", files))
        assert export is not None
        calls = 0

        def count(_frame: object, event: str, _argument: object) -> None:
            nonlocal calls
            calls += event in ("call", "c_call")

        def begun(_done: int, _total: int) -> None:
            sys.setprofile(None)

        sys.setprofile(count)
        try:
            import_export(sqlite_record, "T1", export, begun)
        finally:
            sys.setprofile(None)
        return calls

    work_before_the_first_day(1)  # what is done once is done here
    assert work_before_the_first_day(40) < 3 * work_before_the_first_day(20)


def test_files_of_an_export_are_known_as_those_of_slack_are(sqlite_record: Record, tmp_path: Path) -> None:
    canvas = {
        "id": "F2",
        "mode": "quip",
        "name": "canvas_0815",
        "title": "Guide",
        "mimetype": "application/vnd.slack-docs",
        "url_private": "https://files.slack.com/files-pri/T1-F2/canvas?t=xoxe-1",
    }
    evil = {**PLAN, "id": "../../../evil"}
    day = [said(20, "Look", files=[canvas, evil, {**PLAN, "id": "page-0815"}])]
    done = load(sqlite_record, as_zip(tmp_path / "export.zip", tree() | {"general/2026-03-02.json": day}))
    assert (done.messages, done.files) == (6, 2)
    with sqlite_record() as work:
        assert {file.id for file in work.files.of_workspace("T1")} == {"F1", "F2"}
        known = work.files.get("T1", "F2")
        assert known is not None
        assert (known.name, known.mimetype, known.permalink[-6:]) == ("Guide", CANVAS_TYPE, "canvas")


NOT_KEPT: dict[str, tuple[Callable[[Record], None], int]] = {
    "deleted channel": (lambda record: channel_deleted(record, "T1", "C1", ChannelKind.PUBLIC), 3),
    "switched off": (lambda record: set_listening(record, "T1", "C1", listening=False), 3),
    "too old": (lambda record: set_retention(record, "T1", "C2", 30), 1),
    "its author forgotten": (lambda record: forget_person(record, "T1", "U2"), 1),
}


@pytest.mark.parametrize("why", NOT_KEPT)
def test_what_is_not_kept_is_not_counted_as_brought(sqlite_record: Record, tmp_path: Path, why: str) -> None:
    lists = {name: content for name, content in tree().items() if "/" not in name}
    load(sqlite_record, as_zip(tmp_path / "lists.zip", lists))
    prepare, not_kept = NOT_KEPT[why]
    prepare(sqlite_record)
    for _ in range(2):
        done = load(sqlite_record, as_zip(tmp_path / "export.zip", tree()))
        assert (done.messages, done.not_kept, done.left_out) == (5 - not_kept, not_kept, [])
    with sqlite_record() as work:
        places = [(person, channel) for person in ("U1", "U2") for channel in ("C1", "C2", "G1")]
        kept = [each for place in places for each in work.messages.of_person("T1", *place, 10)]
        assert len(kept) == done.messages
        assert done.files == len(work.files.shared_with_message("T1", "C1", ts(8)))


def test_an_export_that_was_packed_again_is_one(sqlite_record: Record, tmp_path: Path) -> None:
    files = {f"Acme export/{name}": content for name, content in tree().items()} | {"__MACOSX/._x": ""}
    done = load(sqlite_record, as_zip(tmp_path / "export.zip", files))
    assert (done.messages, done.direct) == (5, 1)


def test_words_without_text_and_authors_in_no_list(sqlite_record: Record, tmp_path: Path) -> None:
    forwarded = said(30, "", attachments=[{"text": "The safe opens with 7421."}])
    guest = said(31, "The mill is blue.", "U9", user_profile={"display_name": "Gina", "real_name": "Gina Gold"})
    files = tree() | {"general/2026-03-02.json": [forwarded, guest]}
    del files["users.json"]
    load(sqlite_record, as_zip(tmp_path / "export.zip", files))
    with sqlite_record() as work:
        message = work.messages.get("T1", "C1", ts(30))
        assert message is not None
        assert message.text == "The safe opens with 7421."
        assert work.workspaces.names_of_people("T1", ["U1", "U9"]) == {"U9": "Gina"}


def test_bots_are_heard_if_somebody_chose_to_and_questions_to_us_are_no_sources(
    sqlite_record: Record, tmp_path: Path
) -> None:
    learn_workspace(sqlite_record, "T1", "Acme", "UBOT", "BBOT")
    alert = {"type": "message", "subtype": "bot_message", "bot_id": "BALERTS", "username": "Alerts", "text": "Alert"}
    day = [
        {**alert, "ts": ts(40), "attachments": [{"text": "Disk is 91 % full."}]},
        {**alert, "ts": ts(41), "bot_id": "BCHATTER"},
        said(42, "<@UBOT> how full is the disk?"),
        said(43, "Under the mat.", "UBOT", bot_id="BBOT"),
    ]
    export = find_export(as_zip(tmp_path / "export.zip", tree() | {"general/2026-03-02.json": day}))
    assert export is not None
    assert import_export(sqlite_record, "T1", export, listened_bots=frozenset({"BALERTS"})).messages == 7
    with sqlite_record() as work:
        heard, asked = work.messages.get("T1", "C1", ts(40)), work.messages.get("T1", "C1", ts(42))
        assert heard is not None
        assert asked is not None
        assert (heard.person_id, heard.text) == ("BALERTS", "Alert\nDisk is 91 % full.")
        assert (heard.asks_journeyman, asked.asks_journeyman) == (False, True)
        assert work.workspaces.names_of_people("T1", ["BALERTS"]) == {"BALERTS": "Alerts"}
        assert work.messages.get("T1", "C1", ts(43)) is None


def test_an_export_changes_nobody_whom_slack_told_of(sqlite_record: Record, tmp_path: Path) -> None:
    known = [PersonFacts("U1", "Ana Ruiz", is_admin=True), PersonFacts("U2", "Ben", is_guest=True)]
    learn_people(sqlite_record, "T1", known)
    load(sqlite_record, as_zip(tmp_path / "export.zip", tree()))
    with sqlite_record() as work:
        ana, ben = work.workspaces.person("T1", "U1"), work.workspaces.person("T1", "U2")
        assert ana is not None
        assert ben is not None
        assert (ana.name, ana.is_admin, ben.is_guest, ben.left) == ("Ana Ruiz", True, True, False)


def test_other_zips_and_folders_are_no_exports(tmp_path: Path) -> None:
    assert find_export(as_zip(tmp_path / "a.zip", {"readme.txt": "hello"})) is None
    (tmp_path / "b.zip").write_bytes(b"PK\x03\x04 and nothing more")
    assert find_export(tmp_path / "b.zip") is None
    assert find_export(tmp_path) is None


def journeyman(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"DATA_DIR": str(folder / "data"), "COLUMNS": "40", "PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, "-m", "core.cli", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=True)


def test_the_command_says_how_much_is_not_kept_and_why(tmp_path: Path) -> None:
    services = build_services(Settings(data_dir=tmp_path / "data"))
    services.migrate()
    load_into, path = present_workspace(services.record), as_zip(tmp_path / "export.zip", tree())
    channel_deleted(services.record, load_into, "C1", ChannelKind.PUBLIC)
    export = find_export(path)
    assert export is not None
    terminal = StringIO()
    cli_ingesting._import(services, load_into, path, export, Console(file=terminal, width=40))
    services.close()
    assert terminal.getvalue().splitlines() == [
        "export.zip: 2 messages in 3 channels by 2 people.",
        "Left out: 3 messages of a channel that is deleted or switched off, older than is kept there, or forgotten "
        "before.",
        "Left out: 1 conversation of direct messages. They belong to those who wrote them.",
    ]


def test_the_command_makes_an_export_findable(tmp_path: Path) -> None:
    as_zip(tmp_path / "export.zip", tree())
    told = journeyman(tmp_path, "ingest", "export.zip").stderr.splitlines()
    assert told[0] == "export.zip: 5 messages in 3 channels by 2 people."
    assert told[1].startswith("The export has only the names of 1 file:")
    assert told[2:] == [
        "Left out: 1 conversation of direct messages. They belong to those who wrote them.",
        "All that was said is findable now.",
    ]
    found = journeyman(tmp_path, "search", "Who takes care of the plants?").stdout
    assert "Ben does." in found
    assert "merger" not in found


def test_what_a_worker_is_at_is_waited_for(tmp_path: Path, minilm: Embedder) -> None:
    services = build_services(Settings(data_dir=tmp_path / "data"))
    services.migrate()
    services.__dict__["embedder"] = minilm
    load_into = present_workspace(services.record)
    export = find_export(as_zip(tmp_path / "export.zip", tree()))
    assert export is not None
    import_export(services.record, load_into, export)
    with services.record() as work:
        kinds = (DocumentKind.DAY, DocumentKind.THREAD)
        assert len(work.claims.take_due("another", utc_now(), timedelta(minutes=5), 100, kinds)) == 4
        work.commit()

    def let_go() -> None:
        with services.record() as work:
            work.claims.release("another")
            work.commit()

    later = Timer(1.0, let_go)
    later.start()
    assert cli_ingesting._index_rest(services, Console(quiet=True)) == 0
    later.join()
    services.close()
