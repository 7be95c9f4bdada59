"""Keeps the sandbox's own side (tokens of people, switches) to this machine and to pages that it served itself."""

from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

_LOCAL_NAMES = {"localhost", "127.0.0.1", "::1"}
_GUARDED = ("/page/", "/test/")


def local_only(public_url: str | None) -> Middleware:
    """A middleware that refuses guarded paths asked for under a foreign name (DNS rebinding) or by a foreign page."""
    public_name = urlsplit(public_url or "").hostname
    names = _LOCAL_NAMES | ({public_name} if public_name else set())

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(_GUARDED):
            origin = request.headers.get("Origin")
            asked_for = urlsplit(f"//{request.host}")
            foreign_page = origin is not None and urlsplit(origin).netloc != request.host
            if asked_for.hostname not in names or foreign_page:
                raise web.HTTPForbidden(text="This part of the sandbox answers only pages on this machine.")
        return await handler(request)

    return check
