"""Posting, reading live, editing, deleting, reacting, threads, and who sees which channel."""

import pytest
from playwright.async_api import expect

from bot.sandbox.server import Sandbox
from tests.browser.conftest import OpenPage
from tests.slack.sandbox_fixtures import client_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_what_one_person_posts_another_sees_live(open_page: OpenPage) -> None:
    ana, ben = await open_page("ana"), await open_page("ben")
    await ana.say("The oven is *hot* at 5")
    await expect(ana.message("The oven is hot at 5").locator("strong")).to_have_text("hot")
    await expect(ben.message("The oven is hot at 5").locator(".author")).to_have_text("Ana Ruiz")


async def test_a_private_channel_exists_only_for_its_members(open_page: OpenPage, sandbox: Sandbox) -> None:
    secret = await client_of(sandbox, "ana").chat_postMessage(channel=sandbox.channel("leads").id, text="The merger")
    link = f"/archives/{secret['channel']}/p{secret['ts'].replace('.', '')}"
    ben, chloe = await open_page("ben"), await open_page("chloe", link)
    await expect(ben.row("leads")).to_be_visible()
    await expect(chloe.row("general")).to_be_visible()
    await expect(chloe.row("leads")).to_have_count(0)
    await expect(chloe.page.get_by_text("The merger")).to_have_count(0)


async def test_being_invited_makes_the_channel_appear(open_page: OpenPage, sandbox: Sandbox) -> None:
    chloe, ana = await open_page("chloe"), await open_page("ana")
    await ana.go_to("leads")
    await ana.channel.locator(".members-button").click()
    await ana.dialog.get_by_label("Person to invite").select_option(label="Chloé Martin")
    await ana.dialog.get_by_role("button", name="Invite", exact=True).click()
    await expect(ana.dialog.locator(".member-list")).to_contain_text("Chloé Martin")
    await expect(chloe.row("leads")).to_be_visible()


async def test_unread_messages_are_counted_and_read_when_opened(open_page: OpenPage, sandbox: Sandbox) -> None:
    ben = await open_page("ben")
    await ben.go_to("leads")
    await client_of(sandbox, "ana").chat_postMessage(channel=sandbox.channel("general").id, text="Flour is here")
    await expect(ben.row("general").locator(".unread-count")).to_have_text("1")
    await ben.go_to("general")
    await expect(ben.message("Flour is here")).to_be_visible()
    await expect(ben.row("general").locator(".unread-count")).to_have_count(0)


async def test_edits_and_deletions_reach_everybody(open_page: OpenPage) -> None:
    ana, ben = await open_page("ana"), await open_page("ben")
    await ana.say("We open at 7 & close at <9>")
    await ana.choose(ana.message("We open at 7"), "Edit message")
    editor = ana.channel.get_by_label("Edit message")
    await expect(editor).to_have_value("We open at 7 & close at <9>")
    await editor.fill("We open at 8")
    await editor.press("Enter")
    await expect(ben.message("We open at 8")).to_contain_text("(edited)")
    await ana.choose(ana.message("We open at 8"), "Delete message…")
    await ana.dialog.get_by_role("button", name="Delete").click()
    await expect(ben.message("We open at")).to_have_count(0)


async def test_what_arrives_meanwhile_does_not_disturb_an_edit(open_page: OpenPage, sandbox: Sandbox) -> None:
    ana = await open_page("ana")
    await ana.say("Draft of a plan")
    await ana.use_tool(ana.message("Draft of a plan"), "Reply in thread")
    root = ana.reply("Draft of a plan")
    await ana.choose(root, "Edit message")
    editor = ana.thread.get_by_label("Edit message")
    await editor.fill("The plan")
    ben, channel = client_of(sandbox, "ben"), sandbox.channel("general").id
    await ben.reactions_add(channel=channel, timestamp=min(sandbox.channel("general").messages), name="eyes")
    await expect(ana.message("Draft of a plan").locator(".reaction").first).to_be_visible()
    await expect(editor).to_have_value("The plan")
    await editor.press("Enter")
    await expect(ana.reply("The plan").locator(".reaction").first).to_be_visible()
    await expect(ana.message("The plan")).to_contain_text("(edited)")


async def test_only_ones_own_messages_can_be_edited(open_page: OpenPage) -> None:
    ana, ben = await open_page("ana"), await open_page("ben")
    await ana.say("Mine alone")
    await ben.use_tool(ben.message("Mine alone"), "More actions")
    await expect(ben.page.get_by_role("menuitem", name="Copy link")).to_be_visible()
    await expect(ben.page.get_by_role("menuitem", name="Edit message")).to_have_count(0)
    await expect(ben.page.get_by_role("menuitem", name="Delete message…")).to_have_count(0)


