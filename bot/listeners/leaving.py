"""The bot is out of a channel: removed, which forgets what was said there, or by archiving, which keeps it."""

import asyncio
from functools import partial

from bot.channel_facts import is_member
from bot.parts import Parts
from core.knowledge import channels
from core.knowledge.slack_payloads import Payload
from core.records.workspaces import Channel

ARCHIVING_IS_TOLD_WITHIN_S = 5.0
"""Slack's events of one and the same deed come within a second or two of each other, in any order."""


async def on_archived(parts: Parts, event: Payload, _body: Payload) -> None:
    """A channel was archived, or brought back and so was archived before: the bot is out until it is invited again."""
    channel_id = event["channel"]
    known = await parts.bridge.run(_known, parts, channel_id)
    if known is None or not known.has_bot or known.imported:
        await parts.workspace.relearn_channel(channel_id)
        return
    told = (parts.record, parts.me.workspace_id, channel_id)
    await parts.workspace.note_move(channel_id, partial(channels.bot_ejected, *told))
    shown = await parts.workspace.look_up(channel_id)
    if shown is not None and is_member(shown):  # invited again since, or Slack kept it in
        await parts.bridge.run(channels.bot_joined, *told, known.kind)


async def on_bot_left(parts: Parts, event: Payload, _body: Payload) -> None:
    """The bot is out: what was said there is forgotten, unless archiving took it out.

    That may be told later than this, so Slack is asked how the channel stands. If it cannot say, this is tried again.
    """
    if not await _is_settled(parts, event["channel"], may_wait=True):
        await asyncio.sleep(ARCHIVING_IS_TOLD_WITHIN_S)
        await _is_settled(parts, event["channel"], may_wait=False)


async def _is_settled(parts: Parts, channel_id: str, *, may_wait: bool) -> bool:
    """Whether it is clear by now what becomes of what was said; if so, that is done.

    Slack shows the bot no private channel that it is out of, archived or not: only the event that tells can be waited
    for, while nobody is let in.
    """
    known = await parts.bridge.run(_known, parts, channel_id)
    if known is None or not known.bot_is_in:
        return True
    told = (parts.record, parts.me.workspace_id, channel_id)
    shown = await parts.workspace.look_up(channel_id)
    if shown is None and may_wait:
        await parts.workspace.note_move(channel_id, partial(channels.doubt_members, *told))
        return False
    invited_again = shown is not None and is_member(shown) and not shown.get("is_archived")
    if shown is None or invited_again:
        await parts.bridge.run(channels.bot_left, *told, known.kind)
    if shown is not None:
        await parts.workspace.learn_channel(shown)
    return True


def _known(parts: Parts, channel_id: str) -> Channel | None:
    with parts.record() as work:
        return work.workspaces.channel(parts.me.workspace_id, channel_id)


EVENTS = {
    "channel_left": on_bot_left,
    "group_left": on_bot_left,
    "channel_archive": on_archived,
    "group_archive": on_archived,
    "channel_unarchive": on_archived,
    "group_unarchive": on_archived,
}
