"""A file object of Slack's, of any of the kinds that Slack makes, as the record keeps it."""

import re

from core.knowledge.hearing import HeardFile
from core.knowledge.slack_payloads import Payload, is_id, text_in

CANVAS_TYPE = "text/markdown; variant=canvas"
"""The type of what is fetched with canvases.getContent; Slack's own type for canvases says nothing of their form."""

_CANVASES = ("quip", "canvas")
_TITLED = (*_CANVASES, "space", "post", "email")
_EDITED_IN_SLACK = (*_TITLED, "snippet")
_ELSEWHERE = ("external", "remote")
_GONE = ("tombstone", "hidden_by_limit")

_LARGEST = 2**31 - 1
"""The largest number that the record holds; Slack takes no file so large."""
_EXPORT_KEY = re.compile(r"[?&]t=xoxe[^&]*$|(?<=[?&])t=xoxe[^&]*&")


def heard_file(file: Payload) -> HeardFile | None:
    """None when it is gone, or its id is none of Slack's: a file is kept on the disk under its id.

    What lies outside of Slack is known by its title and link only.
    """
    file_id, mode = text_in(file, "id"), file.get("mode")
    if mode in _GONE or not is_id(file_id):
        return None
    outside = bool(file.get("is_external")) or mode in _ELSEWHERE
    # Canvases, posts and e-mails have technical names; people know them by their titles.
    called = ("title", "name") if outside or mode in _TITLED else ("name", "title")
    private_url, permalink = _without_key(text_in(file, "url_private")), text_in(file, "permalink")
    size = file.get("size")
    return HeardFile(
        id=file_id,
        name=text_in(file, *called, "id"),
        mimetype=CANVAS_TYPE if mode in _CANVASES else text_in(file, "mimetype"),
        size=min(size, _LARGEST) if isinstance(size, int) else 0,
        download_url="" if outside else _without_key(text_in(file, "url_private_download")) or private_url,
        permalink=private_url or permalink if outside else permalink or private_url,
        person_id=text_in(file, "user"),
        is_outside=outside,
    )


def is_edited_in_slack(file: Payload) -> bool:
    """Whether people change the file in place: canvases, posts and snippets."""
    return file.get("mode") in _EDITED_IN_SLACK


def _without_key(address: str) -> str:
    """The address without an export's own key, which runs out: the bot has a token of its own."""
    return _EXPORT_KEY.sub("", address)
