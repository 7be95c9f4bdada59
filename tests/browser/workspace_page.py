"""The page as a person uses it: words for what they see and do."""

from playwright.async_api import Locator, Page, expect


class WorkspacePage:
    """One tab, acting as one person."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.channel = page.locator(".channel-pane")
        self.thread = page.locator(".thread-pane")
        self.dialog = page.locator("dialog[open]")
        self.toasts = page.locator(".toast")
        self.composer = self.channel.locator(".composer-text")
        self.suggestions = page.locator(".suggestion")

    async def ready(self) -> None:
        """Waits until a conversation, the App Home or a file is in view."""
        await self.page.locator(".pane").first.wait_for()

    def message(self, text: str) -> Locator:
        """The message in the main column that holds this text."""
        return self.channel.locator(".message").filter(has_text=text)

    def reply(self, text: str) -> Locator:
        return self.thread.locator(".message").filter(has_text=text)

    def row(self, name: str) -> Locator:
        """The row of the sidebar with exactly this name."""
        exact = self.page.locator(".row-name").get_by_text(name, exact=True)
        return self.page.locator(".row").filter(has=exact)

    async def say(self, text: str) -> None:
        await self.composer.fill(text)
        await self.page.keyboard.press("Escape")  # closes suggestions that the text may have opened
        await self.composer.press("Enter")
        await expect(self.composer).to_have_value("")

    async def go_to(self, name: str) -> None:
        await self.row(name).first.click()
        await expect(self.row(name).first).to_have_attribute("aria-current", "page")

    async def use_tool(self, message: Locator, label: str) -> None:
        """Presses one button of the toolbar that a message shows under the pointer."""
        await message.hover()
        await message.get_by_role("button", name=label, exact=True).click()

    async def choose(self, message: Locator, item: str) -> None:
        """Picks an entry of a message's “More actions”."""
        await self.use_tool(message, "More actions")
        await self.page.get_by_role("menuitem", name=item).click()

    async def unharmed(self) -> bool:
        """Whether no text has become a script or an element of the page."""
        injected = (
            "() => window.harmed === undefined && !document.querySelector('img[src=x], b.injected, script:not([src])')"
        )
        return bool(await self.page.evaluate(injected))
