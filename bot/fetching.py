"""The bytes of whatever was shared, each kind fetched in its own way."""

from bot.downloading import Downloading
from bot.fetching_canvases import CanvasFetching, is_canvas
from bot.fetching_pages import PageFetching
from core.knowledge.pages import is_page
from core.records.files import SharedFile


class Fetching:
    """Files of Slack's, canvases, and pages of the web."""

    def __init__(self, files: Downloading, canvases: CanvasFetching, pages: PageFetching) -> None:
        self._files = files
        self._canvases = canvases
        self._pages = pages

    async def fetch(self, file: SharedFile) -> str:
        """Store the bytes; returns their path in the blob folder.

        Raises FileTooLarge, DamagedFile and NotAllowed, which stay true, and Unavailable, which may pass.
        """
        if is_page(file):
            return await self._pages.fetch(file)
        return await (self._canvases.fetch(file) if is_canvas(file) else self._files.fetch(file))
