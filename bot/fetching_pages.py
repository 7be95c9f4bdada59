"""Fetching web pages that people name, without being led to what only this machine or its network can reach."""

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from types import TracebackType
from typing import Self
from urllib.parse import SplitResult, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from bot.blobs import CHUNK, Blobs
from bot.redirects import EndlessRedirects, opened
from core.errors import DamagedFile, NotAllowed, Unavailable
from core.records.files import SharedFile
from core.settings import Settings

log = logging.getLogger(__name__)

TOTAL_S = 60.0
"""How long one page may take, redirects included."""
_SILENCE_S = 20.0
_HEADERS = {"User-Agent": "Journeyman", "Accept": "text/html, application/pdf, text/*;q=0.9, */*;q=0.5"}
_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

IsOwn = Callable[[str, int], bool]
"""Whether a host and port are the workspace's own, or named in the settings."""


class PageFetching:
    """Fetches into the blob folder. Only public addresses, the workspace's own host and PAGE_HOSTS; no token."""

    def __init__(self, settings: Settings) -> None:
        self._blobs = Blobs(settings)
        own = urlsplit(settings.slack_api_url)
        self._own = settings.readable_hosts | {(own.hostname or "", port_of(own))}
        self._life = AsyncExitStack()

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(resolver=GuardedResolver(self._is_own))
        session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
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
        try:
            async with (
                asyncio.timeout(TOTAL_S),
                opened(self._session, page.download_url, partial(self._headers_for, page), _SILENCE_S) as response,
            ):
                _check_status(response.status, page)
                return await self._blobs.save(page, response.content.iter_chunked(CHUNK))
        except EndlessRedirects as error:
            raise DamagedFile(
                f"{page.name} sends me from one address to the next without end. Name the last one itself."
            ) from error
        except ValueError as error:  # what aiohttp, the resolver and urljoin raise for what is no address
            raise DamagedFile(
                f"{page.name} has an address that I cannot read, or leads to one. Copy it from your browser."
            ) from error
        except (TimeoutError, aiohttp.ClientError) as error:
            log.info("Fetching a page broke off: %s", type(error).__name__)
            raise Unavailable(f"{page.name} does not answer. Check the address; I try again in a while.") from error

    def _headers_for(self, page: SharedFile, address: str) -> Mapping[str, str]:
        """Looks at the address alone; names are checked by the resolver, at the moment of connecting.

        Raises NotAllowed, and ValueError when it is no address.
        """
        parts = urlsplit(address)
        port = port_of(parts)
        if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None:
            raise NotAllowed(f"{page.name} leads to an address that I do not open: only http and https pages.")
        if not self._is_own(parts.hostname, port) and not may_be_public(parts.hostname):
            raise NotAllowed(not_public(page.name))
        return _HEADERS

    def _is_own(self, host: str, port: int) -> bool:
        return (host.casefold(), port) in self._own


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
