"""Reads Slack: who and what there is in the workspace, handed to the record as it is learned."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import partial
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.bridge import Bridge
from bot.channel_facts import KIND_OF_TYPE, channel_facts, is_as_known, is_member
from bot.failures import BAD_TOKEN, PASSING, TRANSIENT, describe, slack_error
from bot.identity import Identity
from core.knowledge import channels
from core.knowledge.channels import ChannelFacts, PersonFacts
from core.knowledge.hearing import HeardFile
from core.knowledge.slack_files import heard_file
from core.knowledge.slack_payloads import Payload
from core.records.unit_of_work import Record
from core.records.workspaces import PUBLIC, Channel, ChannelKind

log = logging.getLogger(__name__)

PAGE = 500
"""Fewer calls; Slack may give less at a time."""
_READ_AT_ONCE = 5
_READINGS = 3
"""A list that somebody's coming or going overtook is read again, so many times at most."""


class Workspace:
    """What the bot can find out about its workspace."""

    def __init__(self, client: AsyncWebClient, record: Record, bridge: Bridge, me: Identity) -> None:
        self._client = client
        self._record = record
        self._bridge = bridge
        self._me = me
        self._reading = asyncio.Semaphore(_READ_AT_ONCE)
        self._noting = asyncio.Lock()
        self._moves: Counter[str] = Counter()
        self._changes: Counter[str] = Counter()

    async def learn_channels(self) -> None:
        """The workspace and its channels, and in which of them the bot is: what it needs before it listens."""
        me, run = self._me, self._bridge.run
        await run(channels.learn_workspace, self._record, me.workspace_id, me.workspace_name, me.bot_user_id, me.bot_id)
        types = "public_channel,private_channel,mpim,im"
        listed = [channel async for channel in self._pages("conversations_list", "channels", types=types)]
        before = {channel.id: channel for channel in await run(self._channels)}
        for channel in listed:
            if not is_as_known(channel, before.get(channel["id"])):
                await self.learn_channel(channel)
        still_there = {channel["id"] for channel in listed}
        for known in await run(self._channels):
            if known.has_bot and known.id not in still_there and known.kind is not ChannelKind.DM:
                await self._learn_unlisted(known)

    async def learn_people(self) -> None:
        """Everybody in the workspace. Who is not known yet counts as a guest, and is asked for by name if need be."""
        page: list[PersonFacts] = []
        before = self._changes.copy()
        async for user in self._pages("users_list", "members"):
            page.append(person_facts(user, self._me.workspace_id))
            if len(page) == PAGE:
                await self._learn_unchanged(page, before)
                page = []
        await self._learn_unchanged(page, before)

    async def read_private_members(self) -> None:
        """Who is in the private channels, so that the first to ask need not wait for that."""
        await self.read_members(channel.id for channel in private_channels(await self._bridge.run(self._channels)))

    async def know_channel(self, channel_id: str, channel_type: str = "", *, shared_outside: bool = False) -> Channel:
        """The channel as the record knows it, asked of Slack when it is new or something else seems to hold now.

        What Slack does not tell is taken to be private.
        """
        known = await self._bridge.run(self._channel, channel_id)
        if known is not None and known.has_bot and not known.ejected and known.shared_outside >= shared_outside:
            return known
        return await self.relearn_channel(channel_id, channel_type, shared_outside=shared_outside)

    async def relearn_channel(
        self, channel_id: str, channel_type: str = "", *, shared_outside: bool | None = None
    ) -> Channel:
        """The same, asked of Slack in any case."""
        try:
            answer = await self._client.conversations_info(channel=channel_id)
            await self.learn_channel(answer["channel"])
        except (SlackApiError, *TRANSIENT) as error:
            log.info("A channel could not be looked up: %s", describe(error))
            known = await self._bridge.run(self._channel, channel_id)
            kind = KIND_OF_TYPE.get(channel_type, ChannelKind.PRIVATE)
            unsure = known.kind if known else ChannelKind.PRIVATE if kind is ChannelKind.PUBLIC else kind
            facts = ChannelFacts(channel_id, unsure, shared_outside=shared_outside)
            await self._bridge.run(channels.learn_channel, self._record, self._me.workspace_id, facts)
        learned = await self._bridge.run(self._channel, channel_id)
        assert learned is not None
        return learned

    async def look_up(self, channel_id: str) -> Payload | None:
        """The channel as Slack shows it now; None where the bot is shown no such channel.

        Raises what the Slack client raises when there is no saying.
        """
        try:
            answer = await self._client.conversations_info(channel=channel_id)
        except SlackApiError as error:
            if slack_error(error) == "channel_not_found":
                return None
            raise
        found: Payload = answer["channel"]
        return found

    async def learn_channel(self, channel: Payload) -> None:
        """Keep a conversation as the Web API tells of it; what was heard where the bot was removed is forgotten."""
        run, facts = self._bridge.run, channel_facts(channel)
        before = await run(self._channel, facts.id)
        await run(channels.learn_channel, self._record, self._me.workspace_id, facts)
        told = (self._record, self._me.workspace_id, facts.id)
        if is_member(channel):
            if before is not None and not before.bot_is_in:
                await run(channels.bot_joined, *told, facts.kind)
        elif before is None or (before.bot_is_in and not facts.archived):
            await run(channels.bot_left, *told, facts.kind)
        elif before.bot_is_in:
            await self.note_move(facts.id, partial(channels.bot_ejected, *told))

    async def _learn_unlisted(self, known: Channel) -> None:
        """Slack lists public channels and those that the bot is in; this one, of which it was not removed, is neither.

        A public one that it knew has been made private since.
        """
        told = (self._record, self._me.workspace_id)
        if known.bot_is_in:
            await self._bridge.run(channels.bot_left, *told, known.id, known.kind)
        elif known.listed and known.kind is ChannelKind.PUBLIC:
            await self._bridge.run(channels.learn_channel, *told, ChannelFacts(known.id, ChannelKind.PRIVATE))

    async def know_person(self, person_id: str) -> None:
        """Learn of somebody whom the record does not know yet; somebody whom Slack does not tell of stays unknown."""
        if not await self._bridge.run(self._knows_person, person_id):
            await self.relearn_person(person_id)

    async def relearn_person(self, person_id: str) -> None:
        """Ask Slack who this is."""
        before = self._changes.copy()
        try:
            answer = await self._client.users_info(user=person_id)
        except (SlackApiError, *TRANSIENT) as error:
            log.info("A person could not be looked up: %s", describe(error))
            return
        await self._learn_unchanged([person_facts(answer["user"], self._me.workspace_id)], before)

    async def learn_bot(self, facts: PersonFacts) -> None:
        """Keep what a bot calls itself; some have no user that Slack could tell of."""
        await self._learn_people([facts])

    async def note_change(self, user: Payload) -> None:
        """Slack tells of itself that somebody came or changed; what is being read of them just now is outdated."""
        async with self._noting:
            self._changes[user["id"]] += 1
            await self._learn_people([person_facts(user, self._me.workspace_id)])

    async def _learn_unchanged(self, people: Sequence[PersonFacts], before: Counter[str]) -> None:
        """Keep what was read of these, but for those of whom Slack told since."""
        async with self._noting:
            await self._learn_people([each for each in people if self._changes[each.id] == before[each.id]])

    async def _learn_people(self, people: Sequence[PersonFacts]) -> None:
        await self._bridge.run(channels.learn_people, self._record, self._me.workspace_id, people)

    async def note_move(self, channel_id: str, note: Callable[[], None]) -> None:
        """Somebody came into the channel or left it: `note` keeps that, and a list being read just now is outdated."""
        async with self._noting:
            self._moves[channel_id] += 1
            await self._bridge.run(note)

    async def read_members(self, channel_ids: Iterable[str]) -> frozenset[str]:
        """Read anew who is in these channels; the ids of those that could not be read."""
        ids = list(channel_ids)
        succeeded = await asyncio.gather(*(self._read_members_of(channel_id) for channel_id in ids))
        return frozenset(channel_id for channel_id, done in zip(ids, succeeded, strict=True) if not done)

    async def file(self, file_id: str) -> Payload | None:
        """A file as Slack describes it; None when it is gone or not ours to see."""
        try:
            answer = await self._client.files_info(file=file_id)
        except SlackApiError as error:
            # All other words are about this file, and must not keep what was said beside it from being heard.
            if slack_error(error) in PASSING | BAD_TOKEN:
                raise
            log.info("A file could not be looked up: %s", describe(error))
            return None
        found: Payload = answer["file"]
        return found

    async def heard_file(self, file: Payload) -> HeardFile | None:
        """A file of an event, with what is missing asked of Slack (files from other companies come as stubs)."""
        described: Payload | None = file
        if file.get("file_access") == "check_file_info" or "name" not in file:
            described = await self.file(file["id"]) if file.get("mode") != "tombstone" else None
        return heard_file(described) if described else None

    async def _read_members_of(self, channel_id: str) -> bool:
        async with self._reading:
            for _ in range(_READINGS):
                moves = self._moves[channel_id]
                try:
                    pages = self._pages("conversations_members", "members", channel=channel_id)
                    members = [member async for member in pages]
                except (SlackApiError, *TRANSIENT) as error:
                    log.warning("The members of a channel could not be read: %s", describe(error))
                    return False
                async with self._noting:
                    if moves == self._moves[channel_id]:
                        told = (self._record, self._me.workspace_id, channel_id, members)
                        await self._bridge.run(channels.learn_members, *told)
                        return True
        return False

    async def _pages(self, method: str, key: str, **arguments: Any) -> AsyncIterator[Any]:
        cursor = ""
        while True:
            page = await getattr(self._client, method)(limit=PAGE, cursor=cursor or None, **arguments)
            for item in page[key]:
                yield item
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    def _channel(self, channel_id: str) -> Channel | None:
        with self._record() as work:
            return work.workspaces.channel(self._me.workspace_id, channel_id)

    def _channels(self) -> list[Channel]:
        with self._record() as work:
            return work.workspaces.channels(self._me.workspace_id)

    def _knows_person(self, person_id: str) -> bool:
        with self._record() as work:
            return work.workspaces.person(self._me.workspace_id, person_id) is not None


def private_channels(heard_of: Sequence[Channel]) -> list[Channel]:
    """Those whose words only their members may read, and whose members Slack tells."""
    return [
        channel
        for channel in heard_of
        if channel.has_bot and channel.audience != PUBLIC and not channel.is_out_of_sight
    ]


def person_facts(user: Payload, workspace_id: str) -> PersonFacts:
    """A user of the Web API or of an event; somebody from another company is a guest."""
    profile = user.get("profile") or {}
    name = profile.get("display_name") or profile.get("real_name") or user.get("real_name") or user.get("name") or ""
    stranger = user.get("team_id", workspace_id) != workspace_id
    return PersonFacts(
        id=user["id"],
        name=name,
        is_admin=bool(user.get("is_admin") or user.get("is_owner")) and not stranger,
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")) or stranger,
        is_bot=bool(user.get("is_bot")) or user["id"] == "USLACKBOT",
        left=bool(user.get("deleted")),
    )
