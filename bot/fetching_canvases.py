"""Fetching a canvas: Slack gives its words as Markdown, which a download would not."""

from collections.abc import AsyncIterator

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.blobs import Blobs
from bot.failures import TRANSIENT, slack_error
from core.errors import DamagedFile, NotAllowed, Unavailable
from core.knowledge.slack_files import CANVAS_TYPE
from core.records.files import SharedFile
from core.settings import Settings

_GONE = ("canvas_not_found", "file_not_found", "canvas_deleted")
_CLOSED = ("access_denied", "missing_scope", "not_allowed_token_type", "canvas_disabled_user_team", "unknown_method")
_CONTENTS = ("markdown", "content")
"""Where the words stand in the answer."""


class CanvasFetching:
    """Fetches into the blob folder."""

    def __init__(self, settings: Settings, client: AsyncWebClient) -> None:
        self._blobs = Blobs(settings)
        self._client = client

    async def fetch(self, canvas: SharedFile) -> str:
        """Store the canvas's words; returns their path in the blob folder.

        Raises FileTooLarge, DamagedFile and NotAllowed, which stay true, and Unavailable, which may pass.
        """
        try:
            answer = await self._client.canvases_getContent(canvas_id=canvas.id, content_type="markdown")
        except SlackApiError as error:
            word = slack_error(error)
            if word in _GONE:
                raise DamagedFile(f"{canvas.name} is not in Slack any more.") from None
            if word in _CLOSED:
                raise NotAllowed(
                    f"Slack did not let me read {canvas.name}. An admin can reinstall the app with the scope "
                    "`canvases:read`; share it again then."
                ) from None
            raise Unavailable(f"{canvas.name} could not be fetched from Slack. I try again in a while.") from None
        except TRANSIENT:
            raise Unavailable(f"{canvas.name} could not be fetched from Slack. I try again in a while.") from None
        return await self._blobs.save(canvas, _content_of(answer))


def is_canvas(file: SharedFile) -> bool:
    """Whether the file is one of Slack's canvases."""
    return file.mimetype == CANVAS_TYPE


async def _content_of(answer: AsyncSlackResponse) -> AsyncIterator[bytes]:
    yield next((str(answer[name]) for name in _CONTENTS if answer.get(name)), "").encode()
