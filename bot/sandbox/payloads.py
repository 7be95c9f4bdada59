"""How Slack shows people, conversations and teams in answers and events."""

from bot.sandbox.model import Channel, Payload, Person
from bot.sandbox.workspace import Workspace


def shown_person(workspace: Workspace, person: Person) -> Payload:
    """Slack's user object."""
    profile: Payload = {
        "title": person.title,
        "real_name": person.real_name,
        "real_name_normalized": person.real_name,
        # Nobody here chose another name, and the page shows people by their real one.
        "display_name": "",
        "display_name_normalized": "",
        "status_text": "",
        "status_emoji": "",
        "team": workspace.team.id,
    }
    if person.is_bot:
        profile |= {"api_app_id": workspace.app.id, "bot_id": workspace.app.bot_id, "always_active": True}
    else:
        profile["email"] = f"{person.name}@{workspace.team.domain}.example"
    return {
        "id": person.id,
        "team_id": workspace.team.id,
        "name": person.name,
        "deleted": person.deleted,
        "color": person.color,
        "real_name": person.real_name,
        "tz": "Etc/UTC",
        "tz_label": "Coordinated Universal Time",
        "tz_offset": 0,
        "profile": profile,
        "is_admin": person.is_admin,
        "is_owner": person.is_admin,
        "is_primary_owner": False,
        "is_restricted": person.is_guest,
        "is_ultra_restricted": False,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "is_email_confirmed": not person.is_bot,
        "updated": person.updated,
    }


def shown_channel(workspace: Workspace, channel: Channel, viewer_id: str) -> Payload:
    """Slack's conversation object, as `viewer_id` sees it."""
    payload: Payload = {
        "id": channel.id,
        "created": channel.created,
        "creator": channel.creator,
        "is_archived": channel.is_archived,
        "is_im": channel.kind == "im",
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.kind != "public",
        "is_ext_shared": channel.is_ext_shared,
        "is_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "context_team_id": workspace.team.id,
        "updated": channel.created * 1000,
    }
    if channel.kind == "im":
        others = [member for member in channel.members if member != viewer_id]
        other_id = others[0] if others else viewer_id
        user_deleted = workspace.people[other_id].deleted
        return payload | {"user": other_id, "is_user_deleted": user_deleted, "is_open": True, "priority": 0}
    return payload | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": channel.kind == "public",
        "is_group": channel.kind == "private",
        "is_general": channel.is_general,
        "is_member": viewer_id in channel.members,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "unlinked": 0,
        "num_members": len(channel.members),
        "topic": {"value": channel.topic, "creator": channel.creator if channel.topic else "", "last_set": 0},
        "purpose": {"value": channel.purpose, "creator": "", "last_set": 0},
        "previous_names": [],
        "shared_team_ids": [workspace.team.id],
    }


def shown_team(workspace: Workspace) -> Payload:
    """Slack's team object."""
    team = workspace.team
    return {
        "id": team.id,
        "name": team.name,
        "domain": team.domain,
        "url": f"{workspace.url}/",
        "email_domain": "",
        "icon": {"image_default": True},
        "is_verified": False,
    }
