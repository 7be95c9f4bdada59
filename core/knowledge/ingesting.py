"""Files from disk become documents that everybody in the workspace may find."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import Misconfigured
from core.records.documents import Document, DocumentKind, document_id
from core.records.tombstones import Forgotten
from core.records.unit_of_work import Record, UnitOfWork
from core.records.workspaces import PUBLIC

LOCAL_WORKSPACE = "local"
"""Where files go as long as no Slack workspace is known."""


def present_workspace(record: Record) -> str:
    """The workspace that a command without Slack works on: the one joined last, or a local one made for it."""
    with record() as work:
        joined = work.workspaces.joined_last()
        workspace = joined or work.workspaces.ensure(LOCAL_WORKSPACE)
        work.commit()
        return workspace.id


@dataclass
class Ingested:
    """What was asked for: documents that have work due, by id, and in a sentence each what was left out."""

    document_ids: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def ingest_paths(record: Record, workspace_id: str, paths: Iterable[Path]) -> Ingested:
    """Ask for these files, and all files in these folders, to be indexed; what vanished from the folders is removed.

    What somebody asked to forget stays out, unless the file itself is named. Raises Misconfigured when a path is not
    there.
    """
    done = Ingested()
    with record() as work:
        for path in (path.resolve() for path in paths):
            if not path.exists():
                raise Misconfigured(f"There is no file or folder {path}. Check the path and try again.")
            folder = _Folder(path)
            files = [
                file for file in sorted(folder.files()) if file == path or not _forgotten(work, workspace_id, file)
            ]
            done.document_ids += [_want(work, workspace_id, file, _title(file, path)) for file in files]
            done.document_ids += _unwant_vanished(work, workspace_id, folder, {str(file) for file in files})
            done.left_out += folder.left_out
        work.commit()
    return done


class _Folder:
    """The files in a folder, or the one file that is no folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.left_out: list[str] = []
        self._closed: list[Path] = []

    def files(self) -> Iterator[Path]:
        """Those that may be read by everybody. Hidden ones are passed over; what else is, is told in `left_out`."""
        if self.path.is_file():
            yield self.path
            return
        for folder, folders, names in os.walk(self.path, onerror=self._note_closed):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                file = Path(folder, name)
                if not name.startswith(".") and file.is_file() and self._may_be_read(file):
                    yield file

    def hides(self, file: Path) -> bool:
        """Whether it may still be there, in a folder that we may not look into."""
        return any(file.is_relative_to(folder) for folder in self._closed)

    def _may_be_read(self, file: Path) -> bool:
        shown = os.fsencode(_title(file, self.path)).decode(errors="replace")
        if not _is_text(str(file)):
            self.left_out.append(f"{shown} has a name that is not UTF-8, so I left it out. Rename it and try again.")
        elif not file.resolve().is_relative_to(self.path):
            self.left_out.append(f"{shown} is a link that leads out of the folder, so I left it out.")
        else:
            return True
        return False

    def _note_closed(self, error: OSError) -> None:
        folder = Path(os.fsdecode(error.filename))
        self._closed.append(folder)
        shown = os.fsencode(_title(folder, self.path)).decode(errors="replace")
        self.left_out.append(f"The folder {shown} cannot be opened, so I left it out. Check its permissions.")


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _forgotten(work: UnitOfWork, workspace_id: str, file: Path) -> bool:
    known = document_id(workspace_id, DocumentKind.PATH, str(file))
    document = work.documents.get(known)
    stands = document is not None and not document.gone
    return not stands and work.tombstones.get(workspace_id, Forgotten.DOCUMENT, known) is not None


def _title(file: Path, root: Path) -> str:
    return file.name if root == file else str(file.relative_to(root))


def _want(work: UnitOfWork, workspace_id: str, file: Path, title: str) -> str:
    return work.documents.want(
        workspace_id, DocumentKind.PATH, str(file), channel_id="", audience=PUBLIC, title=title, can_wait=True
    ).id


def _unwant_vanished(work: UnitOfWork, workspace_id: str, folder: _Folder, present: set[str]) -> list[str]:
    def vanished(document: Document) -> bool:
        file = Path(document.key)
        is_here = file.is_relative_to(folder.path) and not folder.hides(file)
        return not document.gone and document.key not in present and is_here

    gone = [d for d in work.documents.of_kind(workspace_id, DocumentKind.PATH) if vanished(d)]
    for document in gone:
        work.documents.unwant(document)
    return [document.id for document in gone]
