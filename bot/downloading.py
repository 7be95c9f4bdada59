"""Fetching a shared file's bytes: only from Slack, never more than allowed, and never a login page in its place."""

import asyncio
import logging
from urllib.parse import urlsplit

import aiohttp

from bot.blobs import CHUNK, Blobs
from bot.redirects import EndlessRedirects, opened
from core.errors import DamagedFile, NotAllowed, Unavailable
from core.records.files import SharedFile
from core.settings import Settings

log = logging.getLogger(__name__)

_TRIES = 3
_SILENCE_S = 60
_WEB_PAGES = ("text/html", "application/xhtml+xml")


class Downloading:
    """Downloads into the blob folder."""

    def __init__(self, settings: Settings, session: aiohttp.ClientSession) -> None:
        self._blobs = Blobs(settings)
        self._token = settings.slack_bot_token
        self._own_address = urlsplit(settings.slack_api_url)
        self._session = session

    async def fetch(self, file: SharedFile) -> str:
        """Store the file's bytes; returns their path in the blob folder.

        Raises FileTooLarge, DamagedFile and NotAllowed, which stay true, and Unavailable, which may pass.
        """
        if not self._is_ours(file.download_url):
            # An export may name any address, also one that only this machine can reach.
            raise NotAllowed(f"{file.name} does not lie in Slack, so I did not fetch it. Upload it here instead.")
        self._blobs.check_size(file, file.size)
        for attempt in range(1, _TRIES + 1):
            try:
                return await self._fetch_once(file)
            except (EndlessRedirects, ValueError) as error:
                raise DamagedFile(f"{file.name} could not be fetched: Slack's address for it leads nowhere.") from error
            except (TimeoutError, aiohttp.ClientError) as error:
                log.info("Fetching a file broke off (%s), try %d.", type(error).__name__, attempt)
                await asyncio.sleep(attempt if attempt < _TRIES else 0)
        raise Unavailable(f"{file.name} could not be fetched from Slack. I try again in a while.")

    async def _fetch_once(self, file: SharedFile) -> str:
        async with opened(self._session, file.download_url, self._headers_for, _SILENCE_S) as response:
            self._check(response, file)
            return await self._blobs.save(file, response.content.iter_chunked(CHUNK))

    def _headers_for(self, address: str) -> dict[str, str]:
        """The token goes to Slack, or the configured server, and to nobody else."""
        if not self._is_ours(address):
            return {}
        return {"Authorization": f"Bearer {self._token.get_secret_value()}"}

    def _is_ours(self, address: str) -> bool:
        own = self._own_address
        try:
            asked = urlsplit(address)
            if (asked.scheme, asked.hostname, asked.port) == (own.scheme, own.hostname, own.port):
                return True
        except ValueError:  # it is no address at all
            return False
        # files.slack.com for slack.com, and the same for its other domains.
        return asked.scheme == own.scheme == "https" and (asked.hostname or "").endswith(f".{own.hostname}")

    def _check(self, response: aiohttp.ClientResponse, file: SharedFile) -> None:
        if response.status in (404, 410):
            raise DamagedFile(f"{file.name} is not in Slack any more.")
        if response.status in (401, 403):
            raise _no_access(file)
        if response.status != 200:
            raise aiohttp.ClientPayloadError(f"status {response.status}")
        is_page = response.content_type in _WEB_PAGES
        if is_page and file.mimetype not in _WEB_PAGES and not file.name.lower().endswith((".html", ".htm", ".xhtml")):
            raise _no_access(file)
        self._blobs.check_size(file, response.content_length or 0)


def _no_access(file: SharedFile) -> NotAllowed:
    return NotAllowed(
        f"Slack did not let me read {file.name}: it showed a login page instead. An admin can reinstall the app with"
        " the scope `files:read`; share it again then."
    )
