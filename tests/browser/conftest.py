"""One headless Chromium for all tests of the page, and a fresh sandbox for each of them."""

import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, async_playwright

from bot.sandbox.manifest import Manifest
from bot.sandbox.server import Sandbox
from tests.browser.workspace_page import WorkspacePage
from tests.slack.sandbox_fixtures import running_sandbox

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 6000
"""How long a test waits for something to appear on the page."""

SEED = {
    "team": "Lantern Bakery",
    "people": [
        {"name": "ana", "real_name": "Ana Ruiz", "is_admin": True},
        {"name": "ben", "real_name": "Ben Okafor"},
        {"name": "chloe", "real_name": "Chloé Martin"},
        {"name": "eve", "real_name": "<img src=x onerror=window.harmed=1>"},
    ],
    "channels": [
        {"name": "general", "members": ["ana", "ben", "chloe", "eve"], "topic": "Bread and news"},
        {"name": "leads", "private": True, "members": ["ana", "ben"]},
        {"name": "ovens", "members": ["ben"]},
    ],
}

OpenPage = Callable[..., Awaitable[WorkspacePage]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    executable = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if executable is None:
        pytest.skip("There is no Chromium here: install the package chromium to test the page")
    async with async_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        running = await playwright.chromium.launch(executable_path=executable, args=flags)
        yield running
        await running.close()


@pytest_asyncio.fixture(loop_scope="session")
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    (tmp_path / "workspace.json").write_text(json.dumps(SEED), encoding="utf-8")
    manifest = Manifest(shortcuts=({"callback_id": "teach", "name": "Teach this", "type": "message"},))
    async with running_sandbox(seed=tmp_path, manifest=manifest) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, sandbox: Sandbox) -> AsyncIterator[OpenPage]:
    """Opens the page as somebody, each in a browser context of their own; no script may fail on any of them."""
    contexts = []
    problems: list[str] = []

    async def open_as(name: str = "ana", path: str = "/", **options: Any) -> WorkspacePage:
        context = await browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.extend(_complaint(message)))
        joint = "&" if "?" in path else "?"
        await page.goto(f"{sandbox.url}{path}{joint}as={sandbox.person(name).id}")
        opened = WorkspacePage(page)
        await opened.ready()
        return opened

    yield open_as
    for context in contexts:
        await context.close()
    assert problems == []


def _complaint(message: ConsoleMessage) -> list[str]:
    expected = "status of 429" in message.text  # a refusal that a test asked for
    return [message.text] if message.type == "error" and not expected else []
