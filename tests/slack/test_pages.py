"""Web pages that people name: fetched from the public internet and the workspace's own host only."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from bot.fetching_pages import PageFetching, is_public
from core.errors import DamagedFile, FileTooLarge, JourneymanError, NotAllowed, Unavailable
from core.records.files import FileState, SharedFile
from core.settings import Settings
from tests.slack.past import HOUR, typing
from tests.slack.sandbox_fixtures import until
from tests.slack.sharing import recorded, share
from tests.slack.workplace import Scripted, workplace

Handler = Callable[[web.Request], web.StreamResponse]


@asynccontextmanager
async def site(**pages: Handler) -> AsyncIterator[str]:
    """A web server on this machine; its address without a slash at the end."""

    async def serve(request: web.Request) -> web.StreamResponse:
        return pages[request.match_info["page"]](request)

    app = web.Application()
    app.router.add_get("/{page}", serve)
    runner = web.AppRunner(app)
    await runner.setup()
    listening = web.TCPSite(runner, "127.0.0.1", 0)
    await listening.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def fetching(folder: Path, own: str, **changes) -> AsyncIterator[PageFetching]:
    async with PageFetching(Settings(data_dir=folder, slack_api_url=f"{own}/api/", **changes)) as pages:
        yield pages


def page(address: str) -> SharedFile:
    return SharedFile(workspace_id="T1", id="page-1", name="the page", download_url=address)


def moved(to: str) -> Handler:
    return lambda _: web.Response(status=302, headers={"Location": to})


def text(body: str) -> Handler:
    return lambda _: web.Response(text=body, content_type="text/html")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("172.20.1.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:169.254.169.254", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


async def test_the_workspaces_own_host_is_read_and_nothing_else_of_this_machine(tmp_path: Path) -> None:
    opened = text("<h1>Opening hours</h1>")
    async with site(open=opened) as own, site(secret=text("internal")) as other, fetching(tmp_path, own) as pages:
        blob = await pages.fetch(page(f"{own}/open"))
        assert (tmp_path / "files" / blob).read_text() == "<h1>Opening hours</h1>"
        port = other.rpartition(":")[2]
        for address in (
            f"{other}/secret",
            f"http://localhost:{port}/secret",
            f"http://127.1:{port}/secret",
            f"http://2130706433:{port}/secret",
            f"http://0x7f000001:{port}/secret",
            f"http://[::1]:{port}/secret",
            f"http://[::ffff:127.0.0.1]:{port}/secret",
            "http://169.254.169.254/latest/meta-data",
            "file:///etc/passwd",
            "ftp://example.com/x",
            "gopher://example.com/x",
            f"http://user:word@127.0.0.1:{port}/secret",
            "http:///x",
        ):
            with pytest.raises((NotAllowed, DamagedFile)):
                await pages.fetch(page(address))


async def test_a_host_named_in_the_settings_is_read_at_its_port_only(tmp_path: Path) -> None:
    async with site() as own, site(wiki=text("<h1>Parking</h1>")) as wiki, site(secret=text("internal")) as other:
        named = f"wiki.example.lan, {wiki.removeprefix('http://')}"
        async with fetching(tmp_path, own, page_hosts=named) as pages:
            blob = await pages.fetch(page(f"{wiki}/wiki"))
            assert (tmp_path / "files" / blob).read_text() == "<h1>Parking</h1>"
            with pytest.raises(NotAllowed):
                await pages.fetch(page(f"{other}/secret"))
        hosts = Settings(page_hosts=named).readable_hosts
        assert {("wiki.example.lan", 80), ("wiki.example.lan", 443)} < hosts


async def test_a_redirect_to_the_inside_is_not_followed(tmp_path: Path) -> None:
    reached: list[str] = []

    def secret(request: web.Request) -> web.Response:
        reached.append(request.path)
        return web.Response(text="internal")

    async with site(secret=secret) as inside:
        hops = {
            "away": moved(f"{inside}/secret"),
            "near": moved("/there"),
            "there": text("arrived"),
            "round": moved("/round"),
        }
        async with site(**hops) as own, fetching(tmp_path, own) as pages:
            with pytest.raises(NotAllowed, match="not on the public internet"):
                await pages.fetch(page(f"{own}/away"))
            assert reached == []
            assert (tmp_path / "files" / await pages.fetch(page(f"{own}/near"))).read_text() == "arrived"
            with pytest.raises(DamagedFile, match="without end"):
                await pages.fetch(page(f"{own}/round"))


async def test_what_is_no_address_is_refused_with_a_sentence(tmp_path: Path) -> None:
    async with site(away=moved("http://[bad")) as own, fetching(tmp_path, own) as pages:
        for address in (
            "https://a..example/x",
            f"https://{'a' * 64}.example/",
            "https://.example/",
            "https://example.com:99999/",
            "https://[bad",
            f"{own}/away",
        ):
            with pytest.raises(DamagedFile, match="address that I cannot read"):
                await pages.fetch(page(address))


async def test_too_large_too_slow_missing_and_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(_: web.Request) -> web.Response:
        async def chunks() -> AsyncIterator[bytes]:
            while True:
                yield b"x" * 100_000

        return web.Response(body=chunks())

    def bomb(_: web.Request) -> web.Response:
        response = web.Response(body=b"0" * 3_000_000)
        response.enable_compression(web.ContentCoding.gzip)
        return response

    def slow(_: web.Request) -> web.Response:
        async def chunks() -> AsyncIterator[bytes]:
            while True:
                yield b"x"
                await asyncio.sleep(0.05)

        return web.Response(body=chunks())

    def status(code: int) -> Handler:
        return lambda _: web.Response(status=code)

    handlers = {
        "endless": endless,
        "bomb": bomb,
        "slow": slow,
        "gone": status(404),
        "locked": status(403),
        "ill": status(503),
    }
    expected: dict[str, type[JourneymanError]] = {
        "endless": FileTooLarge,
        "bomb": FileTooLarge,
        "gone": DamagedFile,
        "locked": NotAllowed,
        "ill": Unavailable,
    }
    async with site(**handlers) as own, fetching(tmp_path, own, file_max_mb=1) as pages:
        for name, kind in expected.items():
            with pytest.raises(kind):
                await pages.fetch(page(f"{own}/{name}"))
        monkeypatch.setattr("bot.fetching_pages.TOTAL_S", 0.5)
        with pytest.raises(Unavailable):
            await pages.fetch(page(f"{own}/slow"))
        assert list((tmp_path / "files" / "T1").iterdir()) == []


async def test_a_page_named_in_a_channel_is_findable_for_its_readers(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, typing(place, "ana") as ana:
        general = place.sandbox.channel("general")
        address = f"{place.sandbox.url}/page/static/index.html"
        assert "fetching the page" in await ana.ingest(f"<{address}>", general)

        def stored() -> SharedFile | None:
            with place.services.record() as work:
                [document] = work.documents.of_channel(place.workspace_id, general.id) or [None]
                return document and work.files.get(place.workspace_id, document.key.partition(":")[0])

        file = await until(stored, 15)
        assert file.state is FileState.STORED
        assert file.permalink == address

        await ana.ingest("http://169.254.169.254/latest", general)
        notices = await until(
            lambda: [
                call for call in place.calls("chat.postEphemeral") if "public internet" in call["arguments"]["text"]
            ],
            15,
        )
        assert notices[0]["arguments"]["user"] == place.sandbox.person("ana").id


async def test_mistyped_addresses_are_told_and_keep_no_file_from_being_fetched(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, typing(place, "ana") as ana:
        general = place.sandbox.channel("general")
        assert "no address" in await ana.ingest("https://wiki.example https://[bad", general)
        with place.services.record() as work:
            assert work.files.of_workspace(place.workspace_id) == []
        await ana.ingest(" ".join(f"https://{name}..example" for name in "abcd"), general)
        older = share(place, general, "notes.txt", b"words", posted_at=time.time() - HOUR)
        await until(lambda: (file := recorded(place, older)) and file.state is FileState.STORED, 15)
        await until(lambda: len(place.calls("chat.postEphemeral")) == 4, 15)
