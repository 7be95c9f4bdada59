"""What tests of forgetting need: a worker that forgets, somebody who writes `/forget`, and the buttons they press."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from threading import Event, Thread
from typing import Any

from core.bootstrap import Services
from tests.slack.sandbox_fixtures import Page, page_of
from tests.slack.workplace import PATIENCE, Workplace


@contextmanager
def forgetting(services: Services) -> Iterator[None]:
    """The worker's lane of forgetting, in a thread."""
    stop = Event()

    def work() -> None:
        while not stop.wait(0.05):
            services.forgetting.carry_out()

    lane = Thread(target=work)
    lane.start()
    try:
        yield
    finally:
        stop.set()
        lane.join(60)


class Asker:
    """Somebody at their page who asks for things to be forgotten."""

    def __init__(self, place: Workplace, page: Page, channel_id: str) -> None:
        self._place = place
        self._page = page
        self._channel_id = channel_id
        self.told: dict[str, Any] = {}
        """The last message that only this person saw."""

    async def forget(self, text: str) -> str:
        """Writes the command; what is answered, in words."""
        sent = await self._page.post("command", channel_id=self._channel_id, command="/forget", text=text)
        assert sent["ok"], sent
        return await self._heard()

    async def press(self, action_id: str, number: int = 0) -> str:
        """Presses the button with this action under the last answer, the first or the one of this number."""
        buttons = [
            {"type": "button", "block_id": block["block_id"], **element}
            for block in self.told["blocks"]
            for element in (*block.get("elements", ()), block.get("accessory") or {})
            if element.get("action_id") == action_id
        ]
        sent = await self._page.post(
            "action", channel_id=self._channel_id, message_ts=self.told["ts"], action=buttons[number]
        )
        assert sent["ok"], sent
        return await self._heard()

    @property
    def asks(self) -> bool:
        """Whether the last answer had buttons."""
        return "forget_yes" in str(self.told.get("blocks"))

    async def _heard(self) -> str:
        self.told = (await self._page.told("ephemeral", PATIENCE))["message"]
        return str(self.told["text"])


@asynccontextmanager
async def asker(place: Workplace, name: str, channel: str = "general") -> AsyncIterator[Asker]:
    """The person of this name, in this channel."""
    async with page_of(place.sandbox, name) as page:
        yield Asker(place, page, place.channel_id(channel))
