"""Uploading, opening, downloading and deleting files."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.sandbox.server import Sandbox
from tests.browser.conftest import OpenPage
from tests.slack.sandbox_fixtures import client_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


async def test_a_file_is_uploaded_with_its_message_and_opened_by_another(open_page: OpenPage, tmp_path: Path) -> None:
    handbook = tmp_path / "hand book.txt"
    handbook.write_text("Leave is 30 days. <b>Really</b>", encoding="utf-8")
    ana, ben = await open_page("ana"), await open_page("ben")
    await ana.channel.locator("input[type=file]").set_input_files(handbook)
    await expect(ana.channel.locator(".upload")).to_contain_text("hand book.txt")
    await expect(ana.channel.get_by_role("button", name="Send")).to_be_enabled()
    await ana.say("Our handbook")
    await expect(ana.channel.locator(".upload")).to_have_count(0)
    await ben.message("Our handbook").get_by_role("button", name="Open hand book.txt").click()
    await expect(ben.dialog.locator("pre")).to_have_text("Leave is 30 days. <b>Really</b>")
    async with ben.page.expect_download() as download:
        await ben.dialog.get_by_role("button", name="Download").click()
    assert (await download.value).suggested_filename == "hand book.txt"
    saved = tmp_path / "saved.txt"
    await (await download.value).save_as(saved)
    assert saved.read_bytes() == handbook.read_bytes()


async def test_a_file_can_be_dropped_on_the_channel(open_page: OpenPage) -> None:
    ana = await open_page("ana")
    dropped = await ana.page.evaluate_handle(
        "() => { const data = new DataTransfer(); data.items.add(new File(['rye'], 'rye.md')); return data; }"
    )
    await ana.channel.dispatch_event("dragenter", {"dataTransfer": dropped})
    await expect(ana.channel.get_by_text("Drop to upload to #general")).to_be_visible()
    await ana.channel.dispatch_event("drop", {"dataTransfer": dropped})
    await expect(ana.channel.get_by_text("Drop to upload to #general")).to_be_hidden()
    await expect(ana.channel.get_by_role("button", name="Send")).to_be_enabled()
    await ana.composer.press("Enter")
    await expect(ana.channel.locator(".file-card")).to_contain_text("rye.md")


async def test_images_are_shown_in_the_message(open_page: OpenPage, sandbox: Sandbox) -> None:
    ana = await open_page("ana")
    channel = sandbox.channel("general").id
    await client_of(sandbox, "ben").files_upload_v2(channel=channel, filename="loaf.png", content=PIXEL)
    image = ana.channel.locator(".inline-image")
    await expect(image).to_be_visible()
    assert await image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1


async def test_a_deleted_file_says_so_in_its_message(open_page: OpenPage, sandbox: Sandbox) -> None:
    ana, ben = await open_page("ana"), await open_page("ben")
    channel = sandbox.channel("general").id
    await client_of(sandbox, "ana").files_upload_v2(channel=channel, filename="old.txt", content="stale")
    await ana.channel.get_by_role("button", name="Open old.txt").click()
    await ana.dialog.get_by_role("button", name="Delete file").click()
    await ana.dialog.last.get_by_role("button", name="Delete", exact=True).click()
    await expect(ben.channel.locator(".file-card")).to_have_text("This file was deleted.")


async def test_an_empty_file_is_refused_in_words(open_page: OpenPage, tmp_path: Path) -> None:
    (tmp_path / "nothing.txt").touch()
    ana = await open_page("ana")
    await ana.channel.locator("input[type=file]").set_input_files(tmp_path / "nothing.txt")
    await expect(ana.toasts).to_contain_text("nothing.txt: That file is empty.")
    await expect(ana.channel.locator(".upload")).to_have_count(0)


async def test_a_file_permalink_opens_the_file(open_page: OpenPage, sandbox: Sandbox) -> None:
    channel = sandbox.channel("leads").id
    answer = await client_of(sandbox, "ben").files_upload_v2(channel=channel, filename="plan.md", content="# The plan")
    path = answer["file"]["permalink"].removeprefix(sandbox.url)
    ana, chloe = await open_page("ana", path), await open_page("chloe", path)
    await expect(ana.dialog.locator("pre")).to_have_text("# The plan")
    await expect(chloe.toasts).to_contain_text("That file no longer exists, or you may not see it.")
