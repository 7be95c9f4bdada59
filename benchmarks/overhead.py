"""What the way through Slack adds to an answer, and how soon a stop frees its place: the bot in a sandbox, tiny Phi-3.

Overhead is the time from posting a mention to the first text on the asker's page, less what finding passages and the
model's own first token took. Each answer is then stopped by its button.
"""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from core.answering.answering import Answering
from core.answering.drafts import AnswerEvent, Written
from core.knowledge.minilm import MiniLM
from tests.slack.sandbox_fixtures import Page, page_of, until
from tests.slack.workplace import Workplace, workplace
from tests.tiny_phi3 import build_tiny_phi3

FACTS = ("The deploy of the billing service runs on Fridays at five.", "Ana watches the dashboard of the deploy.")
QUESTION = "When does the deploy of the billing service run?"
PATIENCE_S = 60.0


class _Timed:
    """Answering that notes how long its own first words took, in seconds."""

    def __init__(self, answering: Answering) -> None:
        self.first_words: list[float] = []
        self.generates = answering.generates
        self._answering = answering

    def answer(self, *arguments: Any) -> Iterator[AnswerEvent]:
        """The same events."""
        began, noted = time.perf_counter(), False
        for event in self._answering.answer(*arguments):
            if isinstance(event, Written) and not noted:
                self.first_words.append(time.perf_counter() - began)
                noted = True
            yield event


def through_slack(questions: int) -> tuple[float, float]:
    """Milliseconds, medians: the overhead, and from pressing Stop to the place being free."""
    with TemporaryDirectory(prefix="journeyman-overhead-") as folder:
        return asyncio.run(_measured(Path(folder), questions))


async def _measured(folder: Path, questions: int) -> tuple[float, float]:
    settings = {
        "language_model": "phi3",
        "phi3_model": str(build_tiny_phi3(folder / "base")),
        "answer_max_tokens": 3000,
        "questions_per_minute": 0,
        "answers_at_once": 1,
    }
    seen, stopped = [], []
    async with workplace(folder / "data", MiniLM(), settings=settings) as place, page_of(place.sandbox, "ben") as page:
        timed = _Timed(place.services.answering)
        place.parts.asking._answering = timed  # type: ignore[assignment]  # it answers in its place
        for fact in FACTS:
            await place.post("ana", "general", fact)
        await place.findable()
        for _ in range(questions + 1):
            first_text, until_free = await _asked_and_stopped(place, page)
            seen.append(first_text)
            stopped.append(until_free)
    overheads = [shown - own for shown, own in zip(seen, timed.first_words, strict=True)]
    return median(overheads[1:]) * 1e3, median(stopped[1:]) * 1e3  # the first one loads the model


async def _asked_and_stopped(place: Workplace, page: Page) -> tuple[float, float]:
    """Seconds from the mention to the first text on the page, and from the press to the place being free."""
    channel, bot = place.channel_id("general"), place.sandbox.workspace.app.bot_user_id
    began = time.perf_counter()
    asked = await place.post("ben", "general", f"{place.mention} {QUESTION}")
    while True:
        message = (await page.told("message", PATIENCE_S))["message"]
        if message.get("user") == bot and message.get("thread_ts") == asked and message["text"]:
            break
    shown = time.perf_counter() - began
    [row] = [block for block in message["blocks"] if block["type"] == "actions"]
    [button] = row["elements"]
    action = {key: button[key] for key in ("type", "action_id", "value")} | {"block_id": row["block_id"]}
    pressed = time.perf_counter()
    await page.post("action", channel_id=channel, message_ts=message["ts"], action=action)
    await until(lambda: button["value"] not in place.parts.asking._under_way, PATIENCE_S)
    return shown, time.perf_counter() - pressed
