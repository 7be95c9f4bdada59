"""Fetching files from servers that are slow, wrong, hostile or not Slack at all."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from bot.clients import open_session
from bot.downloading import Downloading
from core.errors import DamagedFile, FileTooLarge, JourneymanError, NotAllowed, Unavailable
from core.records.files import SharedFile
from core.settings import Settings

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def server(handler: Handler) -> AsyncIterator[str]:
    runner = web.AppRunner(_application(handler), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _application(handler: Handler) -> web.Application:
    application = web.Application()
    application.add_routes([web.get("/{anything:.*}", handler)])
    return application


def wanted(url: str, name: str = "notes.txt", mimetype: str = "text/plain", size: int = 0) -> SharedFile:
    return SharedFile(workspace_id="T1", id="F1", name=name, mimetype=mimetype, size=size, download_url=url)


async def fetch(folder: Path, api: str, file: SharedFile) -> bytes:
    settings = Settings(data_dir=folder, slack_bot_token="xoxb-secret", slack_api_url=f"{api}/api/", file_max_mb=1)
    async with open_session() as session:
        blob = await Downloading(settings, session).fetch(file)
    assert [path.name for path in (settings.blobs_dir / "T1").iterdir()] == ["F1"]
    return (settings.blobs_dir / blob).read_bytes()


def stored(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_the_bytes_arrive(tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer xoxb-secret"
        return web.Response(body=b"hello", content_type="text/plain")

    async with server(handler) as address:
        assert await fetch(tmp_path, address, wanted(f"{address}/f")) == b"hello"


async def test_the_token_goes_nowhere_else_not_even_by_a_detour(tmp_path: Path) -> None:
    seen: list[str | None] = []

    async def foreign(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization"))
        return web.Response(body=b"elsewhere", content_type="text/plain")

    async with server(foreign) as elsewhere:

        async def detour(_request: web.Request) -> web.Response:
            return web.Response(status=302, headers={"Location": f"{elsewhere}/f"})

        async with server(detour) as address:
            assert await fetch(tmp_path, address, wanted(f"{address}/f")) == b"elsewhere"
    assert seen == [None]


async def test_only_what_lies_in_slack_is_asked_for(tmp_path: Path) -> None:
    asked: list[str] = []

    async def inner(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(body=b"not for everybody", content_type="text/plain")

    async with server(inner) as elsewhere, server(answering(body=b"hello")) as address:
        for url in (f"{elsewhere}/latest/meta-data", "http://[bad", "https://a:b/", ""):
            with pytest.raises(NotAllowed, match="does not lie in Slack"):
                await fetch(tmp_path, address, wanted(url))
        assert await fetch(tmp_path, address, wanted(f"{address}/f")) == b"hello"
    assert asked == []


@pytest.mark.parametrize(
    ("url", "is_ours"),
    [
        ("https://files.slack.com/files-pri/T1-F1/a.pdf", True),
        ("https://acme.slack.com/files/a.pdf", True),
        ("http://files.slack.com/a.pdf", False),
        ("https://slack.com.evil.example/a.pdf", False),
        ("https://evilslack.com/a.pdf", False),
        ("https://drive.example/a.pdf", False),
    ],
)
def test_slacks_own_hosts(tmp_path: Path, url: str, is_ours: bool) -> None:
    settings = Settings(data_dir=tmp_path, slack_bot_token="xoxb-secret", slack_api_url="https://slack.com/api/")
    downloading = Downloading(settings, session=None)  # type: ignore[arg-type]
    assert bool(downloading._headers_for(url)) is is_ours


def answering(status: int = 200, body: bytes = b"", content_type: str = "text/plain") -> Handler:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(status=status, body=body, content_type=content_type)

    return handler


@pytest.mark.parametrize(
    ("handler", "error", "sentence"),
    [
        (answering(body=b"<html>Sign in", content_type="text/html"), NotAllowed, "login page"),
        (answering(status=403), NotAllowed, "files:read"),
        (answering(status=404), DamagedFile, "not in Slack any more"),
        (answering(status=500), Unavailable, "could not be fetched"),
        (answering(body=b"x" * 1_100_000), FileTooLarge, "larger than 1 MB"),
    ],
)
async def test_what_is_no_file_is_refused_with_a_sentence(
    tmp_path: Path, handler: Handler, error: type[JourneymanError], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.downloading._TRIES", 1)
    async with server(handler) as address:
        with pytest.raises(error, match=sentence):
            await fetch(tmp_path, address, wanted(f"{address}/f"))
    assert not stored(tmp_path)


@pytest.mark.parametrize("to", ["/round", "http://[bad", "https://a..example/f"])
async def test_an_address_that_leads_nowhere_is_refused_with_a_sentence(tmp_path: Path, to: str) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": to})

    async with server(handler) as address:
        with pytest.raises(DamagedFile, match="leads nowhere"):
            await fetch(tmp_path, address, wanted(f"{address}/f"))


async def test_a_web_page_that_was_shared_as_one_is_taken(tmp_path: Path) -> None:
    async with server(answering(body=b"<html>Hello", content_type="text/html")) as address:
        assert await fetch(tmp_path, address, wanted(f"{address}/f", "page.html", "text/html")) == b"<html>Hello"


async def test_more_bytes_than_announced_do_not_fill_the_disk(tmp_path: Path) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 100_000)
        except ConnectionError:
            return response

    async with server(endless) as address:
        with pytest.raises(FileTooLarge):
            await fetch(tmp_path, address, wanted(f"{address}/f", size=10))


async def test_a_file_known_to_be_too_large_is_not_asked_for(tmp_path: Path) -> None:
    with pytest.raises(FileTooLarge):
        await fetch(tmp_path, "http://localhost:9", wanted("http://localhost:9/f", size=200_000_000))


async def test_a_broken_download_is_tried_again(tmp_path: Path) -> None:
    tries = 0

    async def flaky(request: web.Request) -> web.StreamResponse:
        nonlocal tries
        tries += 1
        if tries == 1:
            response = web.StreamResponse(headers={"Content-Type": "text/plain", "Content-Length": "10"})
            await response.prepare(request)
            await response.write(b"half")
            assert request.transport is not None
            request.transport.abort()
            return response
        return web.Response(body=b"whole file", content_type="text/plain")

    async with server(flaky) as address:
        assert await fetch(tmp_path, address, wanted(f"{address}/f")) == b"whole file"
