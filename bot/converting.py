"""A channel is converted, as Slack calls it: opened to everybody, or closed to all but its members."""

from bot.parts import Parts
from core.knowledge import channels
from core.knowledge.channels import ChannelFacts
from core.knowledge.slack_payloads import Payload
from core.records.workspaces import ChannelKind


async def made_private(parts: Parts, event: Payload) -> None:
    """Closed at once, whatever becomes of asking; only Slack's word that it was made public since opens it again."""
    facts = ChannelFacts(event["channel"], ChannelKind.PRIVATE)
    await parts.bridge.run(channels.learn_channel, parts.record, parts.me.workspace_id, facts)
    await parts.workspace.relearn_channel(event["channel"])


async def made_public(parts: Parts, event: Payload) -> None:
    """Opened on Slack's word alone: it may have been made private again since. Trouble raises, to be tried again."""
    shown = await parts.workspace.look_up(event["channel"])
    if shown is not None:
        await parts.workspace.learn_channel(shown)
