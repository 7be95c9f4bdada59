"""What somebody typed after `/forget`, understood."""

import re
from dataclasses import dataclass
from typing import Literal

What = Literal["help", "me", "me back", "message", "file", "page", "name"]

_LINK = re.compile(r"<(https?://[^<>|\s]+)(?:\|[^<>]*)?>|(https?://[^<>\s]+)", re.IGNORECASE)
_MESSAGE = re.compile(r"/archives/(?P<channel>[CDG][A-Z0-9]+)/p(?P<seconds>\d+)(?P<rest>\d{6})(?!\d)")
_FILE = re.compile(r"/(?:files|docs)/[A-Z0-9]+/(?P<file>F[A-Z0-9]+)")
_FILE_ID = re.compile(r"F[A-Z0-9]{6,}")
_BACK = ("undo", "back", "no more", "off")
_QUOTES = "\"'`“”„‘’«»"

HOW_TO = (
    "Here is what I can forget. Before anything is forgotten I ask you once more.\n"
    "• `/forget https://…/archives/…/p…` forgets a message of yours (⋮ on the message, “Copy link”), or my answer to"
    " your question\n"
    "• `/forget file plan.pdf` forgets a file of yours, by its name or its link\n"
    "• `/forget document https://…` forgets a web page that you had me read; admins can name what was ingested\n"
    "• `/forget me` forgets all that you said, shared, asked, voted for and taught, and keeps nothing of it from then"
    " on; `/forget me undo` brings you back\n"
    "Admins can have anything forgotten. What you delete in Slack I forget anyway, within seconds."
)


class NotUnderstood(Exception):
    """Why, as a sentence for whoever typed it."""


@dataclass(frozen=True)
class Words:
    """A request. `named` is "C1:1700000000.000100" of a message, a file's id, an address, or a name."""

    what: What
    named: str = ""


def understand(text: str) -> Words:
    """The request in these words. Raises NotUnderstood."""
    first, _, rest = text.strip().partition(" ")
    verb, rest = first.casefold(), rest.strip()
    match verb:
        case "" | "help":
            return Words("help")
        case "me":
            if rest and rest.casefold() not in _BACK:
                raise NotUnderstood("Write `/forget me`, or `/forget me undo` to come back.")
            return Words("me back" if rest else "me")
        case "file" | "document" | "page" | "message":
            return _named(rest)
    if _LINK.fullmatch(text.strip()):
        return _named(text.strip())
    raise NotUnderstood(f"I do not understand that.\n\n{HOW_TO}")


def _named(text: str) -> Words:
    if found := _LINK.search(text):
        return _linked(found[1] or found[2])
    name = text.strip().strip(_QUOTES).strip()
    if not name:
        raise NotUnderstood(f"Which one? Name it, or give me its link.\n\n{HOW_TO}")
    return Words("file" if _FILE_ID.fullmatch(name) else "name", name)


def _linked(address: str) -> Words:
    if message := _MESSAGE.search(address):
        return Words("message", f"{message['channel']}:{message['seconds']}.{message['rest']}")
    if file := _FILE.search(address):
        return Words("file", file["file"])
    return Words("page", address)
