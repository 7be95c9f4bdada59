"""Messages: posted, edited, deleted."""

from bot.converting import made_private, made_public
from bot.listeners.leaving import on_archived
from bot.message_intake import Delivery
from bot.parts import Parts
from bot.telling import tell_privately
from bot.views import notices
from core.knowledge.slack_payloads import Payload, revision_of


async def on_message(parts: Parts, event: Payload, body: Payload) -> None:
    """Any `message` event, by its subtype. What Slack itself says (joins, topics …) is no knowledge."""
    match event.get("subtype"):
        case "message_changed":
            await _changed(parts, event, body)
        case "message_deleted":
            await _deleted(parts, event, event["deleted_ts"], event.get("previous_message") or {})
        case "channel_convert_to_private":
            await made_private(parts, event)
        case "channel_convert_to_public":
            await made_public(parts, event)
        case "channel_archive" | "group_archive":
            await on_archived(parts, event, body)
        case _ if parts.heeding.heeds(event):
            await hear_and_ask(parts, event, body)


async def hear_and_ask(parts: Parts, event: Payload, body: Payload) -> None:
    """Somebody's new message; it is asked about once, though a mention comes as two events."""
    channel = await parts.workspace.know_channel(
        event["channel"],
        event.get("channel_type", ""),
        shared_outside=bool(body.get("is_ext_shared_channel")),
    )
    delivery = Delivery(channel, event, revision=event["ts"])
    question = await parts.intake.hear(delivery)
    if question is not None:
        await parts.asking.ask(question)
    # A mention comes as two events, of which every workspace sends this one.
    elif event["type"] == "message" and await parts.intake.turns_away(delivery):
        await tell_privately(parts.client, channel.id, event["user"], notices.NOT_READ, event.get("thread_ts", ""))


async def _changed(parts: Parts, event: Payload, body: Payload) -> None:
    """An edit. Slack also tells of a deletion in this way, where a thread hangs on the message."""
    message = event["message"]
    if message.get("subtype") == "tombstone":
        await _deleted(parts, event, message["ts"], event.get("previous_message") or {})
    elif parts.heeding.heeds(message):
        channel = await parts.workspace.know_channel(
            event["channel"], event.get("channel_type", ""), shared_outside=bool(body.get("is_ext_shared_channel"))
        )
        revision = revision_of(message, told_at=event.get("event_ts") or event["ts"])
        await parts.intake.hear(Delivery(channel, message, revision))


async def _deleted(parts: Parts, event: Payload, ts: str, previous: Payload) -> None:
    channel = await parts.workspace.know_channel(event["channel"], event.get("channel_type", ""))
    revision = event.get("event_ts") or event["ts"]
    await parts.intake.forget(Delivery(channel, {**previous, "ts": ts}, revision))
    await parts.asking.withdraw(event["channel"], ts)


EVENTS = {"message": on_message}
