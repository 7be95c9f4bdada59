"""A small Slack export for tests, as a zip file or a folder."""

import json
import zipfile
from pathlib import Path
from typing import Any

from core.knowledge.export_files import find_export
from core.knowledge.exports import Imported, import_export
from core.records.unit_of_work import Record

START = 1772352000.0  # 1 March 2026, 08:00 UTC


def ts(at: float) -> str:
    return f"{START + at:.6f}"


def said(at: float, text: str, user: str = "U1", **more: Any) -> dict[str, Any]:
    return {"type": "message", "ts": ts(at), "user": user, "text": text, **more}


PLAN = {
    "id": "F1",
    "name": "plan.txt",
    "size": 10,
    "permalink": "https://acme.slack.com/files/U1/F1/plan.txt",
    "url_private_download": "https://files.slack.com/files-pri/T1-F1/download/plan.txt?t=xoxe-123",
}


def tree() -> dict[str, Any]:
    return {
        "channels.json": [
            {"id": "C1", "name": "general", "members": ["U1", "U2"]},
            {"id": "C2", "name": "old", "is_archived": True},
        ],
        "groups.json": [{"id": "G1", "name": "board", "members": ["U1"]}],
        "dms.json": [{"id": "D1", "members": ["U1", "U2"]}],
        "users.json": [
            {"id": "U1", "name": "ana", "is_admin": True, "profile": {"display_name": "Ana"}},
            {"id": "U2", "name": "ben", "profile": {"real_name": "Ben Okafor"}, "deleted": True},
        ],
        "general/2026-03-01.json": [
            said(0, "Who waters the plants?", reply_count=1, thread_ts=ts(0)),
            said(5, "Ben does.", "U2", thread_ts=ts(0), edited={"user": "U2", "ts": ts(9)}),
            said(6, "<@U2> has joined", "U2", subtype="channel_join"),
            said(7, "beep", bot_id="B1"),
            said(8, "The plan", files=[PLAN, {"id": "F2", "mode": "tombstone"}]),
        ],
        "old/2020-01-01.json": [said(-1e8, "Ancient history.")],
        "board/2026-03-01.json": [said(1, "The merger is on.")],
        "D1/2026-03-01.json": [said(1, "Just between us.")],
    }


def as_zip(path: Path, files: dict[str, Any]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content if isinstance(content, str | bytes) else json.dumps(content))
    return path


def as_folder(path: Path, files: dict[str, Any]) -> Path:
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(json.dumps(content))
    return path


def load(record: Record, path: Path) -> Imported:
    export = find_export(path)
    assert export is not None
    return import_export(record, "T1", export)
