"""A conversation as Slack tells of it."""

from core.knowledge.channels import ChannelFacts
from core.knowledge.slack_payloads import Payload
from core.records.workspaces import Channel, ChannelKind

KIND_OF_TYPE = {
    "channel": ChannelKind.PUBLIC,
    "C": ChannelKind.PUBLIC,
    "group": ChannelKind.PRIVATE,
    "G": ChannelKind.PRIVATE,
    "mpim": ChannelKind.GROUP_DM,
    "im": ChannelKind.DM,
}
"""What the events call the kinds of conversation."""


def is_as_known(channel: Payload, known: Channel | None) -> bool:
    """Whether the record holds all that this conversation of the Web API tells."""
    facts = channel_facts(channel)
    return (
        known is not None
        and known.listed
        and (known.kind, known.name, known.archived) == (facts.kind, facts.name or "", facts.archived)
        and known.shared_outside == facts.shared_outside
        and known.bot_is_in == is_member(channel)
    )


def is_member(channel: Payload) -> bool:
    """Whether the bot is in this conversation of the Web API."""
    return bool(channel.get("is_member", channel.get("is_im") or channel.get("is_mpim")))


def channel_facts(channel: Payload) -> ChannelFacts:
    """A conversation of the Web API or of an event."""
    if channel.get("is_im"):
        kind = ChannelKind.DM
    elif channel.get("is_mpim"):
        kind = ChannelKind.GROUP_DM
    else:
        kind = ChannelKind.PRIVATE if channel.get("is_private") or channel.get("is_group") else ChannelKind.PUBLIC
    return ChannelFacts(
        id=channel["id"],
        kind=kind,
        name=channel.get("name"),
        shared_outside=bool(channel.get("is_ext_shared") or channel.get("is_pending_ext_shared")),
        archived=bool(channel.get("is_archived")),
        listed=True,
    )
