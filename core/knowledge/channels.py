"""Channels and people as Slack tells of them: who is where, and what follows for what may be found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.knowledge.removing import remove_document, remove_share
from core.records.base import utc_now
from core.records.documents import DocumentKind
from core.records.tombstones import Forgotten
from core.records.unit_of_work import Record, UnitOfWork
from core.records.workspaces import Channel, ChannelKind


@dataclass(frozen=True)
class ChannelFacts:
    """A channel as Slack describes it. None means that this time nothing was said about it."""

    id: str
    kind: ChannelKind
    name: str | None = None
    shared_outside: bool | None = None
    archived: bool | None = None
    listed: bool | None = None


@dataclass(frozen=True)
class PersonFacts:
    """A person as Slack describes them."""

    id: str
    name: str
    is_admin: bool = False
    is_guest: bool = False
    is_bot: bool = False
    left: bool = False


def learn_workspace(record: Record, workspace_id: str, name: str, bot_user_id: str, bot_id: str) -> None:
    """The app runs in this workspace, as this bot."""
    with record() as work:
        workspace = work.workspaces.ensure(workspace_id)
        workspace.name, workspace.bot_user_id, workspace.bot_id, workspace.gone_at = name, bot_user_id, bot_id, None
        work.commit()


def learn_channel(record: Record, workspace_id: str, facts: ChannelFacts) -> None:
    """Keep what Slack says of a channel; a change of its audience re-makes what was heard there for the new readers."""
    with record() as work:
        channel = work.workspaces.ensure_channel(workspace_id, facts.id, facts.kind)
        before = channel.audience
        channel.kind = facts.kind
        channel.name = channel.name if facts.name is None else facts.name
        channel.archived = channel.archived if facts.archived is None else facts.archived
        channel.listed = channel.listed if facts.listed is None else facts.listed
        channel.shared_outside = channel.shared_outside if facts.shared_outside is None else facts.shared_outside
        if channel.audience != before:
            _rewant_documents(work, channel)
            work.tombstones.put(workspace_id, Forgotten.AUDIENCE, channel.id)
        work.commit()


def learn_people(record: Record, workspace_id: str, people: Iterable[PersonFacts]) -> None:
    """Keep what Slack says of people."""
    with record() as work:
        for facts in people:
            person = work.workspaces.ensure_person(workspace_id, facts.id)
            person.name, person.left = "" if person.opted_out else facts.name, facts.left
            person.is_admin, person.is_guest, person.is_bot = facts.is_admin, facts.is_guest, facts.is_bot
        work.commit()


def import_people(record: Record, workspace_id: str, people: Iterable[PersonFacts]) -> None:
    """An export names these people. Whom the record knows already, Slack itself may have told of: they stay as is."""
    with record() as work:
        for facts in people:
            if work.workspaces.person(workspace_id, facts.id) is None:
                person = work.workspaces.ensure_person(workspace_id, facts.id)
                person.name, person.left = facts.name, facts.left
                person.is_guest, person.is_bot = facts.is_guest, facts.is_bot
        work.commit()


def learn_members(record: Record, workspace_id: str, channel_id: str, person_ids: Sequence[str]) -> None:
    """Keep who is in a channel, as Slack listed it just now."""
    with record() as work:
        work.workspaces.set_members(workspace_id, channel_id, person_ids, utc_now())
        work.commit()


def person_joined(record: Record, workspace_id: str, channel_id: str, kind: ChannelKind, person_id: str) -> None:
    """Somebody came into a channel."""
    with record() as work:
        work.workspaces.ensure_channel(workspace_id, channel_id, kind)
        work.workspaces.add_member(workspace_id, channel_id, person_id)
        work.commit()


def person_left(record: Record, workspace_id: str, channel_id: str, person_id: str) -> None:
    """Somebody left a channel: they no longer see what was said there."""
    with record() as work:
        work.workspaces.remove_member(workspace_id, channel_id, person_id)
        work.commit()


def bot_joined(record: Record, workspace_id: str, channel_id: str, kind: ChannelKind) -> None:
    """The bot listens here from now on."""
    with record() as work:
        channel = work.workspaces.ensure_channel(workspace_id, channel_id, kind)
        channel.left_at, channel.imported, channel.ejected = None, False, False
        work.commit()


def bot_ejected(record: Record, workspace_id: str, channel_id: str) -> None:
    """Archiving took the bot out: what it heard stays, for those who are still known to be allowed to read it."""
    with record() as work:
        channel = work.workspaces.channel(workspace_id, channel_id)
        if channel is not None and channel.has_bot and not channel.imported:
            channel.ejected, channel.members_read_at = True, None
            work.commit()


def doubt_members(record: Record, workspace_id: str, channel_id: str) -> None:
    """Who is in the channel may have changed untold: it is to be read from Slack before anybody is let in."""
    with record() as work:
        channel = work.workspaces.channel(workspace_id, channel_id)
        if channel is not None:
            channel.members_read_at = None
            work.commit()


def import_channel(record: Record, workspace_id: str, channel_id: str, kind: ChannelKind) -> bool:
    """An export holds this channel. False when Slack itself told of it, and what that said is to stand."""
    with record() as work:
        known = work.workspaces.channel(workspace_id, channel_id)
        if known is not None and known.has_bot and not known.imported:
            return False
        channel = known or work.workspaces.ensure_channel(workspace_id, channel_id, kind)
        channel.imported, channel.left_at = True, None
        listed = channel.listed
        work.commit()
    return not listed


def bot_left(record: Record, workspace_id: str, channel_id: str, kind: ChannelKind) -> None:
    """The bot was removed: nothing said here is kept, and late events change nothing."""
    with record() as work:
        channel = work.workspaces.ensure_channel(workspace_id, channel_id, kind)
        channel.left_at, channel.ejected = utc_now(), False
        _forget_channel(work, channel)
        work.commit()


def set_listening(record: Record, workspace_id: str, channel_id: str, *, listening: bool) -> None:
    """Keep what is said in this channel from now on, or do not; what was kept before stays."""
    with record() as work:
        channel = work.workspaces.channel(workspace_id, channel_id)
        if channel is not None:
            channel.listening = listening
            work.commit()


def set_retention(record: Record, workspace_id: str, channel_id: str, days: int | None) -> None:
    """Keep what is said in this channel for so many days, None for ever; the worker forgets what is older."""
    with record() as work:
        channel = work.workspaces.channel(workspace_id, channel_id)
        if channel is not None:
            channel.retention_days = days
            work.commit()


def channel_deleted(record: Record, workspace_id: str, channel_id: str, kind: ChannelKind) -> None:
    """The channel is gone, and all that was said in it."""
    with record() as work:
        channel = work.workspaces.ensure_channel(workspace_id, channel_id, kind)
        channel.deleted_at = utc_now()
        _forget_channel(work, channel)
        work.commit()


def workspace_gone(record: Record, workspace_id: str) -> None:
    """The app was uninstalled: nothing of the workspace stays findable."""
    with record() as work:
        work.workspaces.ensure(workspace_id).gone_at = utc_now()
        for channel in work.workspaces.channels(workspace_id):
            channel.left_at = channel.left_at or utc_now()
            _forget_channel(work, channel)
        work.tombstones.put(workspace_id, Forgotten.WORKSPACE, "")
        work.commit()


def members_are_stale(record: Record, workspace_id: str, channel_id: str, max_age_s: float) -> bool:
    """Whether the channel's members were never read from Slack, or longer ago than `max_age_s` seconds."""
    with record() as work:
        channel = work.workspaces.channel(workspace_id, channel_id)
        if channel is None or channel.members_read_at is None:
            return True
        return (utc_now() - channel.members_read_at).total_seconds() > max_age_s


def is_admin(record: Record, workspace_id: str, person_id: str, admin_ids: frozenset[str]) -> bool:
    """Whether the person may administer: named in ADMINS, or an admin of the workspace."""
    with record() as work:
        person = work.workspaces.person(workspace_id, person_id)
        return person_id in admin_ids or (person is not None and person.is_admin)


def _rewant_documents(work: UnitOfWork, channel: Channel) -> None:
    for document in work.documents.of_channel(channel.workspace_id, channel.id):
        if not document.gone:
            work.documents.want(
                channel.workspace_id, document.kind, document.key, channel_id=channel.id, audience=channel.audience
            )


def _forget_channel(work: UnitOfWork, channel: Channel) -> None:
    work.messages.drop_channel(channel.workspace_id, channel.id)
    for share in work.files.shared_in(channel.workspace_id, channel.id):
        remove_share(work, share)
    for document in work.documents.of_channel(channel.workspace_id, channel.id):
        if document.kind is not DocumentKind.PATH:
            remove_document(work, document)
    work.tombstones.put(channel.workspace_id, Forgotten.CHANNEL, channel.id)
