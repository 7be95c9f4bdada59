"""Zip containers (every current office format is one): what is in them, and whether unpacking them is safe."""

import io
import zipfile

from core.errors import DamagedFile, FileTooLarge, LockedFile

MOST_UNPACKED = 256 * 2**20  # bytes: the text of an office file of honest size is far below this
MOST_MEMBERS = 20_000
MOST_RATIO = 200  # honest office XML shrinks 5 to 50 times
RATIO_MATTERS_FROM = 8 * 2**20  # bytes
ENCRYPTED = 0x1  # the flag of a member that wants a password
OFFICE_PARTS = {"word/": "docx", "ppt/": "pptx", "xl/": "xlsx"}


def kind_of_zip(data: bytes, name: str, promised: str) -> str:
    """The extension that fits a zip's members, "zip" when they are just files.

    Raises DamagedFile, LockedFile, and FileTooLarge for one that would unpack to too much.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            kind = _kind_by_members(archive)
            if kind != "zip":
                _check_bomb(archive, name)
            if any(member.flag_bits & ENCRYPTED for member in archive.infolist()):
                raise LockedFile(
                    f"{name} is protected by a password, so I cannot read it. Please share a copy without the password."
                )
            return kind
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        what = f"{name} is broken or was cut off" if promised else f"{name} is a broken archive"
        raise DamagedFile(f"{what}, so it cannot be opened. Please share it again.") from error


def _kind_by_members(archive: zipfile.ZipFile) -> str:
    names = archive.namelist()
    if "[Content_Types].xml" in names:
        for folder, kind in OFFICE_PARTS.items():
            if any(member.startswith(folder) for member in names):
                return kind
    if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
        mime = archive.read("mimetype").decode("ascii", "replace").strip()
        if mime == "application/epub+zip":
            return "epub"
        return {
            "application/vnd.oasis.opendocument.text": "odt",
            "application/vnd.oasis.opendocument.spreadsheet": "ods",
            "application/vnd.oasis.opendocument.presentation": "odp",
        }.get(mime, "zip")
    return "zip"


def _check_bomb(archive: zipfile.ZipFile, name: str) -> None:
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    swollen = any(
        member.file_size > RATIO_MATTERS_FROM and member.file_size > MOST_RATIO * max(member.compress_size, 1)
        for member in members
    )
    if unpacked > MOST_UNPACKED or swollen or len(members) > MOST_MEMBERS:
        raise FileTooLarge(
            f"{name} would unpack to {unpacked / 2**20:,.0f} MB, which is more than I take from one file. "
            "Please share only the part that matters."
        )
