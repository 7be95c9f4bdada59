"""Slack's dates are worded for whoever reads them."""

import time

import pytest
from playwright.async_api import expect

from bot.sandbox.server import Sandbox
from tests.browser.conftest import OpenPage
from tests.slack.sandbox_fixtures import client_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_date_is_told_in_the_readers_time_zone(sandbox: Sandbox, open_page: OpenPage) -> None:
    page = await open_page("ana", timezone_id="Asia/Tokyo", locale="en-GB")
    noon = 1_772_366_400  # 1 March 2026, 12:00 UTC
    texts = [
        f"Heard <!date^{noon}^{{date}} at {{time}}|earlier>.",
        f"Seen <!date^{int(time.time())}^{{date_short_pretty}}|earlier>.",
        "Lost <!date^never^{date}|earlier>.",
    ]
    for text in texts:
        await client_of(sandbox, "ben").chat_postMessage(channel=sandbox.channel("general").id, text=text)
    for told in ("Heard 1 March 2026 at 21:00.", "Seen today.", "Lost earlier."):
        await expect(page.message(told)).to_be_visible()
