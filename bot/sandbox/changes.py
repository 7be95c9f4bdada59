"""Everything that can happen in a workspace, as told to whoever listens: the bot's events and the people's pages."""

from dataclasses import dataclass

from bot.sandbox.model import Channel, Payload, Person, SharedFile


@dataclass(frozen=True)
class MessagePosted:
    channel: Channel
    message: Payload


@dataclass(frozen=True)
class MessageChanged:
    channel: Channel
    message: Payload
    previous: Payload


@dataclass(frozen=True)
class MessageStreamed:
    """More text arrived in a message that is being streamed; the bot is told only when it is finished."""

    channel: Channel
    message: Payload


@dataclass(frozen=True)
class MessageDeleted:
    channel: Channel
    previous: Payload


@dataclass(frozen=True)
class ThreadGrew:
    """A reply changed what the first message of its thread says about its replies."""

    channel: Channel
    root: Payload


@dataclass(frozen=True)
class ReactionChanged:
    channel: Channel
    message: Payload
    person_id: str
    reaction: str
    added: bool


@dataclass(frozen=True)
class FileShared:
    channel: Channel
    file: SharedFile


@dataclass(frozen=True)
class FileDeleted:
    file: SharedFile
    channel_ids: tuple[str, ...]


@dataclass(frozen=True)
class MemberJoined:
    channel: Channel
    person_id: str
    inviter_id: str | None


@dataclass(frozen=True)
class MemberLeft:
    channel: Channel
    person_id: str
    actor_id: str


@dataclass(frozen=True)
class ChannelCreated:
    channel: Channel


@dataclass(frozen=True)
class ChannelRenamed:
    channel: Channel


@dataclass(frozen=True)
class ChannelArchived:
    channel: Channel
    actor_id: str


@dataclass(frozen=True)
class ChannelUnarchived:
    channel: Channel
    actor_id: str


@dataclass(frozen=True)
class ChannelDeleted:
    channel: Channel
    actor_id: str


@dataclass(frozen=True)
class ChannelConverted:
    """A channel went from public to private or back; `channel.kind` is the new kind."""

    channel: Channel
    actor_id: str


@dataclass(frozen=True)
class ChannelShared:
    """A channel was shared with another company, or is no longer."""

    channel: Channel


@dataclass(frozen=True)
class PersonJoined:
    person: Person


@dataclass(frozen=True)
class PersonChanged:
    person: Person


@dataclass(frozen=True)
class HomeOpened:
    person_id: str
    channel: Channel
    tab: str
    view: Payload | None


@dataclass(frozen=True)
class AppUninstalled:
    pass


@dataclass(frozen=True)
class StateTouched:
    """Something changed that nobody is told about but that must survive a restart."""


Change = (
    MessagePosted
    | MessageChanged
    | MessageStreamed
    | MessageDeleted
    | ThreadGrew
    | ReactionChanged
    | FileShared
    | FileDeleted
    | MemberJoined
    | MemberLeft
    | ChannelCreated
    | ChannelRenamed
    | ChannelArchived
    | ChannelUnarchived
    | ChannelDeleted
    | ChannelConverted
    | ChannelShared
    | PersonJoined
    | PersonChanged
    | HomeOpened
    | AppUninstalled
    | StateTouched
)
