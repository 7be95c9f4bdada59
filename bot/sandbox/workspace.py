"""The workspace: who is in it, what they may see, and who is told when something changes."""

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.changes import Change
from bot.sandbox.ids import stable_id
from bot.sandbox.model import Channel, Payload, Person, SharedFile, Team

# Not secrets: they open nothing but a sandbox, which answers only this machine.
BOT_TOKEN = "xoxb-sandbox-journeyman"  # noqa: S105 - see above
APP_TOKEN = "xapp-sandbox-journeyman"  # noqa: S105 - see above
PERSON_TOKEN_PREFIX = "xoxp-sandbox-"  # noqa: S105 - see above
BOT_NAME = "journeyman"


class SlackError(Exception):
    """A refusal as Slack words it, for instance ``channel_not_found``."""

    def __init__(self, error: str, **details: object) -> None:
        super().__init__(error)
        self.error = error
        self.details = details


@dataclass
class App:
    """The one app installed in the workspace, and its bot user."""

    id: str = stable_id("A", BOT_NAME)
    bot_id: str = stable_id("B", BOT_NAME)
    bot_user_id: str = stable_id("U", BOT_NAME)
    installed: bool = True


@dataclass
class Workspace:
    """The whole state. Functions in channels.py, messages.py and files.py change it and announce what they did."""

    team: Team
    app: App = field(default_factory=App)
    people: dict[str, Person] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    files: dict[str, SharedFile] = field(default_factory=dict)
    homes: dict[str, Payload] = field(default_factory=dict)
    """Person id → the App Home view last published for them."""
    user_groups: dict[str, list[str]] = field(default_factory=dict)
    """User group id → the people in it."""
    url: str = ""
    """Where the workspace is reached, without a trailing slash; permalinks and file addresses start with it."""

    def __post_init__(self) -> None:
        self._listeners: list[Callable[[Change], None]] = []

    def subscribe(self, listener: Callable[[Change], None]) -> None:
        """Has `listener` called with every change, in the order in which they happen."""
        self._listeners.append(listener)

    def announce(self, change: Change) -> None:
        """Tells every listener."""
        for listener in self._listeners:
            listener(change)

    @property
    def bot(self) -> Person:
        """The app's bot user."""
        return self.people[self.app.bot_user_id]

    def is_bot(self, person_id: str) -> bool:
        """Whether this is the app's bot user."""
        return person_id == self.app.bot_user_id

    def person(self, person_id: str) -> Person:
        """Raises SlackError ``user_not_found``."""
        try:
            return self.people[person_id]
        except KeyError:
            raise SlackError("user_not_found") from None

    def person_named(self, name: str) -> Person:
        """Raises SlackError ``user_not_found``."""
        for person in self.people.values():
            if person.name == name:
                return person
        raise SlackError("user_not_found")

    def channel_named(self, name: str) -> Channel:
        """Raises SlackError ``channel_not_found``."""
        for channel in self.channels.values():
            if channel.name == name and not channel.is_direct:
                return channel
        raise SlackError("channel_not_found")

    def may_see(self, person_id: str, channel: Channel) -> bool:
        """Members see a conversation; a public channel is open to everyone but guests."""
        if person_id in channel.members:
            return True
        person = self.people.get(person_id)
        return channel.kind == "public" and person is not None and not person.is_guest

    def visible_channel(self, person_id: str, channel_id: str) -> Channel:
        """Raises SlackError ``channel_not_found`` also for conversations that exist but are hidden from this person."""
        channel = self.channels.get(channel_id)
        if channel is None or not self.may_see(person_id, channel):
            raise SlackError("channel_not_found")
        return channel

    def joined_channel(self, person_id: str, channel_id: str) -> Channel:
        """A conversation that this person is in; raises ``channel_not_found`` or ``not_in_channel``."""
        channel = self.visible_channel(person_id, channel_id)
        if person_id not in channel.members:
            raise SlackError("not_in_channel")
        return channel

    def may_see_file(self, person_id: str, file: SharedFile) -> bool:
        """Owners see their files; others those shared where they may look."""
        if file.owner == person_id:
            return True
        shared_in = (self.channels.get(channel_id) for channel_id in file.shares)
        return any(channel is not None and self.may_see(person_id, channel) for channel in shared_in)

    def token_of(self, person_id: str) -> str:
        """The user token with which this person calls the Web API."""
        return PERSON_TOKEN_PREFIX + person_id
