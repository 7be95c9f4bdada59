"""Redirects, followed by hand: each address is looked at before it is opened."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urljoin

import aiohttp

_MOVED = (301, 302, 303, 307, 308)
_MOST_MOVES = 5

HeadersFor = Callable[[str], Mapping[str, str]]
"""What is sent to an address. Raises when it is not to be opened."""


class EndlessRedirects(Exception):
    """One address leads to the next, and that again to another."""


@asynccontextmanager
async def opened(
    session: aiohttp.ClientSession, address: str, headers_for: HeadersFor, silence_s: float
) -> AsyncIterator[aiohttp.ClientResponse]:
    """The answer at the end of the redirects, of any status, still to be read.

    No server on the way may be silent for more than `silence_s` seconds.
    Raises EndlessRedirects, ValueError when one leads to what is no address, and what `headers_for` and aiohttp raise.
    """
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=silence_s, sock_read=silence_s)
    for _ in range(_MOST_MOVES):
        headers = headers_for(address)
        async with session.get(address, headers=headers, timeout=timeout, allow_redirects=False) as response:
            if response.status not in _MOVED:
                yield response
                return
            address = urljoin(address, response.headers.get("Location", ""))
    raise EndlessRedirects
