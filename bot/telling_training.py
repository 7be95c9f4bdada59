"""Tells people about training: one message per run that is edited while it goes on, and the report when it ended.

The run's row says what is still to be told, so nothing is lost when the process dies, nor told twice.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from slack_sdk.errors import SlackApiError

from bot.bridge import Bridge
from bot.clients import Clients
from bot.failures import PASSING, TRANSIENT, describe, slack_error
from bot.identity import Identity
from bot.own_messages import OwnMessages
from bot.views import training as view
from core.bootstrap import Services
from core.records.runs import TrainingRun
from core.training.told import Told

log = logging.getLogger(__name__)

_PROGRESS, _REPORT = "journeyman_training", "journeyman_report"
_NOT_HERE = frozenset(("not_in_channel", "channel_not_found", "is_archived", "restricted_action"))


class TellingTraining:
    """`tell` is called again and again."""

    def __init__(self, services: Services, bridge: Bridge, clients: Clients, me: Identity) -> None:
        self._services = services
        self._bridge = bridge
        self._clients = clients
        self._progress = OwnMessages(clients, me, _PROGRESS)
        self._reports = OwnMessages(clients, me, _REPORT)
        self._shown: dict[str, str] = {}

    async def tell(self) -> None:
        """Bring every message about a run up to date, and deliver the reports that are owed."""
        active, ended = await self._bridge.run(self._to_tell)
        if active is not None and active.told_in:
            await self._try(active, self._tell_progress)
        for run in ended:
            is_shown_ended = not run.told_in or await self._try(run, self._tell_progress)
            if is_shown_ended and await self._try(run, self._report):
                await self._bridge.run(self._reported, run.id)
                self._shown.pop(run.id, None)

    async def _try(self, run: TrainingRun, tell: Callable[[TrainingRun], Awaitable[None]]) -> bool:
        """Whether it was told, or never can be; False when it is to be tried again."""
        try:
            await tell(run)
        except SlackApiError as error:
            log.info("Training could not be told of: %s", describe(error))
            return slack_error(error) not in PASSING
        except TRANSIENT as error:
            log.info("Training could not be told of: %s", describe(error))
            return False
        return True

    async def _tell_progress(self, run: TrainingRun) -> None:
        text = view.progress(run)
        if run.told_ts:
            if text != self._shown.get(run.id):
                await self._edit_progress(run, run.told_channel_id, run.told_ts, text)
        else:
            await self._post_progress(run, text)
        self._shown[run.id] = text

    async def _edit_progress(self, run: TrainingRun, channel_id: str, ts: str, text: str) -> None:
        await self._clients.safe.chat_update(channel=channel_id, ts=ts, text=text, blocks=view.progress_blocks(run))

    async def _post_progress(self, run: TrainingRun, text: str) -> None:
        channel_id = run.told_channel_id or await self._progress.conversation(run.told_in)
        lost = await self._progress.find(channel_id, run.id, run.started_at) if run.told_channel_id else None
        # Noted first: whoever comes after a crash knows that there may be a message, and where to look for it.
        await self._bridge.run(self._told, run.id, channel_id, "")
        try:
            ts = (
                str(lost["ts"])
                if lost
                else await self._progress.post(channel_id, run.id, text, view.progress_blocks(run))
            )
        except SlackApiError as error:
            if slack_error(error) not in _NOT_HERE or run.told_in == run.asked_by or not _is_person(run.asked_by):
                raise
            await self._bridge.run(self._tell_in, run.id, run.asked_by)
            return
        if lost:
            await self._edit_progress(run, channel_id, ts, text)
        await self._bridge.run(self._told, run.id, channel_id, ts)

    async def _report(self, run: TrainingRun) -> None:
        """To the ops channel; without one, to whoever asked. Nights that had nothing new are not worth a message."""
        place = self._services.settings.ops_channel or (run.asked_by if _is_person(run.asked_by) else "")
        told = await self._bridge.run_long(lambda: self._services.told_of(run))
        if not place or (not told.table and run.asked_by) or run.state.value == "skipped":
            return
        channel_id = await self._reports.conversation(place)
        posted = await self._reports.find(channel_id, run.id, run.started_at)
        ts = str(posted["ts"]) if posted else ""
        if not ts:
            ts = await self._reports.post(channel_id, run.id, view.verdict(run), view.report(run, told))
        if told.pictures and not (posted and posted.get("reply_count")):
            await self._send_pictures(channel_id, ts, told)

    async def _send_pictures(self, channel_id: str, ts: str, told: Told) -> None:
        """The plots, in the report's thread."""
        uploads = [
            {"file": await asyncio.to_thread(path.read_bytes), "filename": path.name, "title": title}
            for path, title in told.pictures
        ]
        await self._clients.once.files_upload_v2(channel=channel_id, thread_ts=ts, file_uploads=uploads)

    def _to_tell(self) -> tuple[TrainingRun | None, list[TrainingRun]]:
        with self._services.record() as work:
            return work.runs.active(), work.runs.unreported()

    def _told(self, run_id: str, channel_id: str, ts: str) -> None:
        with self._services.record() as work:
            work.runs.told(run_id, channel_id, ts)
            work.commit()

    def _tell_in(self, run_id: str, place: str) -> None:
        with self._services.record() as work:
            work.runs.tell_in(run_id, place)
            work.commit()

    def _reported(self, run_id: str) -> None:
        with self._services.record() as work:
            work.runs.reported(run_id)
            work.commit()


def _is_person(asked_by: str) -> bool:
    return asked_by.startswith(("U", "W"))
