"""Exports that are broken, odd or made to do harm: what can be heard is heard, and the rest is told of."""

import json
import struct
import zipfile
from pathlib import Path

import pytest

from core.errors import DamagedFile
from core.knowledge import export_files
from core.records.unit_of_work import Record
from tests.journeys.exported import PLAN, as_folder, as_zip, load, said, tree, ts


def test_a_broken_day_is_told_of_and_stops_nothing(sqlite_record: Record, tmp_path: Path) -> None:
    files = tree() | {
        "general/2026-03-02.json": "[{",
        "old/2020-01-02.json": '{"not": "a list"}',
        "board/2026-03-03.json": "\xff",
    }
    done = load(sqlite_record, as_zip(tmp_path / "export.zip", files))
    assert done.messages == 5
    assert len(done.left_out) == 3


def damaged(path: Path, member: str) -> Path:
    """The same archive with some of this member's packed bytes changed."""
    raw = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(member)
    packed = info.header_offset + 30 + len(member)
    for at in range(packed + info.compress_size // 3, packed + info.compress_size // 2):
        raw[at] ^= 0x5A
    path.write_bytes(raw)
    return path


def test_a_damaged_part_of_the_archive_stops_nothing(sqlite_record: Record, tmp_path: Path) -> None:
    day = "general/2026-03-02.json"
    path = as_zip(tmp_path / "export.zip", tree() | {day: [said(20 + n, f"words {n * 7919}") for n in range(300)]})
    done = load(sqlite_record, damaged(path, day))
    assert (done.messages, done.left_out) == (5, [f"{day} in the export cannot be read. Export it from Slack again."])


def test_what_no_database_takes_is_left_out_of_what_was_said(record: Record, tmp_path: Path) -> None:
    odd = [
        said(20, "cut emoji \ud83d", files=[{**PLAN, "id": "F7", "name": "cut\udf89.txt"}]),
        said(21, "a\0b", "U9", user_profile={"display_name": "Gi\ud83dna\0"}),
        said(22, "whole"),
    ]
    files = tree() | {"general/2026-03-02.json": odd}
    files["channels.json"][0] |= {"members": ["U1", "U\ud83d", 7], "name": "general"}
    files["users.json"].append({"id": "U3", "name": "cut \ud83d"})
    done = load(record, as_zip(tmp_path / "export.zip", files))
    assert (done.messages, done.left_out) == (8, [])
    with record() as work:
        kept = [work.messages.get("T1", "C1", ts(at)) for at in (20, 21, 22)]
        assert [each and each.text for each in kept] == ["cut emoji ", "ab", "whole"]
        assert work.workspaces.names_of_people("T1", ["U3", "U9"]) == {"U3": "cut ", "U9": "Gina"}
        file = work.files.get("T1", "F7")
        assert file is not None
        assert file.name == "cut.txt"


def test_a_message_that_the_record_does_not_take_keeps_no_other_from_it(sqlite_record: Record, tmp_path: Path) -> None:
    with sqlite_record.engine.begin() as connection:
        refuse = f"BEFORE INSERT ON messages WHEN NEW.ts = '{ts(21)}' BEGIN SELECT RAISE(ABORT, 'refused'); END"
        connection.exec_driver_sql(f"CREATE TRIGGER refusing {refuse}")
    day = [said(20, "before"), said(21, "refused"), said(22, "after")]
    done = load(sqlite_record, as_zip(tmp_path / "export.zip", tree() | {"general/2026-03-02.json": day}))
    assert (done.messages, done.not_kept) == (7, 0)
    assert done.left_out == ["The record did not take 1 of the messages in general/2026-03-02.json. Import it again."]
    with sqlite_record() as work:
        assert work.messages.get("T1", "C1", ts(22)) is not None


def test_names_that_lead_elsewhere_are_left_alone(sqlite_record: Record, tmp_path: Path) -> None:
    evil = [said(3, "from elsewhere")]
    files = tree() | {
        "../general/2026-03-04.json": evil,
        "/general/2026-03-05.json": evil,
        "general/../general/2026-03-06.json": evil,
    }
    files["channels.json"] = [*tree()["channels.json"], {"id": "C9", "name": ".."}, {"id": "/", "name": "x"}]
    before = {path for path in tmp_path.rglob("*")}
    assert load(sqlite_record, as_zip(tmp_path / "export.zip", files)).messages == 5
    assert {path for path in tmp_path.rglob("*.json")} <= before

    folder = as_folder(tmp_path / "folder", tree())
    (tmp_path / "secret.json").write_text(json.dumps(evil))
    (folder / "general" / "2026-03-07.json").symlink_to(tmp_path / "secret.json")
    assert load(sqlite_record, folder).messages == 5


def test_bombs_are_not_unpacked(sqlite_record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_files, "MEMBER_BYTES", 100_000)
    path = as_zip(tmp_path / "export.zip", tree() | {"general/2026-03-08.json": "[" + " " * 5_000_000 + "]"})
    raw = bytearray(path.read_bytes())
    at = raw.rindex(b"general/2026-03-08.json") - 46
    struct.pack_into("<I", raw, at + 24, 10)  # the directory lies about the size
    path.write_bytes(raw)
    done = load(sqlite_record, path)
    assert done.messages == 5
    assert len(done.left_out) == 1
    monkeypatch.setattr(export_files, "TOTAL_BYTES", 300)
    with pytest.raises(Exception, match="more than an export"):
        load(sqlite_record, path)


def test_rows_of_another_form_are_passed_over(sqlite_record: Record, tmp_path: Path) -> None:
    odd = [
        said(20, "Its file is odd.", files={"a": 1}, edited="yes", thread_ts=5),
        said(21, "So is this one.", files=[{"id": "F8", "size": "many"}, {"size": 1}, None]),
        {"type": "message", "user": "U1", "ts": "never", "text": "no time"},
        {"type": "message", "user": "U1", "ts": "999999999999.0", "text": "in another age"},
        {"type": "message", "user": 7, "ts": ts(22), "text": "nobody"},
        "junk",
    ]
    files = tree() | {"general/2026-03-02.json": odd}
    files["users.json"] = [*files["users.json"], {"id": None}, {}, {"id": "U5", "profile": "x"}, 3]
    files["channels.json"] = [*files["channels.json"], {"name": "noid"}, {"id": "C4", "name": 5, "members": 7}]
    done = load(sqlite_record, as_zip(tmp_path / "export.zip", files))
    assert (done.messages, done.people, done.left_out) == (7, 3, [])


def test_lists_that_cannot_be_read_are_said_so(sqlite_record: Record, tmp_path: Path) -> None:
    with pytest.raises(DamagedFile, match=r"users\.json"):
        load(sqlite_record, as_zip(tmp_path / "export.zip", tree() | {"users.json": "nothing"}))
