"""The page's own addresses: what a Slack client does and the Web API cannot."""

import inspect
import json
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.api_route import authenticate, bearer_token
from bot.sandbox.context import Context
from bot.sandbox.model import Payload, Person
from bot.sandbox.workspace import SlackError

Act = Callable[[Person, Payload], Awaitable[Payload] | Payload]


class PageRoutes:
    """Handlers of `/page/…`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [
            web.get("/page/boot", self.boot),
            web.get("/page/socket", self.socket),
            web.get("/page/home", self.current_home),
            web.post("/page/home", self._as_person(self._open_home)),
            web.post("/page/command", self._as_person(self._command)),
            web.post("/page/action", self._as_person(self._action)),
            web.post("/page/shortcut", self._as_person(self._shortcut)),
            web.post("/page/view_submission", self._as_person(self._submit_view)),
            web.post("/page/view_closed", self._as_person(self._close_view)),
        ]

    async def boot(self, _request: web.Request) -> web.Response:
        """Whom one may act as, and what the bot offers."""
        workspace, manifest = self._context.workspace, self._context.manifest
        people = [
            {
                "id": person.id,
                "name": person.name,
                "real_name": person.real_name,
                "title": person.title,
                "is_admin": person.is_admin,
                "is_guest": person.is_guest,
                "color": person.color,
                "token": workspace.token_of(person.id),
            }
            for person in workspace.people.values()
            if not person.is_bot and not person.deleted
        ]
        bot = {"user_id": workspace.bot.id, "name": workspace.bot.name, "app_id": workspace.app.id}
        answer = {
            "team": {"id": workspace.team.id, "name": workspace.team.name},
            "people": people,
            "bot": bot,
            "commands": list(manifest.commands),
            "shortcuts": [each for each in manifest.shortcuts if each["type"] == "message"],
        }
        return web.json_response(answer)

    async def socket(self, request: web.Request) -> web.StreamResponse:
        """The person's own stream of changes; 401 without their token."""
        try:
            person = self._person(request.query.get("token", ""))
        except SlackError as error:
            return web.json_response({"ok": False, "error": error.error}, status=401)
        return await self._context.hub.accept(request, person.id)

    async def current_home(self, request: web.Request) -> web.Response:
        """The App Home published for this person, or null."""
        try:
            person = self._person(bearer_token(request))
        except SlackError as error:
            return web.json_response({"ok": False, "error": error.error}, status=401)
        return web.json_response(self._context.workspace.homes.get(person.id))

    def _open_home(self, person: Person, body: Payload) -> Payload:
        self._context.interactivity.open_home(person.id, str(body.get("tab", "home")))
        return {}

    async def _command(self, person: Person, body: Payload) -> Payload:
        if body.get("thread_ts"):
            # Slack does not run slash commands of apps in threads either.
            raise SlackError("not_supported_in_threads")
        text = str(body.get("text") or "")
        await self._context.interactivity.command(person.id, body["channel_id"], body["command"], text)
        return {}

    async def _action(self, person: Person, body: Payload) -> Payload:
        interactivity, state = self._context.interactivity, body.get("state") or {}
        if body.get("view_id"):
            await interactivity.view_action(person.id, body["view_id"], body["action"], state)
        else:
            place = (body["channel_id"], body["message_ts"])
            await interactivity.message_action(person.id, *place, body["action"], state)
        return {}

    async def _shortcut(self, person: Person, body: Payload) -> Payload:
        place = (body["channel_id"], body["message_ts"])
        await self._context.interactivity.shortcut(person.id, body["callback_id"], *place)
        return {}

    async def _submit_view(self, person: Person, body: Payload) -> Payload:
        return await self._context.interactivity.submit(person.id, body["view_id"], body["state"])

    async def _close_view(self, person: Person, body: Payload) -> Payload:
        await self._context.interactivity.close(person.id, body["view_id"])
        return {}

    def _as_person(self, act: Act) -> Handler:
        """A handler that runs `act` for the person whose token came along, and words refusals as Slack does."""

        async def handle(request: web.Request) -> web.Response:
            try:
                person = self._person(bearer_token(request))
                body = json.loads(await request.text() or "{}")
                if not isinstance(body, dict):
                    raise SlackError("json_not_object")
                answer = act(person, body)
                return web.json_response({"ok": True} | (await answer if inspect.isawaitable(answer) else answer))
            except SlackError as error:
                return web.json_response({"ok": False, "error": error.error, **error.details})
            except json.JSONDecodeError:
                return web.json_response({"ok": False, "error": "invalid_json"})
            except KeyError as error:
                return web.json_response({"ok": False, "error": "invalid_arguments", "missing": error.args[0]})

        return handle

    def _person(self, token: str) -> Person:
        kind, person = authenticate(self._context, token)
        if kind != "person":
            raise SlackError("not_allowed_token_type")
        return person
