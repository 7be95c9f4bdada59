"""What a file really is, decided from its bytes first; its name and type only settle what bytes cannot say."""

import mimetypes
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

from core.errors import DamagedFile, LockedFile, UnsupportedFile
from core.knowledge.readers.archives import kind_of_zip
from core.knowledge.readers.languages import LANGUAGES


class Kind(StrEnum):
    """The roads a file can take to become text."""

    PDF = "pdf"
    WORD = "word"
    SLIDES = "slides"
    SHEETS = "sheets"
    DOCUMENT = "document"
    HTML = "html"
    MARKDOWN = "markdown"
    TABLE = "table"
    JSON = "json"
    EMAIL = "email"
    PICTURE = "picture"
    CODE = "code"
    TEXT = "text"


@dataclass(frozen=True)
class FileKind:
    """A kind, with the MIME type that a parser wants (documents and sheets) or the language (code)."""

    kind: Kind
    mime: str = ""
    language: str = ""


ZIP_KINDS = {
    "docx": FileKind(Kind.WORD),
    "pptx": FileKind(Kind.SLIDES),
    "xlsx": FileKind(Kind.SHEETS, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "odt": FileKind(Kind.DOCUMENT, "application/vnd.oasis.opendocument.text"),
    "odp": FileKind(Kind.DOCUMENT, "application/vnd.oasis.opendocument.presentation"),
    "ods": FileKind(Kind.SHEETS, "application/vnd.oasis.opendocument.spreadsheet"),
    "epub": FileKind(Kind.DOCUMENT, "application/epub+zip"),
}
# Office before 2007 keeps named streams in one file; the names are UTF-16 and say which program wrote it.
OLE_STREAMS = (
    ("WordDocument", FileKind(Kind.DOCUMENT, "application/msword")),
    ("PowerPoint Document", FileKind(Kind.DOCUMENT, "application/vnd.ms-powerpoint")),
    ("Workbook", FileKind(Kind.SHEETS, "application/vnd.ms-excel")),
    ("__substg1.0_", FileKind(Kind.DOCUMENT, "application/vnd.ms-outlook")),
)
PICTURE, SOUND, ARCHIVE, PROGRAM, DATA = "a picture", "a sound or a video", "an archive", "a program", "a data file"
READABLE_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
UNREADABLE_MAGIC = (
    (b"8BPS", PICTURE),
    (b"\x00\x00\x01\x00", PICTURE),
    (b"ID3", SOUND),
    (b"\xff\xfb", SOUND),
    (b"OggS", SOUND),
    (b"fLaC", SOUND),
    (b"\x1aE\xdf\xa3", SOUND),
    (b"\x1f\x8b", ARCHIVE),
    (b"BZh", ARCHIVE),
    (b"\xfd7zXZ", ARCHIVE),
    (b"7z\xbc\xaf", ARCHIVE),
    (b"Rar!", ARCHIVE),
    (b"(\xb5/\xfd", ARCHIVE),
    (b"\x7fELF", PROGRAM),
    (b"MZ", PROGRAM),
    (b"\xca\xfe\xba\xbe", PROGRAM),
    (b"SQLite format 3\x00", DATA),
    (b"PAR1", DATA),
)
PROMISES = {
    "pdf": "a PDF",
    "doc": "a Word document",
    "docx": "a Word document",
    "ppt": "a slide deck",
    "pptx": "a slide deck",
    "xls": "a spreadsheet",
    "xlsx": "a spreadsheet",
    "odt": "a text document",
    "ods": "a spreadsheet",
    "odp": "a slide deck",
    "epub": "a book",
    "rtf": "a text document",
}
BY_EXTENSION = {
    "csv": FileKind(Kind.TABLE),
    "tsv": FileKind(Kind.TABLE),
    "tab": FileKind(Kind.TABLE),
    "json": FileKind(Kind.JSON),
    "geojson": FileKind(Kind.JSON),
    "jsonl": FileKind(Kind.JSON),
    "ndjson": FileKind(Kind.JSON),
    "ipynb": FileKind(Kind.DOCUMENT, "application/x-ipynb+json"),
    "html": FileKind(Kind.HTML),
    "htm": FileKind(Kind.HTML),
    "xhtml": FileKind(Kind.HTML),
    "md": FileKind(Kind.MARKDOWN),
    "markdown": FileKind(Kind.MARKDOWN),
    "mdx": FileKind(Kind.MARKDOWN),
    "eml": FileKind(Kind.EMAIL),
}
MAIL_HEADER = re.compile(
    rb"^(return-path|received|delivered-to|message-id|mime-version|from|to|date|subject):", re.I | re.M
)
WEB_PAGE = re.compile(rb"^\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html[\s>])", re.I | re.S)


def kind_of(data: bytes, name: str, mimetype: str) -> FileKind:
    """The kind of the file with these bytes.

    Raises LockedFile, DamagedFile (its name promises what its bytes are not) or UnsupportedFile.
    """
    extension = extension_of(name, mimetype)
    promised = PROMISES.get(extension, "")
    if b"%PDF-" in data[:1024]:
        return FileKind(Kind.PDF)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        found = kind_of_zip(data, name, promised)
        if found in ZIP_KINDS:
            return ZIP_KINDS[found]
        raise _not_readable(name, ARCHIVE, promised)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _kind_of_ole(data, name)
    if data.lstrip()[:5] == b"{\\rtf":
        return FileKind(Kind.DOCUMENT, "application/rtf")
    if _is_picture(data) and not promised:
        return FileKind(Kind.PICTURE)
    if unreadable := _unreadable(data):
        raise _not_readable(name, unreadable, promised)
    return _kind_of_text(data, name, extension, promised)


def extension_of(name: str, mimetype: str) -> str:
    """The extension that the name has, or else the one that the type would have; lower case, without the dot."""
    suffix = PurePath(name).suffix or mimetypes.guess_extension(mimetype.partition(";")[0].strip()) or ""
    return suffix[1:].lower()


def _kind_of_ole(data: bytes, name: str) -> FileKind:
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise LockedFile(
            f"{name} is protected by a password, so I cannot read it. Please share a copy without the password."
        )
    for stream, kind in OLE_STREAMS:
        if stream.encode("utf-16-le") in data:
            return kind
    raise UnsupportedFile(
        f"{name} is an old Office file of a kind I do not read. Please save it as PDF or in a current format."
    )


def _is_picture(data: bytes) -> bool:
    """Whether they are a picture in which words may be made out."""
    return any(_begins_with(data, magic) for magic in READABLE_PICTURES) or data[:4] + data[8:12] == b"RIFFWEBP"


def _unreadable(data: bytes) -> str:
    """What plain noun names these bytes, if they are of a kind without text."""
    if _is_picture(data):
        return PICTURE
    if data[4:8] == b"ftyp":
        return PICTURE if data[8:12] in (b"heic", b"heix", b"mif1", b"avif") else SOUND
    if data[:4] == b"RIFF":
        return SOUND
    if data[257:262] == b"ustar":
        return ARCHIVE
    return next((noun for magic, noun in UNREADABLE_MAGIC if _begins_with(data, magic)), "")


def _begins_with(data: bytes, magic: bytes) -> bool:
    """Whether they begin so; two letters may begin any text, so what they begin must be binary besides."""
    return data.startswith(magic) and (len(magic) > 2 or magic[0] > 127 or b"\x00" in data[:512])


def _not_readable(name: str, noun: str, promised: str) -> DamagedFile | UnsupportedFile:
    if promised:
        return DamagedFile(
            f"{name} is named like {promised} but is {noun} inside. Please check the file and share the right one."
        )
    advice = {
        PICTURE: "If it shows words that matter, please write them in a message or share them as a document.",
        ARCHIVE: "Please unpack it and share the files that matter.",
    }.get(noun, "Please share what matters in it as a document or a message.")
    return UnsupportedFile(f"{name} is {noun}, which I cannot read. {advice}")


def _kind_of_text(data: bytes, name: str, extension: str, promised: str) -> FileKind:
    is_web_page = bool(WEB_PAGE.match(data[:4096]))
    if promised and is_web_page:
        raise DamagedFile(
            f"{name} is named like {promised} but is a web page inside, perhaps a login page that came in its place. "
            "Please share the file itself."
        )
    if promised and data.lstrip()[:1] in (b"<", b"{"):
        raise DamagedFile(
            f"{name} is named like {promised} but is not one inside. Please check the file and share it again."
        )
    if extension in BY_EXTENSION:
        return BY_EXTENSION[extension]
    if extension in LANGUAGES:
        return FileKind(Kind.CODE, language=LANGUAGES[extension])
    if extension == "svg":
        raise _not_readable(name, PICTURE, promised)
    if is_web_page:
        return FileKind(Kind.HTML)
    head = data[:2048].replace(b"\r\n", b"\n").split(b"\n\n")[0]
    if len(MAIL_HEADER.findall(head)) >= 3:
        return FileKind(Kind.EMAIL)
    return FileKind(Kind.TEXT)
