"""Workspaces, their channels and people, and who is in which channel: all that access rests on."""

from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKeyConstraint, delete, false, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.records.base import Base, utc_now

PUBLIC = "public"
"""The audience of what everybody in the workspace may read."""


class ChannelKind(StrEnum):
    """The kinds of conversation that Slack knows."""

    PUBLIC = "public"
    PRIVATE = "private"
    GROUP_DM = "group_dm"
    DM = "dm"


class Workspace(Base):
    """A Slack workspace where the app is, or was, installed."""

    __tablename__ = "workspaces"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    bot_user_id: Mapped[str] = mapped_column(default="")
    bot_id: Mapped[str] = mapped_column(default="")
    installed_at: Mapped[datetime] = mapped_column(default=utc_now)
    gone_at: Mapped[datetime | None]


class Channel(Base):
    """A conversation that Journeyman has heard of. `left_at` is set while the bot is not in it."""

    __tablename__ = "channels"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    kind: Mapped[ChannelKind]
    shared_outside: Mapped[bool] = mapped_column(default=False)
    archived: Mapped[bool] = mapped_column(default=False)
    left_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    members_read_at: Mapped[datetime | None]
    listening: Mapped[bool] = mapped_column(default=True)
    """Off: nothing new is kept here; what was kept before stays findable."""
    imported: Mapped[bool] = mapped_column(default=False)
    """Known from an export: that the bot is not in it does not mean that it was removed."""
    ejected: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Archiving took the bot out, which removes nothing; it stays out until it is invited again."""
    listed: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Slack itself has told of it, so that it knows better than an export."""
    retention_days: Mapped[int | None]
    """What was said here longer ago is forgotten; NULL keeps it."""

    @property
    def audience(self) -> str:
        """Who may read what is said here: everybody, or only this channel."""
        return PUBLIC if self.kind is ChannelKind.PUBLIC and not self.shared_outside else self.id

    @property
    def has_bot(self) -> bool:
        """Whether the bot was not removed, so that what is known here may be shown to those who may read it."""
        return self.left_at is None and self.deleted_at is None

    @property
    def bot_is_in(self) -> bool:
        """Whether the bot is a member of it."""
        return self.has_bot and not (self.imported or self.ejected)

    @property
    def is_out_of_sight(self) -> bool:
        """Whether Slack tells the bot nothing more of it, so that nobody is known to be in it still."""
        return self.ejected and self.kind is not ChannelKind.PUBLIC

    @property
    def is_listened_to(self) -> bool:
        """Whether what is said here from now on is kept and indexed."""
        return self.has_bot and self.listening


class Person(Base):
    """Somebody, or some bot, who speaks in a workspace."""

    __tablename__ = "people"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    is_admin: Mapped[bool] = mapped_column(default=False)
    is_guest: Mapped[bool] = mapped_column(default=False)
    is_bot: Mapped[bool] = mapped_column(default=False)
    left: Mapped[bool] = mapped_column(default=False)
    opted_out: Mapped[bool] = mapped_column(default=False)
    """Asked to be forgotten: their words are not indexed, their votes and examples not learned from."""


class Membership(Base):
    """One person in one channel now."""

    __tablename__ = "memberships"
    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "channel_id"], ["channels.workspace_id", "channels.id"], ondelete="CASCADE"
        ),
    )

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    channel_id: Mapped[str] = mapped_column(primary_key=True, index=True)


