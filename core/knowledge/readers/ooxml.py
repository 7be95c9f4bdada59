"""What Word and PowerPoint files have in common: a zip of XML parts that point to one another."""

import io
import posixpath
import zipfile
from collections.abc import Callable
from xml.etree import ElementTree as ET

from core.errors import DamagedFile
from core.knowledge.content import Block


def read_parts(data: bytes, name: str, reader: Callable[[zipfile.ZipFile], list[Block]]) -> list[Block]:
    """What the reader makes of the opened file. Raises DamagedFile when a part is missing or is not XML."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return reader(package)
    except (KeyError, ET.ParseError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise DamagedFile(f"{name} is broken, so it cannot be opened. Please save it again and re-share it.") from error


def xml(package: zipfile.ZipFile, part: str) -> ET.Element:
    """The part's root element."""
    return ET.fromstring(package.read(part))  # noqa: S314 - we are in the child, whose time and memory are limited


def targets(package: zipfile.ZipFile, part: str) -> dict[str, str]:
    """What the relation ids of a part point to, as paths in the package."""
    folder, file = posixpath.split(part)
    relations = f"{folder}/_rels/{file}.rels"
    if relations not in package.namelist():
        return {}
    return {
        relation.attrib["Id"]: posixpath.normpath(posixpath.join(folder, relation.attrib["Target"])).lstrip("/")
        for relation in xml(package, relations)
    }
