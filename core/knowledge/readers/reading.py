"""The one door of the readers: a file's bytes → its content, by the reader for what it really is."""

from collections.abc import Callable
from pathlib import Path

from core.knowledge.content import Block, Content
from core.knowledge.readers import markdown, office, pdf, slides, tabular, texts
from core.knowledge.readers.encoding import decode
from core.knowledge.readers.kinds import FileKind, Kind, extension_of, kind_of
from core.knowledge.readers.mail import read_mail


def read(path: Path, name: str, mimetype: str) -> Content:
    """The content of the file at `path`. Raises the subclass of UnreadableFile that says why there is none."""
    data = path.read_bytes()
    kind = kind_of(data, name, mimetype)
    return Content(title=name, blocks=tuple(_blocks(data, name, mimetype, kind)))


def _blocks(data: bytes, name: str, mimetype: str, kind: FileKind) -> list[Block]:
    binary: dict[Kind, Callable[[], list[Block]]] = {
        Kind.PDF: lambda: pdf.read_pdf(data, name),
        Kind.SLIDES: lambda: slides.read_slides(data, name),
        Kind.SHEETS: lambda: office.read_sheets(data, name, kind.mime),
        Kind.DOCUMENT: lambda: office.read_document(data, name, kind.mime),
        Kind.EMAIL: lambda: read_mail(data),
    }
    if kind.kind in binary:
        return binary[kind.kind]()
    text = decode(data, name).replace("\r\n", "\n").replace("\r", "\n")
    match kind.kind:
        case Kind.HTML:
            return office.read_document(text.encode(), name, "text/html")
        case Kind.MARKDOWN:
            return markdown.read_markdown(text)
        case Kind.TABLE:
            return tabular.read_table(text, tabs=extension_of(name, mimetype) in ("tsv", "tab"))
        case Kind.JSON:
            return tabular.read_json(text)
        case Kind.CODE:
            return texts.read_code(text, kind.language)
    return texts.read_prose(text)
