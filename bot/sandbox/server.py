"""The sandbox as a server: wires the parts, binds the port, and stops cleanly."""

import shutil
import tempfile
from pathlib import Path

from aiohttp import web

from bot.sandbox import seed as seeding
from bot.sandbox import snapshot
from bot.sandbox.api_route import ApiRoute
from bot.sandbox.context import Context, Options, wire
from bot.sandbox.file_routes import PAGE_FOLDER, FileRoutes
from bot.sandbox.guard import local_only
from bot.sandbox.hook_routes import HookRoutes
from bot.sandbox.manifest import read_manifest
from bot.sandbox.model import Channel, Payload, Person
from bot.sandbox.page_routes import PageRoutes
from bot.sandbox.switch_routes import SwitchRoutes
from bot.sandbox.switches import Switches
from bot.sandbox.workspace import Workspace

_MAX_API_BODY = 8 * 1024 * 1024
_SHUTDOWN_SECONDS = 1.0


class Sandbox:
    """A running workspace. Start it, use its addresses, tokens and switches, stop it."""

    def __init__(self, options: Options | None = None) -> None:
        """Raises SeedError or SnapshotError when the folders given cannot be used."""
        self.options = options or Options()
        self._temporary: Path | None = None
        self._seed: Payload | None = None
        self._runner: web.AppRunner | None = None
        self._keeper: snapshot.Keeper | None = None
        kept = snapshot.load(self.options.state) if self.options.state else None
        if kept is None:
            self._seed = seeding.read_seed(self.options.seed) if self.options.seed else seeding.DEFAULT_SEED
            kept = seeding.found_workspace(self._seed), []
        workspace, self._pending_events = kept
        self.context = self._wire(workspace)
        self.switches = Switches(self.context)

    @property
    def workspace(self) -> Workspace:
        """The state."""
        return self.context.workspace

    @property
    def url(self) -> str:
        """Where the page is; set once started."""
        return self.workspace.url

    @property
    def api_url(self) -> str:
        """The `base_url` for a Slack client."""
        return f"{self.url}/api/"

    @property
    def bot_token(self) -> str:
        """The bot's `xoxb` token."""
        return self.options.bot_token

    @property
    def app_token(self) -> str:
        """The app-level `xapp` token, for Socket Mode."""
        return self.options.app_token

    def person(self, name: str) -> Person:
        """The person with this name. Raises SlackError ``user_not_found``."""
        return self.workspace.person_named(name)

    def token(self, name: str) -> str:
        """The user token of the person with this name."""
        return self.workspace.token_of(self.person(name).id)

    def channel(self, name: str) -> Channel:
        """The channel with this name. Raises SlackError ``channel_not_found``."""
        return self.workspace.channel_named(name)

    async def start(self) -> None:
        """Binds the port, and plants the seed unless the workspace was kept from an earlier run.

        Raises OSError when the port is taken, SeedError when the seed is wrong.
        """
        self._runner = web.AppRunner(self._application(), shutdown_timeout=_SHUTDOWN_SECONDS, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._listening_address(), self.options.port)
        try:
            await site.start()
        except OSError:
            await self.stop()
            raise
        url = self._reachable_at(self._runner.addresses[0][1])
        for payload in snapshot.readdress(self.workspace, self._pending_events, url):
            self.context.socket_mode.queue.add(payload)
        if self._seed is not None:
            try:
                seeding.plant(self.workspace, self.context.file_store, self._seed, self.options.seed)
            except seeding.SeedError:
                await self.stop()
                raise
        self.context.socket_mode.start()
        if self.options.state is not None:
            self._keeper = snapshot.Keeper(self.options.state, self.workspace, self.context.socket_mode)
            self.workspace.subscribe(self._keeper.hear)
            self._keeper.start()

    async def stop(self) -> None:
        """Finishes open streams, closes every connection and writes the last snapshot."""
        self.context.streams.end_all()
        self.context.statuses.stop()
        await self.context.socket_mode.stop()
        await self.context.hub.stop()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._keeper is not None:
            await self._keeper.stop()
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def _wire(self, workspace: Workspace) -> Context:
        if self.options.state is not None:
            files_folder = self.options.state / snapshot.FILES_FOLDER
        else:
            self._temporary = Path(tempfile.mkdtemp(prefix="sandbox-"))
            files_folder = self._temporary
        manifest = self.options.manifest or read_manifest()
        return wire(self.options, workspace, manifest, files_folder)

    def _listening_address(self) -> str:
        return "127.0.0.1" if self.options.host == "localhost" else self.options.host

    def _reachable_at(self, port: int) -> str:
        if self.options.public_url:
            return self.options.public_url.rstrip("/")
        everywhere = self.options.host in ("0.0.0.0", "::")  # noqa: S104 - only compared with
        return f"http://{'localhost' if everywhere else self.options.host}:{port}"

    def _application(self) -> web.Application:
        context = self.context
        api, files, hooks = ApiRoute(context), FileRoutes(context), HookRoutes(context)
        application = web.Application(middlewares=[local_only(self.options.public_url)], client_max_size=_MAX_API_BODY)
        application.add_routes(
            [
                web.route("*", "/api/{method}", api.handle),
                web.get("/socket", context.socket_mode.accept),
                web.post("/hooks/response/{secret}", hooks.respond),
                web.post("/upload/{ticket}", files.upload),
                web.get("/files-pri/{file}/{rest:.+}", files.download),
                web.get("/", files.page),
                web.get("/archives/{channel}/{message}", files.page),
                web.get("/archives/{channel}", files.page),
                web.get("/files/{person}/{file}/{name}", files.page),
                *PageRoutes(context).routes(),
                *SwitchRoutes(self.switches).routes(),
            ]
        )
        if PAGE_FOLDER.is_dir():
            application.add_routes([web.static("/page/static", PAGE_FOLDER)])
        return application
