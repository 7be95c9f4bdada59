"""Files, shared or ingested from disk, as prepared documents."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.errors import Unavailable, UnreadableFile
from core.knowledge.chunking import Chunk
from core.knowledge.content import Block, Content
from core.knowledge.extraction import ExtractionLimits, extract
from core.knowledge.prepared import PreparedDocument
from core.records.documents import Document, DocumentKind
from core.records.files import READABLE, FileState
from core.records.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class SourceFile:
    """A file that can be opened: where its bytes are, what people call it, where its reader finds it.

    Of what lies elsewhere there are no bytes here: `path` is None.
    """

    path: Path | None
    name: str
    mimetype: str
    link: str
    shared_at: datetime | None
    was_ingested: bool


def find_source_file(work: UnitOfWork, document: Document, blobs_dir: Path) -> SourceFile | None:
    """The file of a FILE or PATH document; None when there is nothing to read (deleted, or not downloaded yet)."""
    if document.kind is DocumentKind.PATH:
        path = Path(document.key)
        return SourceFile(path, document.title or path.name, "", path.as_uri(), None, was_ingested=True)
    file = work.files.get(document.workspace_id, document.key.partition(":")[0])
    if file is None or file.deleted_at is not None or file.state not in READABLE:
        return None
    bytes_at = blobs_dir / file.blob if file.state is FileState.STORED else None
    return SourceFile(bytes_at, file.name or file.id, file.mimetype, file.permalink, file.shared_at, was_ingested=False)


def read_source_file(file: SourceFile, limits: ExtractionLimits) -> PreparedDocument:
    """The file's text. Raises UnreadableFile when it has none, Unavailable when its bytes cannot be read now."""
    if file.path is None:
        return _pointer(file)
    try:
        changed_at = datetime.fromtimestamp(file.path.stat().st_mtime, UTC)
        content = extract(file.path, file.name, file.mimetype, limits)
    except FileNotFoundError as missing:
        if file.was_ingested:
            raise UnreadableFile(f"{file.name} is not there any more. Ingest its folder again.") from missing
        raise Unavailable(f"The bytes of {file.name} are not there. Check the folder of files.") from missing
    except OSError as unreadable:
        raise Unavailable(f"{file.name} cannot be read just now. Check its disk and its permissions.") from unreadable
    title = content.title if content.title and content.title not in file.name else ""
    return PreparedDocument(
        content=content,
        header=" · ".join(filter(None, (file.name, title))),
        name=lambda chunk: _source(file.name, chunk),
        link=file.link,
        said_at=file.shared_at or changed_at,
    )


def _pointer(file: SourceFile) -> PreparedDocument:
    """All that is known of a file that lies elsewhere: what it is called and where it is."""
    return PreparedDocument(
        content=Content(file.name, (Block(f"{file.name} ({file.link})"),)),
        header="",
        name=lambda _: file.name,
        link=file.link,
        said_at=file.shared_at,
    )


def _source(name: str, chunk: Chunk) -> str:
    """The file's name and the place in it: "Handbook.pdf, p. 12", or the section where there are no pages."""
    return ", ".join(filter(None, (name, chunk.place or chunk.heading.split(" › ")[-1])))
