"""A message from Slack, taken in: kept as knowledge, and passed on when it is a question."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.addressing import asked_by, without_mention
from bot.bridge import Bridge
from bot.identity import Identity
from bot.workspace import Workspace
from core.answering.questions import AskedQuestion
from core.knowledge.channels import PersonFacts
from core.knowledge.hearing import HeardFile, HeardMessage, hear_deletion, hear_message, hear_messages
from core.knowledge.message_text import words_of
from core.knowledge.rendering import people_mentioned, render
from core.knowledge.slack_payloads import Heeding, Payload, author_of, bot_name, thread_of
from core.knowledge.tally import Tally, tally
from core.records.questions import AskedBy, Question
from core.records.unit_of_work import Record
from core.records.workspaces import Channel


@dataclass(frozen=True)
class Delivery:
    """The channel of an event, the message in it, and since when the message stands as it does."""

    channel: Channel
    message: Payload
    revision: str


class MessageIntake:
    """Hears messages."""

    def __init__(
        self,
        record: Record,
        bridge: Bridge,
        workspace: Workspace,
        me: Identity,
        heeding: Heeding,
        *,
        follow_ups: bool,
    ) -> None:
        self._record = record
        self._bridge = bridge
        self._workspace = workspace
        self._me = me
        self._heeding = heeding
        self._follow_ups = follow_ups
        self._known_authors: set[str] = set()

    async def hear(self, delivery: Delivery) -> AskedQuestion | None:
        """Keep the message, if it is one of those that are kept. A question comes back if it asks one and stands."""
        if not self._heeding.heeds(delivery.message):
            return None
        await self._know_author(delivery.message)
        return await self._bridge.run(self._hear, delivery, await self._files_of(delivery.message))

    async def turns_away(self, delivery: Delivery) -> bool:
        """Whether this asks us something, and its author asked to be forgotten: then it was not kept."""
        return await self._bridge.run(self._turns_away, delivery)

    async def hear_history(self, deliveries: Sequence[Delivery]) -> Tally:
        """Keep messages of long ago, those of people and of bots that we listen to. What they asked is not answered."""
        heeded = [delivery for delivery in deliveries if self._heeding.heeds(delivery.message)]
        for delivery in heeded:
            await self._know_author(delivery.message)
        files = [await self._files_of(delivery.message) for delivery in heeded]
        return await self._bridge.run(self._hear_history, heeded, files)

    async def _files_of(self, message: Payload) -> tuple[HeardFile, ...]:
        files = [await self._workspace.heard_file(file) for file in message.get("files") or ()]
        return tuple(file for file in files if file)

    async def _know_author(self, message: Payload) -> None:
        """Names are part of what can be found: those of people of other companies, and of bots, come as they speak."""
        author = author_of(message)
        if not author or author in self._known_authors:
            return
        self._known_authors.add(author)
        if message.get("bot_id") and (name := bot_name(message)):
            await self._workspace.learn_bot(PersonFacts(author, name, is_bot=True))
        elif not message.get("bot_id"):
            await self._workspace.know_person(author)

    async def forget(self, delivery: Delivery) -> None:
        """The message was deleted."""
        await self._bridge.run(hear_deletion, self._record, self._heard(delivery, "", None, ()))

    def _turns_away(self, delivery: Delivery) -> bool:
        _, way = self._read(delivery)
        with self._record() as work:
            person = work.workspaces.person(self._me.workspace_id, author_of(delivery.message))
        return way is not None and person is not None and person.opted_out

    def _hear_history(self, deliveries: Sequence[Delivery], files: Sequence[tuple[HeardFile, ...]]) -> Tally:
        several = []
        for delivery, its_files in zip(deliveries, files, strict=True):
            text, way = self._read(delivery)
            several.append(self._heard(delivery, text, way, its_files))
        hear_messages(self._record, several)
        return tally(self._record, several)

    def _read(self, delivery: Delivery) -> tuple[str, AskedBy | None]:
        """The message's words, and how it asks us something, if it does."""
        message = delivery.message
        text = words_of(message)
        thread = self._thread_of(delivery) if self._follow_ups else []
        return text, asked_by(message, text, delivery.channel.kind, self._me.bot_user_id, thread)

    def _hear(self, delivery: Delivery, files: tuple[HeardFile, ...]) -> AskedQuestion | None:
        message, channel = delivery.message, delivery.channel
        text, way = self._read(delivery)
        hear_message(self._record, self._heard(delivery, text, way, files))
        standing = self._standing_text(delivery)
        if way is None or standing is None:
            return None
        return AskedQuestion(
            workspace_id=self._me.workspace_id,
            channel_id=channel.id,
            asked_ts=message["ts"],
            person_id=message.get("user", ""),
            text=self._as_read(without_mention(standing, self._me.bot_user_id)),
            asked_by=way,
            thread_ts=message.get("thread_ts") or message["ts"],
        )

    def _heard(self, delivery: Delivery, text: str, way: AskedBy | None, files: tuple[HeardFile, ...]) -> HeardMessage:
        message, ts = delivery.message, delivery.message["ts"]
        thread_ts = thread_of(message)
        return HeardMessage(
            workspace_id=self._me.workspace_id,
            channel_id=delivery.channel.id,
            channel_kind=delivery.channel.kind,
            ts=ts,
            thread_ts=thread_ts,
            person_id=author_of(message),
            text=text,
            permalink=self._me.permalink(delivery.channel.id, ts, thread_ts),
            revision=delivery.revision,
            asks_journeyman=way is not None,
            files=files,
        )

    def _thread_of(self, delivery: Delivery) -> list[Question]:
        thread_ts = delivery.message.get("thread_ts")
        if not thread_ts or thread_ts == delivery.message["ts"]:
            return []
        with self._record() as work:
            return work.questions.in_thread(self._me.workspace_id, delivery.channel.id, thread_ts)

    def _standing_text(self, delivery: Delivery) -> str | None:
        """The newest words of the message; None when it is gone or was never to be kept."""
        with self._record() as work:
            kept = work.messages.get(self._me.workspace_id, delivery.channel.id, delivery.message["ts"])
            return kept.text if kept is not None and kept.deleted_at is None else None

    def _as_read(self, text: str) -> str:
        with self._record() as work:
            people = work.workspaces.names_of_people(self._me.workspace_id, people_mentioned(text))
            names = work.workspaces.names_of_channels(self._me.workspace_id)
        return render(text, people, names)
