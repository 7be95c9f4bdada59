"""`/api/<method>`: reads the call, checks the token and the switches, and answers as Slack does."""

import asyncio
import inspect
import json
import time

from aiohttp import web

from bot.sandbox.context import Context
from bot.sandbox.faults import ApiCall, Fault
from bot.sandbox.model import Payload, Person
from bot.sandbox.web_api import METHODS, Arguments, Call, Method, TokenKind
from bot.sandbox.workspace import PERSON_TOKEN_PREFIX, SlackError


class ApiRoute:
    """The one handler of every Web API method."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answers one call; refusals are HTTP 200 with `ok: false`, as in Slack."""
        name = request.match_info["method"]
        try:
            arguments, token = await _read(request)
        except SlackError as error:
            return web.json_response({"ok": False, "error": error.error})
        entry = ApiCall(name, None, arguments.values, time.time())
        self._context.faults.calls.append(entry)
        fault = self._context.faults.next_for(name)
        if fault is not None and (refusal := await _suffer(fault, request)) is not None:
            entry.status = refusal.status
            if refusal.content_type == "application/json":
                entry.answer = _outcome(json.loads(refusal.text or "{}"))
            return refusal
        try:
            kind, caller = authenticate(self._context, token)
            entry.caller = caller.id
            answer: Payload = {"ok": True} | await self._call(name, kind, caller, arguments)
        except SlackError as error:
            answer = {"ok": False, "error": error.error, **error.details}
        entry.answer = _outcome(answer)
        scopes = ",".join(sorted(self._context.manifest.scopes or ()))
        return web.json_response(answer, headers={"X-OAuth-Scopes": scopes})

    async def _call(self, name: str, kind: TokenKind, caller: Person, arguments: Arguments) -> Payload:
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        _require_token_kind(method, kind)
        call = Call(self._context, kind, caller, arguments)
        if method.scope is not None:
            call.need_scope(method.scope)
        answer = method.handler(call)
        return await answer if inspect.isawaitable(answer) else answer


def authenticate(context: Context, token: str) -> tuple[TokenKind, Person]:
    """Whose token this is.

    Raises SlackError ``not_authed``, ``invalid_auth``, ``account_inactive`` or ``token_revoked``.
    """
    workspace = context.workspace
    if not token:
        raise SlackError("not_authed")
    if token == context.options.app_token:
        return "app", workspace.bot
    if token == context.options.bot_token:
        if not workspace.app.installed:
            raise SlackError("token_revoked")
        return "bot", workspace.bot
    person = workspace.people.get(token.removeprefix(PERSON_TOKEN_PREFIX))
    if not token.startswith(PERSON_TOKEN_PREFIX) or person is None or person.is_bot:
        raise SlackError("invalid_auth")
    if person.deleted:
        raise SlackError("account_inactive")
    return "person", person


def bearer_token(request: web.Request) -> str:
    """The token of the Authorization header, or an empty text."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _require_token_kind(method: Method, kind: TokenKind) -> None:
    if kind not in method.tokens:
        raise SlackError("not_allowed_token_type")


def _outcome(answer: Payload) -> Payload:
    return {key: answer[key] for key in ("ok", "error", "needed", "channel", "ts", "file_id") if key in answer}


async def _read(request: web.Request) -> tuple[Arguments, str]:
    """The arguments without the token, and the token. Raises SlackError ``invalid_json`` and the like."""
    values: Payload = dict(request.query)
    if request.method == "POST" and request.can_read_body:
        if request.content_type == "application/json":
            try:
                body = json.loads(await request.text())
            except json.JSONDecodeError:
                raise SlackError("invalid_json") from None
            if not isinstance(body, dict):
                raise SlackError("json_not_object")
            values |= body
        else:
            form = await request.post()
            values |= {key: value for key, value in form.items() if isinstance(value, str)}
    token = values.pop("token", None)
    return Arguments(values), bearer_token(request) or (token if isinstance(token, str) else "")


async def _suffer(fault: Fault, request: web.Request) -> web.Response | None:
    """What the fault makes of the call; None lets it go on."""
    match fault.kind:
        case "rate_limit":
            headers = {"Retry-After": str(fault.retry_after)}
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
        case "status":
            return web.Response(text="upstream failure", status=fault.status)
        case "error":
            return web.json_response({"ok": False, "error": fault.error})
        case "drop":
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        case "delay":
            await asyncio.sleep(fault.seconds)
    return None
