"""Files, shared or ingested from disk, as manuscripts."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.errors import Unavailable, UnreadableFile
from core.knowledge.chunking import Chunk
from core.knowledge.content import Block, Content
from core.knowledge.extraction import ExtractionLimits, extract
from core.knowledge.manuscripts import Manuscript
from core.records.documents import Document, DocumentKind
from core.records.files import READABLE, FileState
from core.records.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Paper:
    """A file that can be opened: where its bytes are, what people call it, where its reader finds it.

    Of what lies elsewhere there are no bytes here: `path` is None.
    """

    path: Path | None
    name: str
    mimetype: str
    link: str
    shared_at: datetime | None
    was_ingested: bool


def find_paper(work: UnitOfWork, document: Document, blobs_dir: Path) -> Paper | None:
    """The file of a FILE or PATH document; None when there is nothing to read (deleted, or not downloaded yet)."""
    if document.kind is DocumentKind.PATH:
        path = Path(document.key)
        return Paper(path, document.title or path.name, "", path.as_uri(), None, was_ingested=True)
    file = work.files.get(document.workspace_id, document.key.partition(":")[0])
    if file is None or file.deleted_at is not None or file.state not in READABLE:
        return None
    bytes_at = blobs_dir / file.blob if file.state is FileState.STORED else None
    return Paper(bytes_at, file.name or file.id, file.mimetype, file.permalink, file.shared_at, was_ingested=False)


def read_paper(paper: Paper, limits: ExtractionLimits) -> Manuscript:
    """The file's text. Raises UnreadableFile when it has none, Unavailable when its bytes cannot be read now."""
    if paper.path is None:
        return _pointer(paper)
    try:
        changed_at = datetime.fromtimestamp(paper.path.stat().st_mtime, UTC)
        content = extract(paper.path, paper.name, paper.mimetype, limits)
    except FileNotFoundError as missing:
        if paper.was_ingested:
            raise UnreadableFile(f"{paper.name} is not there any more. Ingest its folder again.") from missing
        raise Unavailable(f"The bytes of {paper.name} are not there. Check the folder of files.") from missing
    except OSError as unreadable:
        raise Unavailable(f"{paper.name} cannot be read just now. Check its disk and its permissions.") from unreadable
    title = content.title if content.title and content.title not in paper.name else ""
    return Manuscript(
        content=content,
        header=" · ".join(filter(None, (paper.name, title))),
        name=lambda chunk: _source(paper.name, chunk),
        link=paper.link,
        said_at=paper.shared_at or changed_at,
    )


def _pointer(paper: Paper) -> Manuscript:
    """All that is known of a file that lies elsewhere: what it is called and where it is."""
    return Manuscript(
        content=Content(paper.name, (Block(f"{paper.name} ({paper.link})"),)),
        header="",
        name=lambda _: paper.name,
        link=paper.link,
        said_at=paper.shared_at,
    )


def _source(name: str, chunk: Chunk) -> str:
    """The file's name and the place in it: "Handbook.pdf, p. 12", or the section where there are no pages."""
    return ", ".join(filter(None, (name, chunk.place or chunk.heading.split(" › ")[-1])))
