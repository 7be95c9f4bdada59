"""Files: shared and deleted. Their bytes are fetched later (bot/chores.py)."""

from bot.parts import Parts
from core.knowledge.hearing import hear_file, hear_file_changed, hear_file_deleted
from core.knowledge.slack_files import heard_file, is_edited_in_slack
from core.knowledge.slack_payloads import Payload


async def on_file_shared(parts: Parts, event: Payload, body: Payload) -> None:
    """A file was posted somewhere."""
    described = await parts.workspace.file(event["file_id"])
    file = await parts.workspace.heard_file(described) if described else None
    if described is None or file is None or event.get("user_id") == parts.me.bot_user_id:
        return
    channel = await parts.workspace.know_channel(
        event["channel_id"], shared_outside=bool(body.get("is_ext_shared_channel"))
    )
    message_ts = _posted_with(described, channel.id)
    told = (parts.record, parts.me.workspace_id, channel.id, channel.kind, file, message_ts)
    await parts.bridge.run(hear_file, *told)


async def on_file_changed(parts: Parts, event: Payload, _body: Payload) -> None:
    """A canvas, post or snippet was edited: it is fetched again."""
    described = await parts.workspace.file(event["file_id"])
    if described is None or not is_edited_in_slack(described):
        return
    if file := heard_file(described):
        await parts.bridge.run(hear_file_changed, parts.record, parts.me.workspace_id, file)


async def on_file_deleted(parts: Parts, event: Payload, _body: Payload) -> None:
    """A file is gone."""
    await parts.bridge.run(hear_file_deleted, parts.record, parts.me.workspace_id, event["file_id"])


def _posted_with(file: Payload, channel_id: str) -> str:
    """The ts of the message that brought the file into the channel."""
    for places in (file.get("shares") or {}).values():
        for place in places.get(channel_id, ()):
            return str(place.get("ts") or "")
    return ""


EVENTS = {"file_shared": on_file_shared, "file_change": on_file_changed, "file_deleted": on_file_deleted}
