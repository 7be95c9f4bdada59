"""`/hooks/response/<secret>`: where an app answers an interaction later."""

import json

from aiohttp import web

from bot.sandbox.context import Context
from bot.sandbox.workspace import SlackError

_GONE = ("expired_url", "used_url")


class HookRoutes:
    """Handlers for what apps post to the addresses they were given."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def respond(self, request: web.Request) -> web.Response:
        """Answers `ok`, 404 when the address is used up or too old, 400 when the message is not acceptable."""
        try:
            body = json.loads(await request.text())
        except json.JSONDecodeError:
            return web.Response(text="invalid_payload", status=400)
        if not isinstance(body, dict):
            return web.Response(text="invalid_payload", status=400)
        try:
            self._context.response_urls.use(request.match_info["secret"], body)
        except SlackError as error:
            status = 404 if error.error in _GONE else 400
            return web.json_response({"ok": False, "error": error.error}, status=status)
        return web.Response(text="ok")
