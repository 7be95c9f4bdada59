"""The one door of the readers: a file's bytes → its content, by the reader for what it really is."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.knowledge.content import Block, Content
from core.knowledge.readers import html, mail, markdown, office, pdf, pictures, slides, tabular, texts, word
from core.knowledge.readers.encoding import decode
from core.knowledge.readers.kinds import FileKind, Kind, extension_of, kind_of


@dataclass(frozen=True)
class _File:
    data: bytes
    name: str
    extension: str
    kind: FileKind

    @property
    def text(self) -> str:
        return decode(self.data, self.name).replace("\r\n", "\n").replace("\r", "\n")


READERS: dict[Kind, Callable[[_File], list[Block]]] = {
    Kind.PDF: lambda file: pdf.read_pdf(file.data, file.name),
    Kind.WORD: lambda file: word.read_word(file.data, file.name),
    Kind.SLIDES: lambda file: slides.read_slides(file.data, file.name),
    Kind.SHEETS: lambda file: office.read_sheets(file.data, file.name, file.kind.mime),
    Kind.DOCUMENT: lambda file: office.read_document(file.data, file.name, file.kind.mime),
    Kind.HTML: lambda file: html.read_html(file.text),
    Kind.EMAIL: lambda file: mail.read_mail(file.data),
    Kind.PICTURE: lambda file: pictures.read_picture(file.data, file.name),
    Kind.MARKDOWN: lambda file: markdown.read_markdown(file.text),
    Kind.TABLE: lambda file: tabular.read_table(file.text, tabs=file.extension in ("tsv", "tab")),
    Kind.JSON: lambda file: tabular.read_json(file.text),
    Kind.CODE: lambda file: texts.read_code(file.text, file.kind.language),
    Kind.TEXT: lambda file: texts.read_prose(file.text),
}


def read(path: Path, name: str, mimetype: str) -> Content:
    """The content of the file at `path`. Raises the subclass of UnreadableFile that says why there is none."""
    data = path.read_bytes()
    file = _File(data, name, extension_of(name, mimetype), kind_of(data, name, mimetype))
    return Content(title=name, blocks=tuple(READERS[file.kind.kind](file)))
