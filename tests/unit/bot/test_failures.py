"""Slack's word for a failure, whatever answered in its place."""

from types import SimpleNamespace

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.failures import PASSING, describe, slack_error


def answer(data: object, status: int = 200) -> AsyncSlackResponse:
    return AsyncSlackResponse(
        client=AsyncWebClient(),
        http_verb="POST",
        api_url="conversations.history",
        req_args={},
        data=data,  # type: ignore[arg-type]  # the client passes on what it was given
        headers={},
        status_code=status,
    )


def test_slack_says_it_itself() -> None:
    assert slack_error(SlackApiError("", answer({"ok": False, "error": "not_in_channel"}))) == "not_in_channel"
    assert slack_error(SlackApiError("", {"ok": False, "error": "ratelimited"})) == "ratelimited"


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(answer("upstream failure", 503), id="a line of text"),
        pytest.param(answer({}, 502), id="a page"),
        pytest.param(answer({"error": "no healthy upstream"}, 503), id="an object that is not Slack's"),
        pytest.param(SimpleNamespace(status=503), id="JSON that breaks off"),  # the HTTP client's own response
    ],
)
def test_what_is_in_front_of_slack_says_it_in_its_place(response: object) -> None:
    error = SlackApiError("the answer said …", response)  # type: ignore[arg-type]
    assert slack_error(error) in PASSING
    assert describe(error) == "Slack answered service_unavailable"
