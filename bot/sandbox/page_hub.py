"""What people's pages are told: every change, to those who may see it and to nobody else."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable

from aiohttp import WSMsgType, web

from bot.sandbox import changes, messages
from bot.sandbox.model import Channel, Payload
from bot.sandbox.workspace import Workspace


class PageHub:
    """The open page sockets, by person."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._queues: dict[str, set[asyncio.Queue[Payload]]] = defaultdict(set)
        self._sockets: set[web.WebSocketResponse] = set()

    async def accept(self, request: web.Request, person_id: str) -> web.WebSocketResponse:
        """Serves one page's socket until it is closed."""
        socket = web.WebSocketResponse(heartbeat=30, timeout=1.0)
        await socket.prepare(request)
        queue: asyncio.Queue[Payload] = asyncio.Queue()
        self._queues[person_id].add(queue)
        self._sockets.add(socket)
        writer = asyncio.create_task(self._write(socket, queue))
        try:
            async for message in socket:
                if message.type is WSMsgType.ERROR:
                    break
        finally:
            writer.cancel()
            self._queues[person_id].discard(queue)
            self._sockets.discard(socket)
        return socket

    async def stop(self) -> None:
        """Closes every page's socket."""
        await asyncio.gather(*(socket.close() for socket in list(self._sockets)))

    def push(self, person_id: str, notice: Payload) -> None:
        """Tells every page of one person."""
        for queue in self._queues.get(person_id, ()):
            queue.put_nowait(notice)

    def push_to_channel(self, channel: Channel, notice: Payload) -> None:
        """Tells everyone who may see the conversation."""
        if not self._sockets:
            return
        frozen = json.loads(json.dumps(notice))
        for person_id in list(self._queues):
            if self._workspace.may_see(person_id, channel):
                self.push(person_id, frozen)

    def push_to_all(self, notice: Payload) -> None:
        """Tells everyone who has a page open."""
        for person_id in list(self._queues):
            self.push(person_id, notice)

    def hear(self, change: changes.Change) -> None:
        """Puts a change into the page's words."""
        match change:
            case changes.MessagePosted(channel, message):
                self._push_message("message", channel, message)
            case (
                changes.MessageChanged(channel, message)
                | changes.MessageStreamed(channel, message)
                | changes.ThreadGrew(channel, message)
            ):
                self._push_message("message_changed", channel, message)
            case changes.MessageDeleted(channel, previous):
                notice = {"type": "message_deleted", "channel": channel.id, "ts": previous["ts"]}
                self.push_to_channel(channel, notice)
            case changes.ReactionChanged(channel, message):
                notice = {"type": "reaction", "channel": channel.id, "ts": message["ts"]}
                self.push_to_channel(channel, notice | {"reactions": message.get("reactions", [])})
            case changes.FileDeleted(file, channel_ids):
                for person_id in self._who_see_any(channel_ids) | {file.owner}:
                    self.push(person_id, {"type": "file_deleted", "file_id": file.id})
            case (
                changes.MemberJoined()
                | changes.MemberLeft()
                | changes.ChannelCreated()
                | changes.ChannelRenamed()
                | changes.ChannelArchived()
                | changes.ChannelUnarchived()
                | changes.ChannelDeleted()
                | changes.ChannelConverted()
                | changes.ChannelShared()
                | changes.PersonJoined()
                | changes.PersonChanged()
            ):
                self.push_to_all({"type": "channels"})

    def _push_message(self, kind: str, channel: Channel, message: Payload) -> None:
        shown = messages.shown(channel, message)
        self.push_to_channel(channel, {"type": kind, "channel": channel.id, "message": shown})

    def _who_see_any(self, channel_ids: Iterable[str]) -> set[str]:
        channels = [self._workspace.channels[each] for each in channel_ids if each in self._workspace.channels]
        return {
            person_id
            for person_id in self._queues
            if any(self._workspace.may_see(person_id, channel) for channel in channels)
        }

    @staticmethod
    async def _write(socket: web.WebSocketResponse, queue: asyncio.Queue[Payload]) -> None:
        while True:
            notice = await queue.get()
            try:
                await socket.send_json(notice)
            except ConnectionError:
                return
