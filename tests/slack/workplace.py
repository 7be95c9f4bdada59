"""The whole of Journeyman in one process: sandbox, real bot over the real socket, real record, store and embedder."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from threading import Event, Thread
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.parts import Parts
from bot.sandbox.manifest import read_manifest
from bot.sandbox.server import Sandbox
from bot.serving import serving
from core.answering.drafts import AnswerEvent
from core.bootstrap import Services, build_services
from core.knowledge.access import AccessScope
from core.knowledge.embedding import Embedder
from core.records.questions import Question
from core.settings import Settings
from tests.slack.sandbox_fixtures import PING_SECONDS, client_of, running_sandbox, until

PATIENCE = 45.0


class Workplace:
    """A sandbox with the bot in it."""

    def __init__(self, sandbox: Sandbox, services: Services, settings: Settings) -> None:
        self.sandbox = sandbox
        self.services = services
        self.settings = settings
        self.parts: Parts
        self._life: AsyncExitStack

    @property
    def workspace_id(self) -> str:
        return self.sandbox.workspace.team.id

    @property
    def mention(self) -> str:
        return f"<@{self.sandbox.workspace.app.bot_user_id}>"

    def client(self, name: str) -> AsyncWebClient:
        return client_of(self.sandbox, name)

    def bot_client(self) -> AsyncWebClient:
        """The Web API as the bot itself."""
        return client_of(self.sandbox)

    async def post(self, name: str, channel: str, text: str, thread_ts: str | None = None) -> str:
        """Says it in the channel of this name; returns the ts."""
        answer = await self.client(name).chat_postMessage(
            channel=self.channel_id(channel), text=text, thread_ts=thread_ts
        )
        return str(answer["ts"])

    def channel_id(self, name: str) -> str:
        return self.sandbox.channel(name).id

    async def direct(self, name: str) -> str:
        """The person's conversation with the bot."""
        bot = self.sandbox.workspace.app.bot_user_id
        opened = await self.client(name).conversations_open(users=bot)
        return str(opened["channel"]["id"])

    def said_by_bot(self, channel_id: str, thread_ts: str | None = None) -> list[dict[str, Any]]:
        """The bot's finished messages in the channel, or in one thread of it."""
        bot = self.sandbox.workspace.app.bot_user_id
        messages = self.sandbox.workspace.channels[channel_id].messages.values()
        return [
            message
            for message in messages
            if message.get("user") == bot
            and message.get("subtype") is None
            and (thread_ts is None or message.get("thread_ts") == thread_ts)
        ]

    async def reply(self, channel_id: str, ts: str, seconds: float = PATIENCE) -> dict[str, Any]:
        """The one reply to the message, once its question is answered; fails on a second one."""
        await until(lambda: self.state_of(channel_id, ts) == "answered", seconds)
        replies = [each for each in self.said_by_bot(channel_id, ts) if not each.get("streaming")]
        assert len(replies) == 1, [each["text"] for each in replies]
        return replies[0]

    def question(self, channel_id: str, ts: str) -> Question | None:
        with self.services.record() as work:
            return work.questions.asked_at(self.workspace_id, channel_id, ts)

    def state_of(self, channel_id: str, ts: str) -> str:
        question = self.question(channel_id, ts)
        return str(question.state.value) if question else ""

    async def findable(self, seconds: float = PATIENCE) -> None:
        """Waits until everything heard so far is handled and indexed."""

        def done() -> bool:
            with self.services.record() as work:
                from core.records.base import utc_now

                unhandled = work.heard_events.unhandled(utc_now(), 1_000)
                wanted = [file for file in work.files.wanted(utc_now(), 100) if file.download_url]
                return not unhandled and not wanted and work.documents.count_due() == 0

        await until(lambda: self.sandbox.switches.state()["pending_events"] == 0, seconds)
        await until(done, seconds)

    async def everything_heard(self, seconds: float = PATIENCE) -> None:
        """Waits until everything that happened so far was heard and handled."""
        await until(lambda: self.sandbox.switches.state()["pending_events"] == 0, seconds)
        await until(lambda: self.parts.inbox.is_idle, seconds)

    async def join(self) -> None:
        """Start the bot."""
        self._life = AsyncExitStack()
        self.parts = await self._life.enter_async_context(serving(self.settings, self.services, ping_s=PING_SECONDS))

    async def leave(self) -> None:
        """Stop it."""
        await self._life.aclose()

    def calls(self, method: str) -> list[dict[str, Any]]:
        return self.sandbox.switches.calls(method)


def settings_for(sandbox: Sandbox, folder: Path, **changes: Any) -> Settings:
    return Settings(
        data_dir=folder,
        slack_bot_token=sandbox.bot_token,
        slack_app_token=sandbox.app_token,
        slack_api_url=sandbox.api_url,
        **{"language_model": "extractive", **changes},
    )


@contextmanager
def indexing(services: Services) -> Iterator[None]:
    """A worker as a thread of this process."""
    stop = Event()

    def work() -> None:
        while not stop.is_set():
            if services.indexer.index_due("test") == 0:
                stop.wait(0.05)

    thread = Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)


class Scripted:
    """Stands in for Answering: yields what a test wrote down, slowly if wanted, and notes what it was asked."""

    def __init__(self, events: Sequence[AnswerEvent | Exception], pause_s: float = 0.0) -> None:
        self.events = list(events)
        self.pause_s = pause_s
        self.generates = True
        self.asked: list[tuple[str, AccessScope]] = []
        self.threads: list[str] = []
        self.go = Event()
        self.go.set()

    def answer(
        self,
        question: str,
        scope: AccessScope,
        turns: Sequence[Any] = (),
        stop: Event | None = None,
        thread: str = "",
    ) -> Iterator[AnswerEvent]:
        self.asked.append((question, scope))
        self.threads.append(thread)
        for event in self.events:
            assert self.go.wait(PATIENCE)
            time.sleep(self.pause_s)
            if stop is not None and stop.is_set():
                return
            if isinstance(event, Exception):
                raise event
            yield event


@asynccontextmanager
async def workplace(
    folder: Path,
    minilm: Embedder | None = None,
    answering: Scripted | None = None,
    settings: dict[str, Any] | None = None,
    **options: Any,
) -> AsyncIterator[Workplace]:
    """Everything, started. With `minilm` it is the real thing; with `answering` the answers are a test's own."""
    options.setdefault("manifest", read_manifest())
    async with running_sandbox(**options) as sandbox:
        chosen = settings_for(sandbox, folder, **(settings or {}))
        services = build_services(chosen)
        services.migrate()
        if minilm is not None:
            services.__dict__["embedder"] = minilm
        if answering is not None:
            services.__dict__["answering"] = answering
        place = Workplace(sandbox, services, chosen)
        try:
            await place.join()
            with nullcontext() if minilm is None else indexing(services):
                yield place
        finally:
            await place.leave()
            await asyncio.to_thread(services.close)
