"""Who is where: people come and go and the bot comes, channels change, the app is removed."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from bot.listeners.leaving import on_bot_left
from bot.parts import Parts
from bot.views import ingesting
from core.knowledge import channels
from core.knowledge.slack_payloads import Payload
from core.records.workspaces import Channel

_LOOKED_AT = 50
"""Newest messages among which somebody's words are looked for."""


async def on_joined(parts: Parts, event: Payload, _body: Payload) -> None:
    """Somebody came into a channel; if it is the bot, it listens there from now on."""
    channel = await parts.workspace.know_channel(event["channel"], event.get("channel_type", ""))
    told = (parts.record, parts.me.workspace_id, channel.id, channel.kind)
    if event["user"] == parts.me.bot_user_id:
        await parts.bridge.run(channels.bot_joined, *told)
        await parts.workspace.read_members([channel.id])
        await offer_history(parts, channel)
    await parts.workspace.note_move(channel.id, partial(channels.person_joined, *told, event["user"]))


async def offer_history(parts: Parts, channel: Channel) -> None:
    """Where something was said that the bot has not heard, offer to read it."""
    answer = await parts.client.conversations_history(channel=channel.id, limit=_LOOKED_AT)
    said = [message["ts"] for message in answer["messages"] if parts.heeding.heeds(message)]
    if channel.is_listened_to and await parts.bridge.run(_any_unheard, parts, channel.id, said):
        text, blocks = ingesting.offer(channel.id)
        await parts.client.chat_postMessage(channel=channel.id, text=text, blocks=blocks)


async def on_left(parts: Parts, event: Payload, _body: Payload) -> None:
    """Somebody left a channel or was removed."""
    if event["user"] == parts.me.bot_user_id:
        await on_bot_left(parts, event, _body)
        return
    told = (parts.record, parts.me.workspace_id, event["channel"], event["user"])
    await parts.workspace.note_move(event["channel"], partial(channels.person_left, *told))


async def on_channel_deleted(parts: Parts, event: Payload, _body: Payload) -> None:
    """A channel is gone with all that was said in it."""
    kind = await parts.bridge.run(_kind_of, parts, event["channel"])
    if kind is not None:
        await parts.bridge.run(channels.channel_deleted, parts.record, parts.me.workspace_id, event["channel"], kind)


async def on_channel_changed(parts: Parts, event: Payload, _body: Payload) -> None:
    """A channel was made, renamed or shared: ask Slack how it stands now."""
    channel = event["channel"]
    await parts.workspace.relearn_channel(channel["id"] if isinstance(channel, dict) else channel)


async def on_person(parts: Parts, event: Payload, _body: Payload) -> None:
    """Somebody joined the workspace or changed: name, role, or no longer there."""
    await parts.workspace.note_change(event["user"])


async def on_uninstalled(parts: Parts, _event: Payload, _body: Payload) -> None:
    """The app was removed: nothing of the workspace stays findable."""
    await parts.bridge.run(channels.workspace_gone, parts.record, parts.me.workspace_id)


async def on_tokens_revoked(parts: Parts, event: Payload, body: Payload) -> None:
    """Tokens were taken back; without the bot's own the app is as good as removed."""
    if (event.get("tokens") or {}).get("bot"):
        await on_uninstalled(parts, event, body)


def _kind_of(parts: Parts, channel_id: str) -> Any:
    with parts.record() as work:
        channel = work.workspaces.channel(parts.me.workspace_id, channel_id)
        return channel.kind if channel else None


def _any_unheard(parts: Parts, channel_id: str, said: Sequence[str]) -> bool:
    with parts.record() as work:
        return any(work.messages.get(parts.me.workspace_id, channel_id, ts) is None for ts in said)


EVENTS = {
    "member_joined_channel": on_joined,
    "member_left_channel": on_left,
    "channel_deleted": on_channel_deleted,
    "group_deleted": on_channel_deleted,
    **dict.fromkeys(
        [
            "channel_created",
            "channel_rename",
            "group_rename",
            "channel_shared",
            "channel_unshared",
        ],
        on_channel_changed,
    ),
    "team_join": on_person,
    "user_change": on_person,
    "app_uninstalled": on_uninstalled,
    "tokens_revoked": on_tokens_revoked,
}