async def test_a_reaction_is_added_counted_and_taken_back(open_page: OpenPage) -> None:
    ana, ben = await open_page("ana"), await open_page("ben")
    await ana.say("Cake?")
    await ben.use_tool(ben.message("Cake?"), "React with +1")
    await expect(ana.message("Cake?").locator(".reaction .count")).to_have_text("1")
    chip = ana.message("Cake?").get_by_role("button", name="+1, 1: Ben Okafor")
    await expect(chip).to_have_attribute("aria-pressed", "false")
    await chip.click()
    mine = ana.message("Cake?").locator(".reaction[aria-pressed=true]")
    await expect(mine.locator(".count")).to_have_text("2")
    await mine.click()
    await expect(ben.message("Cake?").locator(".reaction .count")).to_have_text("1")


async def test_any_emoji_can_be_picked_by_name(open_page: OpenPage) -> None:
    ana = await open_page("ana")
    await ana.say("We won")
    await ana.use_tool(ana.message("We won"), "Add reaction")
    await ana.page.get_by_label("Search emoji").fill("tada")
    await ana.page.keyboard.press("Enter")
    await expect(ana.message("We won").locator(".reaction[aria-pressed=true]")).to_have_attribute(
        "title", "Ana Ruiz reacted with :tada:"
    )


async def test_a_thread_is_answered_in_its_own_pane(open_page: OpenPage) -> None:
    ana, ben = await open_page("ana"), await open_page("ben")
    await ana.say("Who has the key?")
    await ben.use_tool(ben.message("Who has the key?"), "Reply in thread")
    await ben.thread.locator(".composer-text").fill("Chloé")
    await ben.page.keyboard.press("Enter")
    await expect(ben.reply("Chloé")).to_be_visible()
    await expect(ana.message("Who has the key?").locator(".thread-link")).to_contain_text("1 reply")
    await expect(ana.channel.locator(".message")).to_have_count(1)
    await ana.message("Who has the key?").locator(".thread-link").click()
    await expect(ana.reply("Chloé")).to_be_visible()
    await ana.page.keyboard.press("Escape")
    await expect(ana.thread).to_have_count(0)


async def test_channels_are_made_joined_and_left(open_page: OpenPage) -> None:
    ana = await open_page("ana")
    await ana.page.get_by_role("button", name="Create a channel").click()
    await ana.dialog.get_by_label("Name").fill("General")
    await ana.dialog.get_by_role("button", name="Create").click()
    await expect(ana.dialog.locator(".problem")).to_have_text("There is already a channel with that name.")
    await ana.dialog.get_by_label("Name").fill("New Menu")
    await ana.dialog.get_by_role("button", name="Create").click()
    await expect(ana.row("new-menu")).to_have_attribute("aria-current", "page")

    await ana.page.get_by_role("button", name="Browse channels").click()
    await ana.dialog.get_by_role("button", name="Join ovens").click()
    await expect(ana.row("ovens")).to_have_attribute("aria-current", "page")
    await ana.channel.locator(".members-button").click()
    await ana.dialog.get_by_role("button", name="Leave channel").click()
    await expect(ana.row("ovens")).to_have_count(0)
    await expect(ana.channel.get_by_role("button", name="Join channel")).to_be_visible()


async def test_acting_as_somebody_else_shows_their_channels(open_page: OpenPage) -> None:
    ana = await open_page("ana")
    await ana.go_to("leads")
    await ana.page.locator(".switcher").click()
    await ana.page.locator(".people-menu").get_by_role("button", name="Chloé Martin").click()
    await expect(ana.page.locator(".switcher-name")).to_have_text("Chloé Martin")
    await expect(ana.row("leads")).to_have_count(0)
    await ana.say("I am Chloé now")
    await expect(ana.message("I am Chloé now").locator(".author")).to_have_text("Chloé Martin")


async def test_a_direct_message_is_opened_on_first_use(open_page: OpenPage) -> None:
    ana, ben = await open_page("ana"), await open_page("ben")
    await ana.go_to("Ben Okafor")
    await ana.say("Between us")
    await expect(ben.row("Ana Ruiz").locator(".unread-count")).to_have_text("1")
    await ben.go_to("Ana Ruiz")
    await expect(ben.message("Between us")).to_be_visible()
