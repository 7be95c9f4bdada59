"""Messages that are being streamed: their parts as they grow, and their end."""

import asyncio
import copy
from dataclasses import dataclass, field

from bot.sandbox.blocks import checked_blocks
from bot.sandbox.changes import MessageChanged
from bot.sandbox.model import Channel, Payload
from bot.sandbox.workspace import SlackError, Workspace


@dataclass
class Stream:
    """One message in the making."""

    task_display_mode: str
    appends: int = 0
    text: str = ""
    _blocks: list[Payload] = field(default_factory=list)

    def add_text(self, text: str) -> None:
        """Appends markdown to the last text, or begins a new one after other blocks."""
        if not text:
            return
        self.text += text
        if self._blocks and self._blocks[-1]["type"] == "markdown":
            self._blocks[-1]["text"] += text
        else:
            self._blocks.append({"type": "markdown", "text": text, "block_id": f"stream-{len(self._blocks)}"})

    def add_chunk(self, chunk: Payload) -> None:
        """Raises SlackError ``invalid_chunks``."""
        match chunk.get("type"):
            case "markdown_text":
                self.add_text(str(chunk.get("text", "")))
            case "blocks":
                self._blocks.extend(checked_blocks(chunk.get("blocks")))
            case "task_update" if chunk.get("id") and chunk.get("title") and chunk.get("status"):
                self._update_task(chunk)
            case "plan_update" if chunk.get("title"):
                self._plan()["title"] = chunk["title"]
            case _:
                raise SlackError("invalid_chunks")

    def blocks(self) -> list[Payload]:
        """The parts so far."""
        return copy.deepcopy(self._blocks)

    def _update_task(self, chunk: Payload) -> None:
        fields = {key: value for key, value in chunk.items() if key not in ("type", "id")}
        tasks = self._plan()["tasks"] if self.task_display_mode == "plan" else self._blocks
        known = next((task for task in tasks if task.get("task_id") == chunk["id"]), None)
        if known is not None:
            known.update(fields)
            return
        card = {"type": "task_card", "task_id": chunk["id"], **fields}
        if tasks is self._blocks:
            card["block_id"] = f"task-{chunk['id']}"
        tasks.append(card)

    def _plan(self) -> Payload:
        for block in self._blocks:
            if block["type"] == "plan":
                return block
        plan: Payload = {"type": "plan", "title": "Plan", "tasks": [], "block_id": "plan"}
        self._blocks.insert(0, plan)
        return plan


@dataclass
class _OpenStream:
    stream: Stream
    channel: Channel
    message: Payload
    expiry: asyncio.TimerHandle


class Streams:
    """The streams that are open now, by channel and timestamp. Each is ended when it has grown too old."""

    def __init__(self, workspace: Workspace, lifetime: float) -> None:
        """`lifetime` is in seconds."""
        self._workspace = workspace
        self._lifetime = lifetime
        self._open: dict[tuple[str, str], _OpenStream] = {}

    def start(self, stream: Stream, channel: Channel, message: Payload) -> None:
        """Registers a stream under its message."""
        ts = message["ts"]
        expiry = asyncio.get_running_loop().call_later(self._lifetime, self.end, channel.id, ts)
        self._open[channel.id, ts] = _OpenStream(stream, channel, message, expiry)

    def find(self, channel_id: str, ts: str) -> Stream | None:
        """The open stream of a message, if there is one."""
        found = self._open.get((channel_id, ts))
        return found.stream if found else None

    def end(self, channel_id: str, ts: str, last_blocks: list[Payload] | None = None) -> None:
        """Finishes the message with what it has so far and `last_blocks`; nothing happens when it is gone."""
        ended = self._open.pop((channel_id, ts))
        ended.expiry.cancel()
        if self._workspace.channels.get(channel_id) is not ended.channel or ts not in ended.channel.messages:
            return
        previous = dict(ended.message)
        ended.message.pop("streaming", None)
        ended.message["text"] = ended.stream.text
        blocks = ended.stream.blocks() + (last_blocks or [])
        if blocks:
            ended.message["blocks"] = blocks
        self._workspace.announce(MessageChanged(ended.channel, ended.message, previous))

    def end_all(self) -> int:
        """Ends every open stream as age would; returns how many there were."""
        keys = list(self._open)
        for key in keys:
            self.end(*key)
        return len(keys)
