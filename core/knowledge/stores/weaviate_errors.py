"""What goes wrong between us and a Weaviate server: whether to ask again, and a plain sentence for a person."""

import re

import grpc
import httpx
from weaviate.exceptions import (
    AuthenticationFailedError,
    InsufficientPermissionsError,
    UnexpectedStatusCodeError,
    WeaviateBaseError,
    WeaviateClosedClientError,
    WeaviateConnectionError,
    WeaviateQueryError,
    WeaviateRetryError,
    WeaviateStartUpError,
    WeaviateTimeoutError,
)

from core.errors import StoreUnavailable

OLDEST = (1, 30)
"""The oldest server that is spoken to."""

WEIGHT_UNHEARD = (1, 36, 6)
"""The one release to which our client tells how much meaning counts in a field that only the next one knows."""

FOREIGN_ERRORS = (WeaviateBaseError, httpx.HTTPError, grpc.RpcError, grpc.FutureTimeoutError, OSError)
"""What the client raises. OSError comes from starting the embedded server and from its download."""


class NotYet(WeaviateBaseError):
    """The server did not do what it may do in a moment; `sentence` is for when it still does not then."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotWeaviate(WeaviateBaseError):
    """Something answers at the address, and it is something else."""


def passes(error: BaseException) -> bool:
    """Whether the same call may succeed in a moment; every call of ours may be made twice without harm."""
    if isinstance(error, UnexpectedStatusCodeError):
        return error.status_code == 429 or 500 <= error.status_code < 600 or _without_leader(error)
    if isinstance(error, WeaviateQueryError):
        # A node that has not heard of a new tenant, one that still loads it or has too much to do, a replica that
        # restarts: each says so in words of its own.
        return not _timed_out(error) and not _given_up(error)
    if isinstance(error, WeaviateStartUpError):
        return not _of_another_age(error)
    return isinstance(
        error,
        NotYet | WeaviateConnectionError | WeaviateClosedClientError | httpx.TransportError | grpc.FutureTimeoutError,
    )


def is_lost(error: BaseException) -> bool:
    """Whether nobody was there to answer: a new connection is better than the old one then.

    Behind a balancer it leads to another node than the one that hangs.
    """
    said_something = isinstance(error, WeaviateQueryError | NotYet)
    return _given_up(error) or _timed_out(error) or (passes(error) and not said_something)


def translated(error: BaseException, place: str) -> StoreUnavailable:
    """The client's error as a plain sentence that says what to do."""
    status = error.status_code if isinstance(error, UnexpectedStatusCodeError) else None
    if isinstance(error, NotYet):
        sentence = error.sentence
    elif isinstance(error, NotWeaviate):
        sentence = f"What answers at {place} is not Weaviate. Check WEAVIATE_URL."
    elif isinstance(error, AuthenticationFailedError | InsufficientPermissionsError) or status in {401, 403}:
        sentence = (
            "Weaviate refused the key. Check WEAVIATE_API_KEY, and that its user may read and write collections, "
            "tenants, aliases and data."
        )
    elif isinstance(error, grpc.FutureTimeoutError):
        sentence = f"Weaviate at {place} answers, but its gRPC port does not. Check WEAVIATE_GRPC_URL and the firewall."
    elif _timed_out(error):
        sentence = f"Weaviate at {place} took too long to answer. Try again in a minute; if it stays, look at its load."
    elif _of_another_age(error):
        sentence = too_old(place)
    elif _without_leader(error):
        sentence = f"Weaviate at {place} has no leader: too few of its nodes run. Start them, then try again."
    elif status == 422:
        sentence = (
            "Weaviate refused what it was asked to set up. Check that WEAVIATE_REPLICATION is not more than its nodes "
            "and not less than it demands (Weaviate Cloud: often 3), and look at its log."
        )
    elif isinstance(error, OSError):
        sentence = (
            f"Weaviate on {place} could not be downloaded or started. Check the network and the disk, "
            "or set WEAVIATE_URL to a server that runs."
        )
    elif is_lost(error):
        sentence = f"Weaviate at {place} cannot be reached. Check that it runs and WEAVIATE_URL, then try again."
    else:
        sentence = f"Weaviate at {place} could not do what it was asked. Its log says why; then try again."
    return StoreUnavailable(sentence)


def refusal(version: str, place: str) -> str:
    """Why a server of this version is not spoken to; empty if it is."""
    numbers = tuple(int(each) for each in re.findall(r"\d+", version)[:3])
    if numbers < OLDEST:
        return too_old(place)
    if numbers == WEIGHT_UNHEARD:
        return f"Weaviate {version} at {place} would search by words alone. Upgrade it to 1.36.7 or newer."
    return ""


def too_old(place: str) -> str:
    """What to say of a server that is older than we speak to."""
    return f"Weaviate at {place} is too old: {'.'.join(map(str, OLDEST))} or newer is needed. Upgrade it."


def _timed_out(error: BaseException) -> bool:
    if isinstance(error, WeaviateQueryError):
        return "deadline" in str(error).lower()
    return isinstance(error, WeaviateTimeoutError | httpx.TimeoutException)


def _given_up(error: BaseException) -> bool:
    """Whether the client asked the gRPC port again and again, a minute long, and nobody was there."""
    return isinstance(error, WeaviateRetryError) or (isinstance(error, WeaviateQueryError) and "retries" in str(error))


def _without_leader(error: BaseException) -> bool:
    """Whether the cluster chooses a leader, or cannot. It says so with 500 to questions and with 422 to changes."""
    return isinstance(error, UnexpectedStatusCodeError) and "leader" in str(error).lower()


def _of_another_age(error: BaseException) -> bool:
    return isinstance(error, WeaviateStartUpError) and "not supported" in str(error)
