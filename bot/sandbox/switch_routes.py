"""`/test/…`: the switches over HTTP, for tests that run the sandbox as a process of its own.

Each takes a JSON object; the fields and what they do:

- `POST /test/fault` `{method, kind: rate_limit|status|error|delay|drop,
  times?, retry_after?, status?, error?, seconds?}`
- `POST /test/clear_faults`, `POST /test/end_streams`,
  `POST /test/streaming` `{error: "unknown_method"|null, die_after?: n|null}`
- `POST /test/drop_sockets`, `POST /test/disconnect` `{reason?, close_after?}`
- `POST /test/hold_events`, `POST /test/release_events` `{newest_first?}`, `POST /test/lose_acks` `{times}`,
  `POST /test/repeat_events` `{times}`
- `POST /test/downloads` `{login_page?: n, connect_stub?: bool}`, `POST /test/share_channel` `{channel, shared?}`
- `POST /test/add_person` `{name, real_name?, is_admin?, is_guest?}`, `POST /test/change_person`
  `{user, real_name?, is_admin?, is_guest?, deleted?}`, `POST /test/uninstall`
- `GET /test/calls?method=…` and `DELETE /test/calls`: the Web API calls received so far
- `GET /test/state`: sockets connected, events waiting, events given up
"""

import inspect
import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.sandbox.model import Payload
from bot.sandbox.switches import Switches
from bot.sandbox.workspace import SlackError

Switch = Callable[..., Awaitable[object] | object]


class SwitchRoutes:
    """Handlers of `/test/…`."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        switches = self._switches
        posts: dict[str, Switch] = {
            "fault": switches.add_fault,
            "clear_faults": switches.clear_faults,
            "streaming": switches.set_streaming,
            "end_streams": switches.end_streams,
            "drop_sockets": switches.drop_sockets,
            "disconnect": switches.disconnect,
            "hold_events": switches.hold_events,
            "release_events": switches.release_events,
            "lose_acks": switches.lose_acks,
            "repeat_events": switches.repeat_events,
            "downloads": switches.set_downloads,
            "share_channel": switches.share_channel,
            "add_person": switches.add_person,
            "change_person": switches.change_person,
            "set_user_group": switches.set_user_group,
            "uninstall": switches.uninstall,
        }
        return [
            *(web.post(f"/test/{name}", _handler(switch)) for name, switch in posts.items()),
            web.get("/test/calls", self.calls),
            web.delete("/test/calls", self.forget_calls),
            web.get("/test/state", self.state),
        ]

    async def calls(self, request: web.Request) -> web.Response:
        """The calls received, of one method or of all."""
        return web.json_response({"ok": True, "calls": self._switches.calls(request.query.get("method"))})

    async def forget_calls(self, _request: web.Request) -> web.Response:
        """Empties the record."""
        self._switches.forget_calls()
        return web.json_response({"ok": True})

    async def state(self, _request: web.Request) -> web.Response:
        """How delivery stands."""
        return web.json_response({"ok": True} | self._switches.state())


def _handler(switch: Switch) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            fields: Payload = json.loads(await request.text() or "{}")
            inspect.signature(switch).bind(**fields)
            result = switch(**fields)
            outcome = await result if inspect.isawaitable(result) else result
        except SlackError as error:
            return web.json_response({"ok": False, "error": error.error}, status=400)
        except (TypeError, ValueError) as error:
            return web.json_response({"ok": False, "error": "invalid_arguments", "detail": str(error)}, status=400)
        return web.json_response({"ok": True, "result": outcome})

    return handle
