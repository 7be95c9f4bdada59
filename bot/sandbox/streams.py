"""Messages that are being streamed: their parts as they grow, and their end."""

import copy
import time
from dataclasses import dataclass, field

from bot.sandbox.blocks import checked_blocks
from bot.sandbox.model import Payload
from bot.sandbox.workspace import SlackError

LIFETIME_SECONDS = 300.0
"""Slack ends a stream about five minutes after it began."""


@dataclass
class Stream:
    """One message in the making."""

    channel_id: str
    task_display_mode: str
    ts: str = ""
    started_at: float = field(default_factory=time.monotonic)
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


class Streams:
    """The streams that are open now, by channel and timestamp."""

    def __init__(self, lifetime: float = LIFETIME_SECONDS) -> None:
        self.lifetime = lifetime
        self._open: dict[tuple[str, str], Stream] = {}

    def start(self, stream: Stream, ts: str) -> None:
        """Registers a stream under its message."""
        stream.ts = ts
        self._open[stream.channel_id, ts] = stream

    def find(self, channel_id: str, ts: str) -> Stream | None:
        """The open stream of a message, if there is one."""
        return self._open.get((channel_id, ts))

    def is_expired(self, stream: Stream) -> bool:
        """Whether Slack would have ended this stream by now."""
        return time.monotonic() - stream.started_at > self.lifetime

    def end(self, stream: Stream) -> None:
        """Closes a stream."""
        del self._open[stream.channel_id, stream.ts]

    def expire_all(self) -> int:
        """Makes every open stream too old to take more text; returns how many there were."""
        for stream in self._open.values():
            stream.started_at = -self.lifetime
        return len(self._open)
