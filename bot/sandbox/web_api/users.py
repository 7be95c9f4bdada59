"""users.* and usergroups.*."""

import time

from bot.sandbox.model import Payload
from bot.sandbox.payloads import shown_person
from bot.sandbox.web_api.paging import page_of
from bot.sandbox.web_api.registry import Call, method
from bot.sandbox.workspace import SlackError


@method("users.list", scope="users:read")
def users_list(call: Call) -> Payload:
    """Everybody in the workspace, the bot included."""
    people = list(call.workspace.people.values())
    page, metadata = page_of(people, call.arguments, lambda person: person.id, default=1000)
    members = [shown_person(call.workspace, person) for person in page]
    return {"members": members, "cache_ts": int(time.time()), "response_metadata": metadata}


@method("users.info", scope="users:read")
def users_info(call: Call) -> Payload:
    """One person. Refuses with ``user_not_found``."""
    person = call.workspace.person(call.arguments.required("user"))
    return {"user": shown_person(call.workspace, person)}


@method("usergroups.list", scope="usergroups:read")
def usergroups_list(call: Call) -> Payload:
    """Every user group, known by its id alone."""
    groups = call.workspace.user_groups.items()
    return {"usergroups": [{"id": group_id, "user_count": len(people)} for group_id, people in groups]}


@method("usergroups.users.list", scope="usergroups:read")
def usergroups_users_list(call: Call) -> Payload:
    """Who is in a user group. Refuses with ``no_such_subteam``."""
    try:
        return {"users": list(call.workspace.user_groups[call.arguments.required("usergroup")])}
    except KeyError:
        raise SlackError("no_such_subteam") from None
