"""The parts of a running sandbox, wired together once and handed to every request handler."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox.ephemerals import Ephemerals
from bot.sandbox.events import BotEvents
from bot.sandbox.faults import Faults
from bot.sandbox.files import FileStore
from bot.sandbox.interactivity import Interactivity
from bot.sandbox.manifest import Manifest
from bot.sandbox.modals import Modals
from bot.sandbox.page_hub import PageHub
from bot.sandbox.response_urls import ResponseUrls
from bot.sandbox.socket_mode import SocketMode
from bot.sandbox.statuses import Statuses
from bot.sandbox.streams import Streams
from bot.sandbox.workspace import APP_TOKEN, BOT_TOKEN, Workspace


@dataclass(frozen=True)
class Options:
    """How a sandbox is run. Times are in seconds."""

    host: str = "localhost"
    """Where to listen. `localhost` means its IPv4 address, which every machine has."""
    port: int = 0
    """0 picks a free one."""
    public_url: str | None = None
    """The address under which others reach the sandbox, when it is not http://<host>:<port>."""
    state: Path | None = None
    seed: Path | None = None
    bot_token: str = BOT_TOKEN
    app_token: str = APP_TOKEN
    ack_timeout: float = 3.0
    max_retries: int = 3
    stream_lifetime: float = 300.0
    trigger_lifetime: float = 3.0
    manifest: Manifest | None = None
    """None: the app's own bot/manifest.yaml."""


@dataclass(frozen=True)
class Context:
    """What handlers work with; see the modules of the parts."""

    options: Options
    workspace: Workspace
    manifest: Manifest
    faults: Faults
    file_store: FileStore
    socket_mode: SocketMode
    hub: PageHub
    modals: Modals
    ephemerals: Ephemerals
    response_urls: ResponseUrls
    interactivity: Interactivity
    statuses: Statuses
    streams: Streams


def wire(options: Options, workspace: Workspace, manifest: Manifest, files_folder: Path) -> Context:
    """Makes the parts and connects them: changes of the workspace reach the bot's events and the people's pages."""
    faults = Faults()
    socket_mode = SocketMode(workspace.app.id, ack_timeout=options.ack_timeout, max_retries=options.max_retries)
    hub = PageHub(workspace)
    modals = Modals(workspace, hub, options.trigger_lifetime)
    ephemerals = Ephemerals(hub)
    response_urls = ResponseUrls(workspace, ephemerals)
    interactivity = Interactivity(workspace, manifest, socket_mode, modals, response_urls, ephemerals)
    statuses = Statuses(workspace, hub)
    events = BotEvents(workspace, manifest, faults, socket_mode.queue.add)
    listeners: list[Callable[..., None]] = [events.hear, hub.hear, statuses.hear]
    for listener in listeners:
        workspace.subscribe(listener)
    return Context(
        options=options,
        workspace=workspace,
        manifest=manifest,
        faults=faults,
        file_store=FileStore(files_folder),
        socket_mode=socket_mode,
        hub=hub,
        modals=modals,
        ephemerals=ephemerals,
        response_urls=response_urls,
        interactivity=interactivity,
        statuses=statuses,
        streams=Streams(workspace, options.stream_lifetime),
    )
