"""Web pages that somebody asked for: fetched from elsewhere, and shared in the channel where they were asked for."""

import hashlib
from urllib.parse import unquote, urlsplit

from core.knowledge.hearing import HeardFile, hear_page
from core.records.files import SharedFile
from core.records.unit_of_work import Record
from core.records.workspaces import Channel

_PREFIX = "page-"
_SHOWN_CHARACTERS = 120


def want_page(record: Record, channel: Channel, address: str, person_id: str) -> None:
    """Ask for the page to be fetched, or fetched anew, for those who may read this channel."""
    page = HeardFile(
        id=page_id(address),
        name=page_name(address),
        mimetype="",
        size=0,
        download_url=address,
        permalink=address,
        person_id=person_id,
    )
    hear_page(record, channel, page)


def page_id(address: str) -> str:
    """The id that the page at this address has among the files."""
    return _PREFIX + hashlib.sha256(address.encode()).hexdigest()[:24]


def is_page(file: SharedFile) -> bool:
    """Whether this is a page from the web, not a file of Slack's."""
    return file.id.startswith(_PREFIX)


def page_name(address: str) -> str:
    """What people call the page: its address without the technical parts."""
    parts = urlsplit(address)
    name = f"{parts.hostname or ''}{unquote(parts.path).rstrip('/')}"
    return name if len(name) <= _SHOWN_CHARACTERS else f"{name[:_SHOWN_CHARACTERS]}…"
