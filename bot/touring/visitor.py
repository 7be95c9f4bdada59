"""A person in the sandbox, as the tour needs one: posts, uploads, asks, watches the reply grow, presses 👍."""

import json
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slack_sdk import WebClient

from core.errors import Unavailable

POLL_S = 0.1


@dataclass(frozen=True)
class Reply:
    """The bot's finished reply to a question."""

    channel_id: str
    ts: str
    text: str
    blocks: tuple[dict[str, Any], ...]

    @property
    def sources(self) -> list[str]:
        """The lines of the sources block, as they were sent: `[1] <link|name>`."""
        texts = [part["text"] for block in self.blocks if block["type"] == "context" for part in block["elements"]]
        return [line for text in texts for line in text.splitlines() if line.startswith(("[", "•"))]

    @property
    def helpful_button(self) -> dict[str, Any] | None:
        """What pressing 👍 sends."""
        for block in self.blocks:
            for element in block.get("elements", []) if block["type"] == "context_actions" else []:
                return {
                    "type": element["type"],
                    "action_id": element["action_id"],
                    "block_id": block.get("block_id", ""),
                    "value": element["positive_button"]["value"],
                }
        return None


class Visitor:
    """Somebody with an own token in the sandbox at `url`."""

    def __init__(self, url: str, name: str, token: str, bot_user_id: str) -> None:
        self.name = name
        self._url = url
        self._token = token
        self._bot = bot_user_id
        self._client = WebClient(token=token, base_url=f"{url}/api/")
        listed = self._client.conversations_list(types="public_channel,private_channel", limit=200)
        self._channels = {channel["name"]: str(channel["id"]) for channel in listed["channels"]}

    def post(self, channel: str, text: str) -> str:
        """Say it in the channel; returns the message's ts."""
        return str(self._client.chat_postMessage(channel=self._channels[channel], text=text)["ts"])

    def edit(self, channel: str, ts: str, text: str) -> None:
        """Change a message of one's own."""
        self._client.chat_update(channel=self._channels[channel], ts=ts, text=text)

    def delete(self, channel: str, ts: str) -> None:
        """Delete a message of one's own."""
        self._client.chat_delete(channel=self._channels[channel], ts=ts)

    def upload(self, channel: str, path: Path) -> None:
        """Share a file in the channel."""
        self._client.files_upload_v2(channel=self._channels[channel], file=str(path), filename=path.name)

    def ask(self, channel: str, question: str) -> str:
        """Mention the bot; returns the question's ts."""
        return self.post(channel, f"<@{self._bot}> {question}")

    def watch(self, channel: str, ts: str, seconds: float) -> Iterator[str | Reply]:
        """The reply's text as it grows, piece by piece, and at last the reply. Raises Unavailable when none comes."""
        seen, deadline = "", time.monotonic() + seconds
        while time.monotonic() < deadline:
            message = self._reply_in(self._channels[channel], ts)
            text = message["text"] if message else ""
            if text.startswith(seen) and text != seen and message and message.get("streaming"):
                yield text[len(seen) :]
                seen = text
            if message and not message.get("streaming") and self._is_finished(message):
                yield Reply(self._channels[channel], message["ts"], _words(message), tuple(message.get("blocks", ())))
                return
            time.sleep(POLL_S)
        raise Unavailable(f"No finished reply came within {seconds:.0f} seconds.")

    def press_helpful(self, reply: Reply) -> bool:
        """Press 👍 under the reply; False when there is no such button, or nobody took it."""
        button = reply.helpful_button
        if button is None:
            return False
        pressed = self._page("action", channel_id=reply.channel_id, message_ts=reply.ts, action=button)
        return bool(pressed.get("ok"))

    def opens(self, link: str) -> bool:
        """Whether the link leads to a page of this workspace."""
        with urllib.request.urlopen(link, timeout=10) as response:  # noqa: S310 - a link of the sandbox, on localhost
            return bool(response.status == 200)

    def _reply_in(self, channel_id: str, ts: str) -> dict[str, Any] | None:
        replies = self._client.conversations_replies(channel=channel_id, ts=ts)["messages"]
        return next((message for message in replies if message.get("user") == self._bot), None)

    @staticmethod
    def _is_finished(message: dict[str, Any]) -> bool:
        # The frame (sources, buttons, or the nearest sources of an "I don't know") comes with the last change.
        return bool(message.get("blocks")) or bool(message.get("edited"))

    def _page(self, path: str, **fields: Any) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - the sandbox's own address
            f"{self._url}/page/{path}",
            data=json.dumps(fields).encode(),
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - the same
            answer: dict[str, Any] = json.load(response)
            return answer


def _words(message: dict[str, Any]) -> str:
    markdown = [block["text"] for block in message.get("blocks", ()) if block["type"] == "markdown"]
    return "\n".join(markdown) or str(message["text"])


def all_delivered(url: str) -> bool:
    """Whether the bot has acknowledged everything that happened in the sandbox so far."""
    with urllib.request.urlopen(f"{url}/test/state", timeout=10) as response:  # noqa: S310 - the sandbox's own address
        return bool(json.load(response)["pending_events"] == 0)


def visitors(url: str) -> dict[str, Visitor]:
    """Everybody in the sandbox, by name."""
    with urllib.request.urlopen(f"{url}/page/boot", timeout=10) as response:  # noqa: S310 - the sandbox's own address
        boot = json.load(response)
    bot = boot["bot"]["user_id"]
    return {person["name"]: Visitor(url, person["real_name"], person["token"], bot) for person in boot["people"]}
