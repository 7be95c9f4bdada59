"""auth.*, api.*, apps.*, bots.* and team.*: who is calling, and the way into Socket Mode."""

from bot.sandbox.model import Payload
from bot.sandbox.payloads import shown_team
from bot.sandbox.web_api.registry import Call, method
from bot.sandbox.workspace import SlackError


@method("api.test", tokens=("bot", "person", "app"))
def api_test(call: Call) -> Payload:
    """Answers with what it was given."""
    return {"args": call.arguments.values}


@method("auth.test")
def auth_test(call: Call) -> Payload:
    """Tells who the token is."""
    workspace = call.workspace
    answer: Payload = {
        "url": f"{workspace.url}/",
        "team": workspace.team.name,
        "user": call.caller.name,
        "team_id": workspace.team.id,
        "user_id": call.caller.id,
        "is_enterprise_install": False,
    }
    if call.kind == "bot":
        answer["bot_id"] = workspace.app.bot_id
    return answer


@method("apps.connections.open", tokens=("app",))
def connections_open(call: Call) -> Payload:
    """Hands out the address of a socket."""
    socket_url = call.workspace.url.replace("http", "ws", 1)
    return {"url": f"{socket_url}/socket?ticket={call.context.socket_mode.new_ticket()}"}


@method("bots.info", scope="users:read")
def bots_info(call: Call) -> Payload:
    """The app's bot. Refuses with ``bot_not_found``."""
    workspace = call.workspace
    if call.arguments.text("bot", workspace.app.bot_id) != workspace.app.bot_id:
        raise SlackError("bot_not_found")
    bot = workspace.bot
    shown = {
        "id": workspace.app.bot_id,
        "deleted": bot.deleted,
        "name": bot.real_name,
        "updated": bot.updated,
        "app_id": workspace.app.id,
        "user_id": bot.id,
        "icons": {},
    }
    return {"bot": shown}


@method("team.info", scope="team:read")
def team_info(call: Call) -> Payload:
    """The workspace."""
    return {"team": shown_team(call.workspace)}
