"""Keeps foreign web pages out, and the sandbox's own side (tokens of people, switches) on this machine.

Everything here answers only to well-known tokens, so any page that a person has open in the same browser could use
them if the browser let it. Browsers say where a request comes from; the app's own client says nothing and is let in.
"""

import ipaddress
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

_LOCAL_NAMES = {"localhost", "127.0.0.1", "::1"}
_OWN_SIDE = ("/page/", "/test/")
_SWITCHES = "/test/"
_LINKED_FROM_ANYWHERE = ("/archives/", "/files/")


def local_only(public_url: str | None) -> Middleware:
    """A middleware that refuses foreign pages, and its own side under a foreign name (DNS rebinding)."""
    public_name = urlsplit(public_url or "").hostname
    names = _LOCAL_NAMES | ({public_name} if public_name else set())

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        is_named_wrongly = urlsplit(f"//{request.host}").hostname not in names
        is_refused = (
            _is_from_elsewhere(request)
            or (is_named_wrongly and request.path.startswith(_OWN_SIDE))
            or (request.path.startswith(_SWITCHES) and not _is_from_this_machine(request))
        )
        if is_refused:
            raise web.HTTPForbidden(text="The sandbox answers only its own pages and apps on this machine.")
        return await handler(request)

    return check


def _is_from_this_machine(request: web.Request) -> bool:
    return request.remote is not None and ipaddress.ip_address(request.remote).is_loopback


def _is_from_elsewhere(request: web.Request) -> bool:
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        return True
    is_link = request.path == "/" or request.path.startswith(_LINKED_FROM_ANYWHERE)
    return request.headers.get("Sec-Fetch-Site") == "cross-site" and not is_link
