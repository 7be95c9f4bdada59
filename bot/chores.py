"""What the bot does of its own accord, again and again: fetch files, tell people things, finish what was left."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from bot.failures import PASSING, describe, slack_error
from bot.fetching import Fetching
from bot.parts import Parts
from core.curation.feedback import count_early
from core.errors import JourneymanError, Unavailable
from core.knowledge.hearing import file_stored
from core.knowledge.unfetched import put_off, refuse
from core.records.base import utc_now
from core.records.files import SharedFile
from core.records.notices import Notice

log = logging.getLogger(__name__)

FILES_EVERY_S = 0.3
NOTICES_EVERY_S = 1.0
REPLAY_EVERY_S = 10.0
VOTES_EVERY_S = 1.0
ADAPTER_EVERY_S = 1.0
TRAINING_EVERY_S = 2.0
"""Slack lets an app edit about once a second in a channel."""
REDACTING_EVERY_S = 0.5
GROUPS_EVERY_S = 600.0
"""Beside what Slack tells of its own accord."""
PEOPLE_EVERY_S = 24 * 3600.0
"""Events tell of what changes; this catches what they missed."""
_FILES_AT_ONCE = 4


class Chores:
    """The loops. Each goes on until the bot stops, whatever goes wrong in one round."""

    def __init__(self, parts: Parts, app: AsyncApp, fetching: Fetching) -> None:
        self._parts = parts
        self._app = app
        self._fetching = fetching
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin with all of them."""
        rounds: list[tuple[Callable[[], Awaitable[None]], float]] = [
            (self.fetch_files, FILES_EVERY_S),
            (self.tell_people, NOTICES_EVERY_S),
            (lambda: self._parts.inbox.replay(self._app), REPLAY_EVERY_S),
            (self.count_early_votes, VOTES_EVERY_S),
            (self.follow_live_adapter, ADAPTER_EVERY_S),
            (self.give_way_to_training, ADAPTER_EVERY_S),
            (self._parts.telling_training.tell, TRAINING_EVERY_S),
            (self._parts.redacting.redact, REDACTING_EVERY_S),
            (self._parts.user_groups.learn_all, GROUPS_EVERY_S),
            (self._parts.workspace.learn_people, PEOPLE_EVERY_S),
            (self._parts.workspace.read_private_members, PEOPLE_EVERY_S),
        ]
        self._tasks = [asyncio.create_task(_again_and_again(once, every_s)) for once, every_s in rounds]

    async def stop(self) -> None:
        """Leave them; a download that is cut off is made again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def follow_live_adapter(self) -> None:
        """Let the adapter write that the record names; answers under way are finished with theirs."""
        await self._parts.bridge.run_long(self._parts.services.live_adapter.follow)

    async def give_way_to_training(self) -> None:
        """Put the model away while a run trains, if the settings say so; answers are quoted meanwhile."""
        await self._parts.bridge.run_long(self._parts.services.giving_way.follow)

    async def fetch_files(self) -> None:
        """Download what is wanted now."""
        wanted = await self._parts.bridge.run(self._wanted)
        await asyncio.gather(*(self._fetch(file) for file in wanted))

    async def tell_people(self) -> None:
        """Say what is owed to people, to each alone."""
        for notice in await self._parts.bridge.run(self._undelivered):
            try:
                await self._parts.client.chat_postEphemeral(
                    channel=notice.channel_id,
                    user=notice.person_id,
                    text=notice.sentence,
                    thread_ts=notice.thread_ts or None,
                )
            except SlackApiError as error:
                log.info("A notice could not be delivered: %s", describe(error))
                if slack_error(error) in PASSING:
                    continue
                # Any other word means that this person cannot be told in this place.
            await self._parts.bridge.run(self._delivered, notice.id)

    async def count_early_votes(self) -> None:
        """Votes that were given while their answer was being written count once it is complete."""
        await self._parts.bridge.run(self._count_early_votes)

    async def _fetch(self, file: SharedFile) -> None:
        try:
            blob = await self._fetching.fetch(file)
        except Unavailable as error:
            await self._parts.bridge.run(put_off, self._parts.record, file, error.sentence)
        except JourneymanError as error:
            await self._parts.bridge.run(refuse, self._parts.record, file, error.sentence)
        except Exception as error:  # noqa: BLE001 - whatever it is, other files must not wait behind this one
            log.error("A file could not be fetched: %s", describe(error))
            sentence = f"{file.name} could not be fetched. I try again in a while."
            await self._parts.bridge.run(put_off, self._parts.record, file, sentence)
        else:
            stored = (self._parts.record, file.workspace_id, file.id, blob, file.revision)
            await self._parts.bridge.run(file_stored, *stored)

    def _count_early_votes(self) -> None:
        workspace_id = self._parts.me.workspace_id
        count_early(self._parts.record, workspace_id, self._parts.services.reviewing.rule(workspace_id))

    def _wanted(self) -> list[SharedFile]:
        with self._parts.record() as work:
            return work.files.wanted(utc_now(), _FILES_AT_ONCE)

    def _undelivered(self) -> list[Notice]:
        with self._parts.record() as work:
            mine = self._parts.me.workspace_id
            return [notice for notice in work.notices.undelivered() if notice.workspace_id == mine]

    def _delivered(self, notice_id: int) -> None:
        with self._parts.record() as work:
            work.notices.delivered(notice_id)
            work.commit()


async def _again_and_again(once: Callable[[], Awaitable[None]], every_s: float) -> None:
    while True:
        try:
            await once()
        except Exception as error:  # noqa: BLE001 - a chore that fails is due again in the next round
            log.error("A chore broke off: %s", describe(error))
            await asyncio.sleep(every_s * 10 if every_s < 10 else 0)
        await asyncio.sleep(every_s)
