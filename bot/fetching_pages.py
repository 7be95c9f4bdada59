"""Fetching web pages that people name, without being led to what only this machine or its network can reach."""

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import SplitResult, urljoin, urlsplit
from uuid import uuid4

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from core.errors import DamagedFile, FileTooLarge, NotAllowed, Unavailable
from core.records.files import SharedFile
from core.settings import Settings

log = logging.getLogger(__name__)

TOTAL_S = 60.0
"""How long one page may take, redirects included."""
_SILENCE_S = 20.0
_MOST_MOVES = 5
_MOVED = (301, 302, 303, 307, 308)
_CHUNK = 256 * 1024
_MEGABYTE = 1024 * 1024
_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

_NO_ADDRESS = "{name} has an address that I cannot read, or leads to one. Copy it from your browser."

IsOwn = Callable[[str, int], bool]
"""Whether a host and port are the workspace's own, or named in the settings."""


class PageFetching:
    """Fetches into the blob folder. Only public addresses, the workspace's own host and PAGE_HOSTS; no token."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.blobs_dir
        self._limit_mb = settings.file_max_mb
        own = urlsplit(settings.slack_api_url)
        self._own = settings.readable_hosts | {(own.hostname or "", port_of(own))}
        self._life = AsyncExitStack()

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(resolver=GuardedResolver(self._is_own))
        timeout = aiohttp.ClientTimeout(total=TOTAL_S, sock_connect=_SILENCE_S, sock_read=_SILENCE_S)
        session = aiohttp.ClientSession(
            connector=connector,
            timeout=timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "Journeyman", "Accept": "text/html, application/pdf, text/*;q=0.9, */*;q=0.5"},
        )
        self._session = await self._life.enter_async_context(session)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._life.aclose()

    async def fetch(self, page: SharedFile) -> str:
        """Store the page's bytes; returns their path in the blob folder.

        Raises FileTooLarge, DamagedFile and NotAllowed, which stay true, and Unavailable, which may pass.
        """
        blob = f"{page.workspace_id}/{page.id}"
        target = self._folder / blob
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}.{uuid4().hex}.part")
        try:
            async with asyncio.timeout(TOTAL_S):
                await self._fetch_into(part, page)
            await asyncio.to_thread(part.replace, target)
        except ValueError as error:  # what aiohttp, the resolver and urljoin raise for what is no address
            raise DamagedFile(_NO_ADDRESS.format(name=page.name)) from error
        except (TimeoutError, aiohttp.ClientError) as error:
            log.info("Fetching a page broke off: %s", type(error).__name__)
            raise Unavailable(f"{page.name} does not answer. Check the address; I try again in a while.") from error
        finally:
            part.unlink(missing_ok=True)
        return blob

    async def _fetch_into(self, part: Path, page: SharedFile) -> None:
        address = page.download_url
        for _ in range(_MOST_MOVES):
            self._check_address(address, page)
            async with self._session.get(address, allow_redirects=False) as response:
                if response.status in _MOVED:
                    address = urljoin(address, response.headers.get("Location", ""))
                    continue
                _check_status(response.status, page)
                await self._save(response, part, page)
                return
        raise DamagedFile(f"{page.name} sends me from one address to the next without end. Name the last one itself.")

    def _check_address(self, address: str, page: SharedFile) -> None:
        """What can be told from the address alone; names are checked by the resolver, at the moment of connecting.

        Raises NotAllowed, and ValueError when it is no address.
        """
        parts = urlsplit(address)
        port = port_of(parts)
        if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None:
            raise NotAllowed(f"{page.name} leads to an address that I do not open: only http and https pages.")
        if not self._is_own(parts.hostname, port) and not may_be_public(parts.hostname):
            raise NotAllowed(not_public(page.name))

    def _is_own(self, host: str, port: int) -> bool:
        return (host.casefold(), port) in self._own

    async def _save(self, response: aiohttp.ClientResponse, part: Path, page: SharedFile) -> None:
        received, limit = 0, self._limit_mb * _MEGABYTE
        with part.open("wb") as target:
            write: Callable[[bytes], int] = target.write
            async for chunk in response.content.iter_chunked(_CHUNK):
                received += len(chunk)
                if received > limit:
                    raise FileTooLarge(f"{page.name} is larger than {self._limit_mb} MB, so I did not read it.")
                await asyncio.to_thread(write, chunk)


class GuardedResolver(AbstractResolver):
    """Finds addresses of hosts, and gives only public ones: what it gives is what is connected to."""

    def __init__(self, is_own: IsOwn) -> None:
        self._is_own = is_own
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The host's public addresses. Raises NotAllowed when it has only others."""
        found = await self._resolver.resolve(host, port, family)
        if self._is_own(host, port):
            return found
        public = [each for each in found if is_public(each["host"])]
        if not public:
            raise NotAllowed(not_public(host))
        return public

    async def close(self) -> None:
        """Let go of what it holds."""
        await self._resolver.close()


def port_of(parts: SplitResult) -> int:
    """The port of an address. Raises ValueError when it is no number."""
    return parts.port or _PORTS.get(parts.scheme, 0)


def may_be_public(host: str) -> bool:
    """False for an address in numbers that is not public; a name has to be resolved first."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return is_public(host)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, also where it wraps another one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            wrapped = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_public(str(wrapped))
    return ip.is_global and not ip.is_multicast


def not_public(name: str) -> str:
    """The sentence for an address that only this machine or its network can reach."""
    return (
        f"{name} is not on the public internet, so I do not open it. Upload the document here instead; "
        "or an admin lists its host in `PAGE_HOSTS`."
    )


def _check_status(status: int, page: SharedFile) -> None:
    if status in (404, 410):
        raise DamagedFile(f"{page.name} is not there. Check the address.")
    if status in (401, 402, 403, 407):
        raise NotAllowed(f"{page.name} wants a login, so I cannot read it. Upload the document here instead.")
    if status != 200:
        raise Unavailable(f"{page.name} does not answer as it should (status {status}). I try again in a while.")
