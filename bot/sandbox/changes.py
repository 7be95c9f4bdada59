"""Everything that can happen in a workspace, as told to whoever listens: the bot's events and the people's pages."""

from dataclasses import dataclass

from bot.sandbox.model import Channel, Payload, Person, SharedFile


@dataclass(frozen=True)
class MessagePosted:
    """A message appeared in a conversation."""

    channel: Channel
    message: Payload


@dataclass(frozen=True)
class MessageChanged:
    """A message was edited; `previous` is what it was."""

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
    """A message is gone, `previous` is what it was."""

    channel: Channel
    previous: Payload


@dataclass(frozen=True)
class ThreadGrew:
    """A reply changed what the first message of its thread says about its replies."""

    channel: Channel
    root: Payload


@dataclass(frozen=True)
class ReactionChanged:
    """Somebody put a reaction on a message, or took it back."""

    channel: Channel
    message: Payload
    person_id: str
    reaction: str
    added: bool


@dataclass(frozen=True)
class FileShared:
    """A message carried a file into a conversation."""

    channel: Channel
    file: SharedFile


@dataclass(frozen=True)
class FileChanged:
    """A file that people write in Slack says something else now."""

    file: SharedFile


@dataclass(frozen=True)
class FileDeleted:
    """A file is gone from the conversations listed."""

    file: SharedFile
    channel_ids: tuple[str, ...]


@dataclass(frozen=True)
class MemberJoined:
    """Somebody came into a channel, by themselves or invited."""

    channel: Channel
    person_id: str
    inviter_id: str | None


@dataclass(frozen=True)
class MemberLeft:
    """Somebody left a channel, or `actor_id` removed them."""

    channel: Channel
    person_id: str
    actor_id: str


@dataclass(frozen=True)
class ChannelCreated:
    """A conversation of any kind was made."""

    channel: Channel


@dataclass(frozen=True)
class ChannelRenamed:
    """A channel has a new name."""

    channel: Channel


@dataclass(frozen=True)
class ChannelArchived:
    """A channel was closed; it can still be read."""

    channel: Channel
    actor_id: str


@dataclass(frozen=True)
class ChannelUnarchived:
    """A closed channel is open again."""

    channel: Channel
    actor_id: str


@dataclass(frozen=True)
class ChannelDeleted:
    """A channel is gone with everything in it."""

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
    """Somebody new is in the workspace."""

    person: Person


@dataclass(frozen=True)
class PersonChanged:
    """Somebody's profile, role or activation changed."""

    person: Person


@dataclass(frozen=True)
class UserGroupChanged:
    """Somebody came into a user group, or left it."""

    group_id: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True)
class HomeOpened:
    """Somebody opened a tab of the bot's own place."""

    person_id: str
    channel: Channel
    tab: str
    view: Payload | None


@dataclass(frozen=True)
class AppUninstalled:
    """An admin removed the app from the workspace."""

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
    | FileChanged
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
    | UserGroupChanged
    | HomeOpened
    | AppUninstalled
    | StateTouched
)
