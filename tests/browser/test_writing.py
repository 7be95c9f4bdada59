"""The composer: mentions, channels, emoji and slash commands, several lines, and what is not a command."""

import pytest
from playwright.async_api import expect

from bot.sandbox.server import Sandbox
from tests.browser.conftest import OpenPage
from tests.slack.sandbox_fixtures import bolt_app, connected_app, until

pytestmark = pytest.mark.asyncio(loop_scope="session")


def _texts(sandbox: Sandbox, channel: str = "general") -> list[str]:
    return [message["text"] for message in sandbox.channel(channel).messages.values()]


async def test_a_mention_is_completed_and_sent_as_slacks_own_token(open_page: OpenPage, sandbox: Sandbox) -> None:
    ana = await open_page("ana")
    await ana.composer.press_sequentially("ask @jour")
    await expect(ana.suggestions).to_have_count(1)
    await expect(ana.composer).to_have_attribute(
        "aria-activedescendant", str(await ana.suggestions.get_attribute("id"))
    )
    await ana.composer.press("Enter")
    await expect(ana.composer).to_have_value("ask @Journeyman ")
    await ana.composer.press_sequentially("or @Ben Okafor, in #general")
    await ana.page.keyboard.press("Escape")
    await ana.composer.press("Enter")
    await expect(ana.message("ask @Journeyman or @Ben Okafor, in #general").locator(".mention")).to_have_count(3)
    bot, ben, general = sandbox.workspace.bot.id, sandbox.person("ben").id, sandbox.channel("general").id
    assert _texts(sandbox) == [f"ask <@{bot}> or <@{ben}>, in <#{general}|general>"]


async def test_shift_enter_makes_a_line_and_code_is_sent_as_typed(open_page: OpenPage, sandbox: Sandbox) -> None:
    ana = await open_page("ana")
    await ana.composer.press_sequentially("run `a && @ben`")
    await ana.composer.press("Shift+Enter")
    await ana.composer.press_sequentially("see https://bread.example/a?b=1&c=2.")
    await ana.composer.press("Enter")
    link = ana.message("run").locator("a", has_text="bread.example")
    await expect(link).to_have_attribute("href", "https://bread.example/a?b=1&c=2")
    await expect(ana.message("run").locator("code")).to_have_text("a && @ben")
    assert _texts(sandbox) == ["run `a &amp;&amp; @ben`\nsee <https://bread.example/a?b=1&amp;c=2>."]


async def test_emoji_short_names_are_completed_and_drawn(open_page: OpenPage) -> None:
    ana = await open_page("ana")
    await ana.composer.press_sequentially("well done :tad")
    await ana.suggestions.first.click()
    await ana.composer.press("Enter")
    await expect(ana.message("well done").get_by_role("img", name="tada")).to_be_visible()


async def test_a_slash_command_reaches_the_bot_with_its_text(open_page: OpenPage, sandbox: Sandbox) -> None:
    app = bolt_app(sandbox)
    asked = []

    @app.command("/ask")
    async def on_ask(ack, command, respond) -> None:  # type: ignore[no-untyped-def]  # Bolt injects by name
        await ack()
        asked.append(command)
        await respond(text="At *five*.")

    async with connected_app(sandbox, app):
        ana, ben = await open_page("ana"), await open_page("ben")
        await ana.composer.press_sequentially("/as")
        await expect(ana.suggestions).to_contain_text("/ask")
        await ana.composer.press("Tab")
        await ana.composer.press_sequentially("when is bread ready?")
        await ana.composer.press("Enter")
        answer = ana.channel.locator(".message.ephemeral")
        await expect(answer).to_contain_text("Only visible to you")
        await expect(answer.locator("strong")).to_have_text("five")
        await expect(ben.channel.locator(".message")).to_have_count(0)
        await answer.get_by_role("button", name="Dismiss").click()
        await expect(answer).to_have_count(0)
    assert [(each["command"], each["text"]) for each in asked] == [("/ask", "when is bread ready?")]


async def test_an_unknown_command_and_a_silent_bot_are_explained(open_page: OpenPage) -> None:
    ana = await open_page("ana")
    await ana.composer.fill("/frobnicate now")
    await ana.composer.press("Enter")
    await expect(ana.toasts.last).to_contain_text("There is no command /frobnicate here.")
    await expect(ana.composer).to_have_value("/frobnicate now")
    await ana.composer.fill("/ask anyone there?")
    await ana.page.keyboard.press("Escape")
    await ana.composer.press("Enter")
    await expect(ana.toasts.last).to_contain_text("Journeyman is not connected to this workspace.")


async def test_a_draft_waits_in_its_channel(open_page: OpenPage, sandbox: Sandbox) -> None:
    ana = await open_page("ana")
    await ana.composer.fill("half a thought")
    await ana.go_to("leads")
    await expect(ana.composer).to_have_value("")
    await ana.go_to("general")
    await expect(ana.composer).to_have_value("half a thought")
    assert _texts(sandbox) == []


async def test_the_first_time_hint_ticks_what_was_tried_and_goes_away(open_page: OpenPage, sandbox: Sandbox) -> None:
    ana = await open_page("ana")
    hint = ana.page.locator(".hint-card")
    await hint.get_by_role("button", name="Post a fact").click()
    await ana.composer.press("Enter")
    await until(lambda: _texts(sandbox))
    await expect(hint.locator("li.done")).to_have_count(1)
    await expect(hint.locator("li.done")).to_contain_text("Post a fact")
    await hint.get_by_role("button", name="Dismiss these hints").click()
    await expect(hint).to_have_count(0)
    await ana.page.reload()
    await expect(ana.composer).to_be_visible()
    await expect(hint).to_have_count(0)
