"""Files from disk become documents that everybody in the workspace may find."""

from collections.abc import Iterable, Iterator
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


def ingest_paths(record: Record, workspace_id: str, paths: Iterable[Path]) -> list[str]:
    """Ask for these files, and all files in these folders, to be indexed; what vanished from the folders is removed.

    What somebody asked to forget stays out, unless the file itself is named.
    Returns the ids of the documents that now have work due. Raises Misconfigured when a path is not there.
    """
    wanted: list[str] = []
    with record() as work:
        for path in (path.resolve() for path in paths):
            if not path.exists():
                raise Misconfigured(f"There is no file or folder {path}. Check the path and try again.")
            files = [
                file for file in sorted(_files_in(path)) if file == path or not _forgotten(work, workspace_id, file)
            ]
            wanted += [_want(work, workspace_id, file, _title(file, path)) for file in files]
            wanted += _unwant_vanished(work, workspace_id, path, {str(file) for file in files})
        work.commit()
    return wanted


def _forgotten(work: UnitOfWork, workspace_id: str, file: Path) -> bool:
    known = document_id(workspace_id, DocumentKind.PATH, str(file))
    document = work.documents.get(known)
    stands = document is not None and not document.gone
    return not stands and work.tombstones.get(workspace_id, Forgotten.DOCUMENT, known) is not None


def _files_in(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for file in path.rglob("*"):
        hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
        if file.is_file() and not hidden:
            yield file


def _title(file: Path, root: Path) -> str:
    return file.name if root == file else str(file.relative_to(root))


def _want(work: UnitOfWork, workspace_id: str, file: Path, title: str) -> str:
    return work.documents.want(
        workspace_id, DocumentKind.PATH, str(file), channel_id="", audience=PUBLIC, title=title
    ).id


def _unwant_vanished(work: UnitOfWork, workspace_id: str, folder: Path, present: set[str]) -> list[str]:
    def vanished(document: Document) -> bool:
        return not document.gone and document.key not in present and Path(document.key).is_relative_to(folder)

    gone = [d for d in work.documents.of_kind(workspace_id, DocumentKind.PATH) if vanished(d)]
    for document in gone:
        work.documents.unwant(document)
    return [document.id for document in gone]
