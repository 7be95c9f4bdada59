"""The files of a Slack export, from a zip file or unpacked; nothing is ever unpacked to the disk."""

import lzma
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import Protocol

from core.errors import DamagedFile, FileTooLarge

MEMBER_BYTES = 256 * 2**20
"""The most that one file of an export may unpack to: a day of a channel, or the list of all people."""
TOTAL_BYTES = 64 * 2**30

LISTS = ("channels.json", "groups.json")
"""One of them stands at the top of every export."""

_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, RuntimeError)
"""What the zip library raises for a file that is broken, packed in an unknown way or encrypted."""


class ExportFiles(Protocol):
    """The files of an export, by their names inside it."""

    def names(self) -> list[str]:
        """All of them, with / between the parts."""

    def read(self, name: str) -> bytes:
        """One of them. Raises DamagedFile, and FileTooLarge for what unpacks to more than an export could hold."""

    def close(self) -> None:
        """Let go of it."""


class _Zip:
    """`top` is the folder in the archive that holds everything, where somebody packed an export again."""

    def __init__(self, path: Path) -> None:
        self._archive = zipfile.ZipFile(path)
        self._left = TOTAL_BYTES
        self._name = path.name
        members = [member.filename for member in self._archive.infolist() if not member.is_dir()]
        self._top = _top_of(members)

    def names(self) -> list[str]:
        return [
            member.filename.removeprefix(self._top)
            for member in self._archive.infolist()
            if not member.is_dir() and member.filename.startswith(self._top)
        ]

    def read(self, name: str) -> bytes:
        # What the header says of its size may be a lie: so many bytes are read, and no more.
        try:
            with self._archive.open(self._top + name) as member:
                content = member.read(MEMBER_BYTES + 1)
        except _DAMAGE as error:
            raise unreadable(name) from error
        self._left -= len(content)
        if len(content) > MEMBER_BYTES or self._left < 0:
            raise FileTooLarge(f"{name} in {self._name} unpacks to more than an export of Slack would hold.")
        return content

    def close(self) -> None:
        self._archive.close()


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[str]:
        root = self._path.resolve()
        return [
            file.relative_to(self._path).as_posix()
            for file in self._path.glob("**/*.json")
            if file.is_file() and file.resolve().is_relative_to(root)  # a link may lead out of it
        ]

    def read(self, name: str) -> bytes:
        path = self._path / name
        try:
            if path.stat().st_size > MEMBER_BYTES:
                raise FileTooLarge(f"{name} is larger than anything in an export of Slack.")
            return path.read_bytes()
        except OSError as error:
            raise unreadable(name) from error

    def close(self) -> None:
        pass


def unreadable(name: str) -> DamagedFile:
    """For a file of an export that is broken, or says nothing that an export would."""
    return DamagedFile(f"{name} in the export cannot be read. Export it from Slack again.")


def find_export(path: Path) -> ExportFiles | None:
    """The export at this path, if it is one: a folder or zip file with a list of channels at its top."""
    if path.is_dir():
        return _Folder(path) if any((path / name).is_file() for name in LISTS) else None
    if not zipfile.is_zipfile(path):
        return None
    try:
        export = _Zip(path)
    except (zipfile.BadZipFile, OSError):
        return None
    if set(LISTS).isdisjoint(export.names()):
        export.close()
        return None
    return export


def _top_of(members: Collection[str]) -> str:
    """The one folder that holds the list of channels, with its slash; empty where the list stands at the top."""
    if not set(LISTS).isdisjoint(members):
        return ""
    tops = {name.partition("/")[0] for name in members} - {"__MACOSX", ".DS_Store"}
    top = f"{next(iter(tops))}/" if len(tops) == 1 else ""
    return top if any(top + name in members for name in LISTS) else ""
