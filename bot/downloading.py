"""Fetching a shared file's bytes: only from Slack, never more than allowed, and never a login page in its place."""

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

import aiohttp

from core.errors import DamagedFile, FileTooLarge, NotAllowed, Unavailable, UnreadableFile
from core.records.files import SharedFile
from core.settings import Settings

log = logging.getLogger(__name__)

_CHUNK = 256 * 1024
_TRIES = 3
_SILENCE_S = 60
_MOVED = (301, 302, 303, 307, 308)
_MOST_MOVES = 5
_WEB_PAGES = ("text/html", "application/xhtml+xml")
_MEGABYTE = 1024 * 1024


class Downloading:
    """Downloads into the blob folder."""

    def __init__(self, settings: Settings, session: aiohttp.ClientSession) -> None:
        self._folder = settings.blobs_dir
        self._limit = settings.file_max_mb * _MEGABYTE
        self._limit_mb = settings.file_max_mb
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
        if file.size > self._limit:
            raise self._too_large(file)
        blob = f"{file.workspace_id}/{file.id}"
        target = self._folder / blob
        target.parent.mkdir(parents=True, exist_ok=True)
        for attempt in range(1, _TRIES + 1):
            part = target.with_name(f"{target.name}.{uuid4().hex}.part")
            try:
                await self._fetch_into(part, file)
                await asyncio.to_thread(os.replace, part, target)
                return blob
            except (TimeoutError, aiohttp.ClientError) as error:
                log.info("Fetching a file broke off (%s), try %d.", type(error).__name__, attempt)
                await asyncio.sleep(attempt if attempt < _TRIES else 0)
            finally:
                part.unlink(missing_ok=True)
        raise Unavailable(f"{file.name} could not be fetched from Slack. I try again in a while.")

    async def _fetch_into(self, part: Path, file: SharedFile) -> None:
        address = file.download_url
        for _ in range(_MOST_MOVES):
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=_SILENCE_S, sock_read=_SILENCE_S)
            async with self._session.get(
                address, headers=self._headers_for(address), timeout=timeout, allow_redirects=False
            ) as response:
                if response.status in _MOVED:
                    address = urljoin(address, response.headers.get("Location", ""))
                    continue
                self._check(response, file)
                await self._save(response, part, file)
                return
        raise DamagedFile(f"{file.name} could not be fetched: Slack's address for it leads nowhere.")

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
        if (response.content_length or 0) > self._limit:
            raise self._too_large(file)

    async def _save(self, response: aiohttp.ClientResponse, part: Path, file: SharedFile) -> None:
        received = 0
        with part.open("wb") as target:
            write: Callable[[bytes], int] = target.write
            async for chunk in response.content.iter_chunked(_CHUNK):
                received += len(chunk)
                if received > self._limit:
                    raise self._too_large(file)
                await asyncio.to_thread(write, chunk)
            await asyncio.to_thread(_flush_to_disk, target.fileno(), target.flush)

    def _too_large(self, file: SharedFile) -> UnreadableFile:
        return FileTooLarge(
            f"{file.name} is larger than {self._limit_mb} MB, so I did not read it. Share a smaller file or part of it."
        )


def _flush_to_disk(descriptor: int, flush: Callable[[], None]) -> None:
    flush()
    os.fsync(descriptor)


def _no_access(file: SharedFile) -> NotAllowed:
    return NotAllowed(
        f"Slack did not let me read {file.name}: it showed a login page instead. An admin can reinstall the app with"
        " the scope `files:read`; share it again then."
    )
