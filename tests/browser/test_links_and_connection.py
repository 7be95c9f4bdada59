"""Addresses that lead into the page, the lost and regained connection, narrow screens and the keyboard."""

import pytest
from playwright.async_api import expect

from bot.sandbox.server import Sandbox
from tests.browser.conftest import OpenPage
from tests.slack.sandbox_fixtures import client_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_permalink_opens_its_message(open_page: OpenPage, sandbox: Sandbox) -> None:
    ben, channel = client_of(sandbox, "ben"), sandbox.channel("leads").id
    first = await ben.chat_postMessage(channel=channel, text="The first thing")
    for number in range(60):
        await ben.chat_postMessage(channel=channel, text=f"Later {number}")
    link = (await ben.chat_getPermalink(channel=channel, message_ts=first["ts"]))["permalink"]
    ana = await open_page("ana", link.removeprefix(sandbox.url))
    await expect(ana.message("The first thing")).to_be_in_viewport()
    await expect(ana.message("The first thing")).to_be_focused()
    await expect(ana.message("Later 59")).not_to_be_in_viewport()


async def test_a_permalink_of_a_reply_opens_its_thread(open_page: OpenPage, sandbox: Sandbox) -> None:
    ben, channel = client_of(sandbox, "ben"), sandbox.channel("general").id
    root = await ben.chat_postMessage(channel=channel, text="Root")
    reply = await ben.chat_postMessage(channel=channel, thread_ts=root["ts"], text="Leaf")
    link = (await ben.chat_getPermalink(channel=channel, message_ts=reply["ts"]))["permalink"]
    ana = await open_page("ana", link.removeprefix(sandbox.url))
    await expect(ana.reply("Leaf")).to_be_focused()


async def test_a_permalink_to_nothing_says_so(open_page: OpenPage, sandbox: Sandbox) -> None:
    ana = await open_page("ana", f"/archives/{sandbox.channel('general').id}/p1600000000000100")
    await expect(ana.toasts).to_contain_text("no longer exists")
    await expect(ana.composer).to_be_visible()


async def test_the_back_button_goes_back(open_page: OpenPage) -> None:
    ana = await open_page("ana")
    await ana.go_to("leads")
    await ana.page.go_back()
    await expect(ana.row("general")).to_have_attribute("aria-current", "page")


async def test_a_lost_connection_is_shown_and_what_was_missed_is_fetched(open_page: OpenPage, sandbox: Sandbox) -> None:
    ana = await open_page("ana")
    await ana.say("Before")
    banner = ana.page.locator(".banner")
    refuse = True

    async def gate(route) -> None:  # type: ignore[no-untyped-def]  # Playwright's WebSocketRoute
        if refuse:
            await route.close()
        else:
            route.connect_to_server()

    await ana.page.route_web_socket("**/page/socket*", gate)
    await sandbox.context.hub.stop()
    await expect(banner).to_contain_text("The connection to the workspace was lost.")
    await client_of(sandbox, "ben").chat_postMessage(channel=sandbox.channel("general").id, text="While away")
    refuse = False
    await expect(banner).to_be_hidden(timeout=12_000)
    await expect(ana.message("While away")).to_be_visible()
    await client_of(sandbox, "ben").chat_postMessage(channel=sandbox.channel("general").id, text="Live again")
    await expect(ana.message("Live again")).to_be_visible()


async def test_a_reader_of_old_messages_is_left_there_and_told_of_new_ones(
    open_page: OpenPage, sandbox: Sandbox
) -> None:
    ben, channel = client_of(sandbox, "ben"), sandbox.channel("general").id
    for number in range(40):
        await ben.chat_postMessage(channel=channel, text=f"Line {number}")
    ana = await open_page("ana")
    await expect(ana.message("Line 39")).to_be_in_viewport()
    await ana.channel.locator(".log").hover()
    await ana.page.mouse.wheel(0, -4000)
    await expect(ana.message("Line 0")).to_be_in_viewport()
    await ben.chat_postMessage(channel=channel, text="The newest")
    newer = ana.channel.get_by_role("button", name="New messages")
    await expect(newer).to_be_visible()
    await expect(ana.message("The newest")).not_to_be_in_viewport()
    await newer.click()
    await expect(ana.message("The newest")).to_be_in_viewport()
    await expect(newer).to_be_hidden()


async def test_being_removed_from_a_channel_takes_it_out_of_view(open_page: OpenPage, sandbox: Sandbox) -> None:
    ben, channel = await open_page("ben"), sandbox.channel("leads").id
    await ben.go_to("leads")
    await ben.say("Secret")
    await client_of(sandbox, "ana").conversations_kick(channel=channel, user=sandbox.person("ben").id)
    await expect(ben.row("leads")).to_have_count(0)
    await expect(ben.page.get_by_text("Secret")).to_have_count(0)
    await expect(ben.row("general")).to_have_attribute("aria-current", "page")


async def test_a_refused_request_is_explained(open_page: OpenPage, sandbox: Sandbox) -> None:
    ana = await open_page("ana")
    sandbox.switches.rate_limit("chat.postMessage")
    await ana.composer.fill("Too fast")
    await ana.composer.press("Enter")
    await expect(ana.toasts).to_contain_text("Wait a few seconds and try again.")
    await expect(ana.composer).to_have_value("Too fast")


async def test_a_narrow_screen_shows_one_thing_at_a_time(open_page: OpenPage) -> None:
    ana = await open_page("ana", viewport={"width": 400, "height": 780})
    await expect(ana.row("leads")).to_be_hidden()
    await ana.page.get_by_role("button", name="Show channels").click()
    await ana.row("leads").click()
    await expect(ana.row("leads")).to_be_hidden()
    await ana.say("From my phone")
    await ana.use_tool(ana.message("From my phone"), "Reply in thread")
    await expect(ana.thread).to_be_visible()
    await expect(ana.channel).to_be_hidden()
    await ana.thread.get_by_role("button", name="Close thread").click()
    await expect(ana.channel).to_be_visible()
    assert await ana.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_every_control_has_a_name_and_messages_can_be_walked(open_page: OpenPage) -> None:
    ana = await open_page("ana")
    await ana.say("one")
    await ana.say("two")
    nameless = await ana.page.evaluate(
        """() => [...document.querySelectorAll('button, a[href], input, textarea, select')]
            .filter((node) => !(node.getAttribute('aria-label') || node.textContent.trim() || node.labels?.length))
            .map((node) => node.outerHTML)"""
    )
    assert nameless == []
    await ana.channel.locator(".log").focus()
    await ana.page.keyboard.press("ArrowUp")
    await expect(ana.message("two")).to_be_focused()
    await ana.page.keyboard.press("ArrowUp")
    await expect(ana.message("one")).to_be_focused()
    await expect(ana.channel.get_by_role("log")).to_have_attribute("aria-live", "polite")
