"""A file object of Slack's, of any of the kinds that Slack makes, as the record keeps it."""

from typing import Any

from core.knowledge.hearing import HeardFile

Payload = dict[str, Any]

CANVAS_TYPE = "text/markdown; variant=canvas"
"""The type of what is fetched with canvases.getContent; Slack's own type for canvases says nothing of their form."""

_CANVASES = ("quip", "canvas")
_TITLED = (*_CANVASES, "space", "post", "email")
_EDITED_IN_SLACK = (*_TITLED, "snippet")
_ELSEWHERE = ("external", "remote")


def heard_file(file: Payload) -> HeardFile:
    """What lies outside of Slack is known by its title and link only."""
    mode = file.get("mode")
    outside = bool(file.get("is_external")) or mode in _ELSEWHERE
    title, name = file.get("title"), file.get("name")
    # Canvases, posts and e-mails have technical names; people know them by their titles.
    called = (title or name) if outside or mode in _TITLED else (name or title)
    private_url, permalink = file.get("url_private") or "", file.get("permalink") or ""
    return HeardFile(
        id=file["id"],
        name=called or file["id"],
        mimetype=CANVAS_TYPE if mode in _CANVASES else file.get("mimetype") or "",
        size=int(file.get("size") or 0),
        download_url="" if outside else file.get("url_private_download") or private_url,
        permalink=private_url or permalink if outside else permalink or private_url,
        person_id=file.get("user") or "",
        is_outside=outside,
    )


def is_edited_in_slack(file: Payload) -> bool:
    """Whether people change the file in place: canvases, posts and snippets."""
    return file.get("mode") in _EDITED_IN_SLACK
