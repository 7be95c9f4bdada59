"""Whatever people write, upload or are called is shown as text and never becomes part of the page."""

from typing import Any

import pytest
from playwright.async_api import expect

from bot.sandbox.server import Sandbox
from tests.browser.conftest import OpenPage
from tests.slack.sandbox_fixtures import client_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

MARKUP = "<img src=x onerror=window.harmed=1><script>window.harmed=1</script><b class=injected>bold</b>"


async def test_markup_in_a_message_stays_text(open_page: OpenPage) -> None:
    ana, ben = await open_page("ana"), await open_page("ben")
    await ana.say(MARKUP)
    await expect(ben.message("window.harmed")).to_contain_text(MARKUP)
    assert await ana.unharmed()
    assert await ben.unharmed()


@pytest.mark.parametrize(
    "blocks",
    [
        None,
        [{"type": "markdown", "text": MARKUP}],
        [
            {
                "type": "section",
                "text": {"type": "mrkdwn", "text": MARKUP},
                "fields": [{"type": "plain_text", "text": MARKUP}],
            }
        ],
        [{"type": "header", "text": {"type": "plain_text", "text": MARKUP}}],
        [{"type": "table", "rows": [[{"type": "raw_text", "text": MARKUP}], [{"type": "raw_text", "text": MARKUP}]]}],
        [
            {
                "type": "rich_text",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": MARKUP}]}],
            }
        ],
    ],
)
async def test_markup_from_the_bot_stays_text(
    open_page: OpenPage, sandbox: Sandbox, blocks: list[dict[str, Any]] | None
) -> None:
    ana = await open_page("ana")
    await client_of(sandbox).chat_postMessage(channel=sandbox.channel("general").id, text=MARKUP, blocks=blocks)
    await expect(ana.message("onerror").first).to_contain_text("<b class=injected>")
    assert await ana.unharmed()


async def test_markup_in_a_persons_name_stays_text_everywhere(open_page: OpenPage, sandbox: Sandbox) -> None:
    ana = await open_page("ana")
    eve = client_of(sandbox, "eve")
    channel = sandbox.channel("general").id
    posted = await eve.chat_postMessage(channel=channel, text=f"I am <@{sandbox.person('eve').id}>")
    await eve.reactions_add(channel=channel, timestamp=posted["ts"], name="eyes")
    await expect(ana.message("I am").locator(".author")).to_have_text("<img src=x onerror=window.harmed=1>")
    await expect(ana.message("I am").locator(".mention")).to_have_text("@<img src=x onerror=window.harmed=1>")
    await ana.composer.press_sequentially("@<img")
    await ana.page.locator(".switcher").click()
    await expect(ana.page.locator(".people-menu")).to_contain_text("onerror")
    assert await ana.unharmed()


async def test_markup_in_the_name_of_a_file_stays_text(open_page: OpenPage, sandbox: Sandbox) -> None:
    ana = await open_page("ana")
    name = "<img src=x onerror=window.harmed=1>.html"
    page = "<script>parent.harmed = window.harmed = 1; fetch('/page/boot')</script>"
    await client_of(sandbox, "ben").files_upload_v2(channel=sandbox.channel("general").id, filename=name, content=page)
    await expect(ana.channel.locator(".file-name")).to_have_text(name)
    await ana.channel.locator(".file-open").click()
    await expect(ana.dialog.locator("pre")).to_have_text(page)
    assert await ana.unharmed()


async def test_a_drawing_with_a_script_is_shown_as_text(open_page: OpenPage, sandbox: Sandbox) -> None:
    ana = await open_page("ana")
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" onload="window.harmed=1"><script>window.harmed=1</script></svg>'
    channel = sandbox.channel("general").id
    await client_of(sandbox, "ben").files_upload_v2(channel=channel, filename="logo.svg", content=drawing)
    await ana.channel.locator(".file-open").click()
    await expect(ana.dialog.locator("pre")).to_have_text(drawing)
    assert await ana.unharmed()


@pytest.mark.parametrize(
    "address", ["javascript:window.harmed=1", "data:text/html,x", "vbscript:x", "file:///etc/passwd"]
)
async def test_only_web_and_mail_addresses_become_links(open_page: OpenPage, sandbox: Sandbox, address: str) -> None:
    ana = await open_page("ana")
    blocks = [
        {"type": "markdown", "text": f"press [here]({address})"},
        {"type": "section", "text": {"type": "mrkdwn", "text": f"or <{address}|there>"}},
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "link", "url": address, "text": "now"}]}],
        },
        {
            "type": "actions",
            "elements": [
                {"type": "button", "action_id": "b", "url": address, "text": {"type": "plain_text", "text": "Go"}}
            ],
        },
    ]
    await client_of(sandbox).chat_postMessage(channel=sandbox.channel("general").id, text="x", blocks=blocks)
    message = ana.message("press here")
    await message.get_by_role("button", name="Go", exact=True).click()
    await expect(message.locator(".content a")).to_have_count(0)
    assert await ana.unharmed()
    assert len(ana.page.context.pages) == 1


async def test_a_link_elsewhere_opens_without_handing_over_the_page(open_page: OpenPage, sandbox: Sandbox) -> None:
    ana = await open_page("ana")
    foreign = f"https://slack.example/archives/{sandbox.channel('general').id}/p1700000000000100"
    await client_of(sandbox).chat_postMessage(channel=sandbox.channel("general").id, text=f"<{foreign}|[1]>")
    link = ana.channel.locator(".content a")
    await expect(link).to_have_attribute("target", "_blank")
    await expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
