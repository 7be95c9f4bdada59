"""Uploading and downloading bytes, and the page behind permalinks."""

import re
from pathlib import Path

from aiohttp import BodyPartReader, StreamReader, web

from bot.sandbox.api_route import authenticate, bearer_token
from bot.sandbox.context import Context
from bot.sandbox.files import MAX_FILE_BYTES
from bot.sandbox.model import SharedFile
from bot.sandbox.workspace import SlackError

PAGE_FOLDER = Path(__file__).resolve().parent / "page"
_CHUNK = 256 * 1024
_LOGIN_PAGE = """<!DOCTYPE html>
<html><head><title>Sign in | Sandbox</title></head>
<body><h1>Sign in to Sandbox</h1><p>You need to sign in to see this page.</p></body></html>
"""


class FileRoutes:
    """Handlers for bytes going in and out."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def upload(self, request: web.Request) -> web.Response:
        """Takes the bytes of one file, raw or as a form; they must be as many as was announced."""
        store = self._context.file_store
        file_id = store.redeem_ticket(request.match_info["ticket"])
        file = self._context.workspace.files.get(file_id or "")
        if file is None:
            return web.Response(text="upload url not found", status=404)
        path = store.path(file.id)
        received = await _receive(request, path, file.size)
        if received != file.size:
            path.unlink(missing_ok=True)
            return web.Response(text=f"expected {file.size} bytes", status=400)
        return web.Response(text=f"OK - {received}")

    async def download(self, request: web.Request) -> web.StreamResponse:
        """The bytes of `/files-pri/<team>-<file>/[download/]<name>`, or the login page for whoever may not have it."""
        file = self._authorised(request)
        if file is None:
            return web.Response(text=_LOGIN_PAGE, content_type="text/html")
        as_attachment = request.match_info["rest"].startswith("download/")
        name = re.sub(r"[^\w.\- ]", "_", file.name, flags=re.ASCII)
        headers = {
            "Content-Type": file.mimetype,
            "Content-Disposition": f'{"attachment" if as_attachment else "inline"}; filename="{name}"',
            "Content-Security-Policy": "sandbox",
            "X-Content-Type-Options": "nosniff",
        }
        return web.FileResponse(self._context.file_store.path(file.id), headers=headers)

    async def page(self, _request: web.Request) -> web.StreamResponse:
        """The page itself; it finds out from its own address which message or file to show."""
        index = PAGE_FOLDER / "index.html"
        if not index.is_file():
            raise web.HTTPNotFound(text="This sandbox was installed without its page.")
        return web.FileResponse(index, headers={"Cache-Control": "no-cache", "X-Frame-Options": "DENY"})

    def _authorised(self, request: web.Request) -> SharedFile | None:
        context = self._context
        try:
            kind, caller = authenticate(context, bearer_token(request))
        except SlackError:
            return None
        team_id, _, file_id = request.match_info["file"].partition("-")
        file = context.workspace.files.get(file_id)
        if file is None or team_id != context.workspace.team.id:
            raise web.HTTPNotFound(text="file not found")
        if kind == "app" or not context.workspace.may_see_file(caller.id, file):
            return None
        if kind == "bot" and (not context.manifest.grants("files:read") or context.faults.use_login_page()):
            return None
        return file


async def _receive(request: web.Request, path: Path, expected: int) -> int:
    """Writes the body to `path` and returns its length; stops early when there is more than expected."""
    source: StreamReader | BodyPartReader = request.content
    if request.content_type == "multipart/form-data":
        part = await (await request.multipart()).next()
        if not isinstance(part, BodyPartReader):
            return 0
        source = part
    received = 0
    with path.open("wb") as target:
        while chunk := await _next_chunk(source):
            received += len(chunk)
            if received > min(expected, MAX_FILE_BYTES):
                return received
            target.write(chunk)
    return received


async def _next_chunk(source: StreamReader | BodyPartReader) -> bytes:
    chunk: bytes = await (source.read_chunk(_CHUNK) if isinstance(source, BodyPartReader) else source.read(_CHUNK))
    return chunk
