"""Web pages that somebody asked for: fetched from elsewhere, and shared in the channel where they were asked for."""

import hashlib
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from core.errors import DamagedFile
from core.knowledge.hearing import HeardFile, hear_pages
from core.records.files import SharedFile
from core.records.unit_of_work import Record
from core.records.workspaces import Channel

_PREFIX = "page-"
_SHOWN_CHARACTERS = 120


def want_pages(record: Record, channel: Channel, addresses: Sequence[str], person_id: str) -> None:
    """Ask for the pages to be fetched, or fetched anew, for those who may read this channel: all of them, or none.

    Raises DamagedFile when one is no address, and NotAllowed when whoever asks wants nothing of theirs to be kept.
    """
    hear_pages(record, channel, [_page(address, person_id) for address in addresses], person_id)


def page_id(address: str) -> str:
    """The id that the page at this address has among the files."""
    return _PREFIX + hashlib.sha256(address.encode()).hexdigest()[:24]


def is_page(file: SharedFile) -> bool:
    """Whether this is a page from the web, not a file of Slack's."""
    return file.id.startswith(_PREFIX)


def page_name(address: str) -> str:
    """What people call the page: its address without the technical parts. Raises DamagedFile when it is no address."""
    try:
        parts = urlsplit(address)
    except ValueError:
        raise DamagedFile(f"{address} is no address that I can read. Copy it from your browser.") from None
    name = f"{parts.hostname or ''}{unquote(parts.path).rstrip('/')}"
    return name if len(name) <= _SHOWN_CHARACTERS else f"{name[:_SHOWN_CHARACTERS]}…"


def _page(address: str, person_id: str) -> HeardFile:
    return HeardFile(
        id=page_id(address),
        name=page_name(address),
        mimetype="",
        size=0,
        download_url=address,
        permalink=address,
        person_id=person_id,
    )
