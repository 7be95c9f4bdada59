"""What can go wrong with a request to Slack, and errors as the log may hold them: never what somebody wrote."""

import asyncio
import traceback
from http import HTTPStatus

import aiohttp
from slack_sdk.errors import SlackApiError

from core.errors import JourneymanError

TRANSIENT = (aiohttp.ClientError, asyncio.TimeoutError)
"""No answer came; whether the request was carried out is not known."""

PASSING = frozenset(("ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"))
"""Slack's words for trouble of its own: the same call may succeed in a while."""

BAD_TOKEN = frozenset(
    ("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type")
)
"""Slack's words for a token that it does not take, or takes no more."""
_NO_WORD = "service_unavailable"


def slack_error(error: SlackApiError) -> str:
    """Slack's own word for what went wrong, such as `channel_not_found`.

    `service_unavailable` where there is none: a server in front of Slack answered, with a page or a line of its own.
    """
    answer = error.response
    status, data = getattr(answer, "status_code", 200), getattr(answer, "data", answer)
    word = data.get("error") if isinstance(data, dict) and status < HTTPStatus.INTERNAL_SERVER_ERROR else None
    return str(word or _NO_WORD)


def describe(error: BaseException) -> str:
    """The kind of error and the places in the code that it came through.

    Messages of foreign errors are left out: a database's, for instance, holds the values of the statement.
    """
    if isinstance(error, JourneymanError):
        return f"{type(error).__name__}: {error.sentence}"
    if isinstance(error, SlackApiError):
        return f"Slack answered {slack_error(error)}"
    places = [f"{place.filename}:{place.lineno}" for place in traceback.extract_tb(error.__traceback__)[-4:]]
    return f"{type(error).__name__} at {' < '.join(reversed(places))}"