class Workspaces:
    """Questions asked of workspaces, channels, people and memberships."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, workspace_id: str) -> Workspace | None:
        """The workspace, if it was ever heard of."""
        return self._session.get(Workspace, workspace_id)

    def is_gone(self, workspace_id: str) -> bool:
        """Whether the app was uninstalled there, and not installed again."""
        workspace = self.get(workspace_id)
        return workspace is not None and workspace.gone_at is not None

    def all(self) -> list[Workspace]:
        """Every workspace ever heard of."""
        return list(self._session.scalars(select(Workspace)))

    def ensure(self, workspace_id: str) -> Workspace:
        """The workspace, made if it is new."""
        found = self.get(workspace_id)
        if found is None:
            found = Workspace(id=workspace_id)
            self._session.add(found)
            self._session.flush()
        return found

    def joined_last(self) -> Workspace | None:
        """The workspace where the app was installed last and still is."""
        return self._session.scalar(
            select(Workspace)
            .where(Workspace.gone_at.is_(None), Workspace.bot_user_id != "")
            .order_by(Workspace.installed_at.desc())
            .limit(1)
        )

    def channel(self, workspace_id: str, channel_id: str) -> Channel | None:
        """The channel, if it was ever heard of."""
        return self._session.get(Channel, (workspace_id, channel_id))

    def hold_channel(self, workspace_id: str, channel_id: str) -> Channel | None:
        """The channel as it stands now, for this unit alone: whatever else changes what was said there waits for it."""
        return self._session.get(Channel, (workspace_id, channel_id), with_for_update=True, populate_existing=True)

    def ensure_channel(self, workspace_id: str, channel_id: str, kind: ChannelKind) -> Channel:
        """The channel, held, and made with this kind if it is new; an old one keeps what is known of it."""
        found = self.hold_channel(workspace_id, channel_id)
        if found is None:
            found = Channel(workspace_id=workspace_id, id=channel_id, kind=kind)
            self._session.add(found)
            self._session.flush()
        return found

    def channels(self, workspace_id: str) -> list[Channel]:
        """Every channel heard of, by name."""
        return list(
            self._session.scalars(
                select(Channel).where(Channel.workspace_id == workspace_id).order_by(Channel.name, Channel.id)
            )
        )

    def person(self, workspace_id: str, person_id: str) -> Person | None:
        """The person, if known."""
        return self._session.get(Person, (workspace_id, person_id))

    def names_of(self, person_ids: Collection[str]) -> dict[str, str]:
        """Names by id, of those who have one and did not ask to be forgotten."""
        query = select(Person.id, Person.name).where(
            Person.id.in_(person_ids), Person.name != "", Person.opted_out.is_(False)
        )
        return {person_id: name for person_id, name in self._session.execute(query)}

    def opted_out(self, workspace_id: str) -> set[str]:
        """Ids of those who asked to be forgotten."""
        return set(
            self._session.scalars(
                select(Person.id).where(Person.workspace_id == workspace_id, Person.opted_out.is_(True))
            )
        )

    def ensure_person(self, workspace_id: str, person_id: str) -> Person:
        """The person, made if new."""
        found = self.person(workspace_id, person_id)
        if found is None:
            found = Person(workspace_id=workspace_id, id=person_id)
            self._session.add(found)
            self._session.flush()
        return found

    def names_of_people(self, workspace_id: str, person_ids: Iterable[str]) -> dict[str, str]:
        """Display names by id, for those that are known."""
        rows = self._session.execute(
            select(Person.id, Person.name).where(
                Person.workspace_id == workspace_id, Person.id.in_(set(person_ids)), Person.name != ""
            )
        )
        return {person_id: name for person_id, name in rows}

    def names_of_channels(self, workspace_id: str) -> dict[str, str]:
        """Names by id, for the channels that have one."""
        rows = self._session.execute(
            select(Channel.id, Channel.name).where(Channel.workspace_id == workspace_id, Channel.name != "")
        )
        return {channel_id: name for channel_id, name in rows}

    def names_readable_in(self, workspace_id: str, audience: str) -> dict[str, str]:
        """Names of channels by id, of those whose names everybody of this audience may know: not of private others."""
        return {
            channel.id: channel.name
            for channel in self.channels(workspace_id)
            if channel.name and channel.audience in (PUBLIC, audience)
        }

    def set_members(self, workspace_id: str, channel_id: str, person_ids: Iterable[str], read_at: datetime) -> None:
        """Replace what is known of a channel's members by what Slack said at `read_at`."""
        self._session.execute(
            delete(Membership).where(Membership.workspace_id == workspace_id, Membership.channel_id == channel_id)
        )
        self._session.add_all(
            Membership(workspace_id=workspace_id, channel_id=channel_id, person_id=person_id)
            for person_id in set(person_ids)
        )
        channel = self.channel(workspace_id, channel_id)
        if channel is not None:
            channel.members_read_at = read_at

    def add_member(self, workspace_id: str, channel_id: str, person_id: str) -> None:
        """Somebody joined."""
        self._session.merge(Membership(workspace_id=workspace_id, channel_id=channel_id, person_id=person_id))

    def remove_member(self, workspace_id: str, channel_id: str, person_id: str) -> None:
        """Somebody left."""
        self._session.execute(
            delete(Membership).where(
                Membership.workspace_id == workspace_id,
                Membership.channel_id == channel_id,
                Membership.person_id == person_id,
            )
        )

    def with_retention(self) -> list[Channel]:
        """Channels where what was said long ago is forgotten."""
        return list(self._session.scalars(select(Channel).where(Channel.retention_days.is_not(None))))

    def drop_people(self, workspace_id: str) -> None:
        """Forget who was in the workspace, and where."""
        self._session.execute(delete(Membership).where(Membership.workspace_id == workspace_id))
        self._session.execute(delete(Person).where(Person.workspace_id == workspace_id))

    def channels_of(self, workspace_id: str, person_id: str) -> set[str]:
        """Ids of the channels that the person is in, as far as is known."""
        return set(
            self._session.scalars(
                select(Membership.channel_id).where(
                    Membership.workspace_id == workspace_id, Membership.person_id == person_id
                )
            )
        )
