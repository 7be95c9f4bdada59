"""Keeps the workspace in a folder across restarts: one JSON file, replaced whole, and the files beside it."""

import asyncio
import contextlib
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.sandbox.changes import Change
from bot.sandbox.model import Channel, Payload, Person, SharedFile, Team
from bot.sandbox.socket_mode import SocketMode
from bot.sandbox.workspace import App, Workspace

SNAPSHOT_FILE = "workspace.json"
FILES_FOLDER = "files"
_FORMAT = 1
_DEBOUNCE_SECONDS = 0.5


class SnapshotError(ValueError):
    """The folder holds a snapshot that this version cannot read."""


def load(folder: Path) -> tuple[Workspace, list[Payload]] | None:
    """The workspace kept in the folder and the events that the bot had not acknowledged; None when there is none.

    Raises SnapshotError.
    """
    path = folder / SNAPSHOT_FILE
    if not path.is_file():
        return None
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["format"] != _FORMAT:
            raise SnapshotError(f"{path} was written by another version of the sandbox; remove {folder} to start anew.")
        workspace = Workspace(
            team=Team(**kept["team"]),
            app=App(**kept["app"]),
            people={each["id"]: Person(**each) for each in kept["people"]},
            channels={each["id"]: Channel(**each) for each in kept["channels"]},
            files={each["id"]: SharedFile(**each) for each in kept["files"]},
            homes=kept["homes"],
            user_groups=kept.get("user_groups", {}),
            url=kept["url"],
        )
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise SnapshotError(f"{path} is damaged ({error}); remove {folder} to start anew.") from None
    for channel in workspace.channels.values():
        for message in channel.messages.values():
            message.pop("streaming", None)  # a stream does not outlive the process that held it
    return workspace, kept["pending_events"]


def readdress(workspace: Workspace, pending_events: list[Payload], url: str) -> list[Payload]:
    """Has every kept link point to where the workspace is reached now; returns the events with theirs changed."""
    old_url, workspace.url = workspace.url, url
    if old_url in ("", url):
        return pending_events

    def moved(value: Any) -> Any:
        return json.loads(json.dumps(value).replace(f"{old_url}/", f"{url}/"))

    for channel in workspace.channels.values():
        for ts, message in channel.messages.items():
            channel.messages[ts] = moved(message)
    workspace.homes = moved(workspace.homes)
    events: list[Payload] = moved(pending_events)
    return events


class Keeper:
    """Saves a moment after each change, and once more at the end."""

    def __init__(self, folder: Path, workspace: Workspace, socket_mode: SocketMode) -> None:
        self._folder = folder
        self._workspace = workspace
        self._socket_mode = socket_mode
        self._changed = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Saves what there is, and goes on saving."""
        self._task = asyncio.create_task(self._save_after_changes())
        self._changed.set()

    def hear(self, change: Change) -> None:
        """Remembers that there is something new; what it is does not matter here."""
        del change
        self._changed.set()

    async def stop(self) -> None:
        """Saves the last state. Call it when nothing can change any more."""
        self._stopping.set()
        self._changed.set()
        if self._task is not None:
            await self._task

    async def _save_after_changes(self) -> None:
        is_last = False
        while not is_last:
            await self._changed.wait()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _DEBOUNCE_SECONDS)
            is_last = self._stopping.is_set()
            self._changed.clear()
            encoded = _encoded(self._workspace, self._socket_mode.pending_payloads())
            await asyncio.to_thread(_replace, self._folder, encoded)


def _encoded(workspace: Workspace, pending_events: list[Payload]) -> bytes:
    kept = {
        "format": _FORMAT,
        "team": asdict(workspace.team),
        "app": asdict(workspace.app),
        "people": [asdict(person) for person in workspace.people.values()],
        "channels": [asdict(channel) for channel in workspace.channels.values()],
        "files": [asdict(file) for file in workspace.files.values() if file.is_complete],
        "homes": workspace.homes,
        "user_groups": workspace.user_groups,
        "url": workspace.url,
        "pending_events": pending_events,
    }
    return json.dumps(kept, ensure_ascii=False).encode()


def _replace(folder: Path, encoded: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / SNAPSHOT_FILE
    unfinished = path.with_suffix(".tmp")
    with unfinished.open("wb") as target:
        target.write(encoded)
        target.flush()
        os.fsync(target.fileno())
    unfinished.replace(path)
