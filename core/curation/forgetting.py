"""Forgetting, carried out: the worker's step from tombstones to nothing left. Safe to kill at any instruction."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from core.curation.approval import ApprovalRule
from core.curation.emptying import empty_record, forget_question
from core.curation.frozen_rows import FrozenRows
from core.knowledge.removing import remove_message, remove_share
from core.knowledge.stores.passage_store import PassageStore
from core.knowledge.wanting import day_of
from core.records.base import utc_now
from core.records.database import shed_deleted
from core.records.tombstones import Forgotten, Tombstone
from core.records.unit_of_work import Record, UnitOfWork
from core.records.workspaces import Channel

AT_ONCE = 100
"""Tombstones, or messages, of one batch: transactions hold the only write lock and stay short."""

STRAY_AFTER_S = 3600.0
"""Age at which bytes that no file claims are taken for left behind."""

_ROWS = (Forgotten.EXAMPLE, Forgotten.ROW)
_HEARD = tuple(kind for kind in Forgotten if kind not in _ROWS)


@dataclass(frozen=True)
class Forgetting:
    """Everything that forgetting reaches. `rule`: the approval rule of a workspace, for votes that go."""

    record: Record
    store: PassageStore
    rows: FrozenRows
    blobs_dir: Path
    rule: Callable[[str], ApprovalRule]

    def carry_out(self) -> int:
        """Empty the record and the folders of all that is to be forgotten; how many tombstones that were.

        The indexer empties the store of it, and `erase` the store's files.
        """
        done = 0
        while batch := self._to_empty(_HEARD):
            self._forget_beside(batch)
            for tombstone in batch:
                self._empty(tombstone)
            done += len(batch)
        done += self._forget_rows()
        self.rows.forget_late()
        return done

    def erase(self, grace_s: float = 5.0) -> bool:
        """Once the indexer is done, let the store's files hold nothing either of what was forgotten.

        Readers of the store's former state have `grace_s` seconds to finish. False when there is nothing to erase yet,
        or the database is too busy just now.
        """
        started = utc_now()
        with self.record() as work:
            waiting = work.tombstones.any_to_erase()
            indexing = work.documents.any_forgetting()
        if not waiting or indexing:
            return False
        self._remove_workspaces()
        self.store.erase_deleted(grace_s)
        if not shed_deleted(self.record.engine):
            return False
        with self.record() as work:
            work.tombstones.erased(emptied_before=started)
            work.commit()
        return True

    def _remove_workspaces(self) -> None:
        """The store lets go of the workspaces where the app was uninstalled."""
        with self.record() as work:
            gone = [each for each in work.tombstones.workspaces_to_erase() if work.workspaces.is_gone(each)]
        for workspace_id in gone:
            self.store.delete_workspace(workspace_id)
            with self.record() as work:
                if not work.workspaces.is_gone(workspace_id):
                    # The app was installed again meanwhile, and what was indexed since went too.
                    work.documents.want_all_again(workspace_id)
                    work.commit()

    def forget_older_than_kept(self) -> int:
        """Forget what is older than its channel keeps; how many messages that were."""
        with self.record() as work:
            channels = work.workspaces.with_retention()
        return sum(self._forget_old(channel) for channel in channels)

    def sweep(self) -> int:
        """Remove what killed processes left: bytes that belong to no file, and data sets that are not whole."""
        with self.record() as work:
            claimed = {self.blobs_dir / blob for blob in work.files.blobs()}
        oldest = time.time() - STRAY_AFTER_S
        files = [path for path in self.blobs_dir.rglob("*") if path.is_file()]
        halves = [*self.rows.datasets_dir.glob("*.partial"), *self.rows.adapters_dir.glob("*/*.partial")]
        unclaimed = [*halves, *(path for path in files if path not in claimed)]
        strays = [path for path in unclaimed if path.stat().st_mtime < oldest]
        for path in strays:
            path.unlink(missing_ok=True)
        return len(strays)

    def _to_empty(self, kinds: tuple[Forgotten, ...]) -> list[Tombstone]:
        with self.record() as work:
            return work.tombstones.to_empty(AT_ONCE, kinds)

    def _forget_beside(self, batch: list[Tombstone]) -> None:
        beside = self.rows.examples_beside(batch)
        with self.record() as work:
            for example_id in beside:
                work.tombstones.put(batch[0].workspace_id, Forgotten.ROW, example_id)
            work.commit()

    def _empty(self, tombstone: Tombstone) -> None:
        rule = self.rule(tombstone.workspace_id)
        if tombstone.kind is Forgotten.PERSON:
            self._remove_messages_of(tombstone)
        with self.record() as work:
            empty_record(work, tombstone, rule)
            if tombstone.kind is Forgotten.FILE:
                self._empty_file(work, tombstone)
            work.tombstones.emptied(tombstone)
            work.commit()

    def _empty_file(self, work: UnitOfWork, tombstone: Tombstone) -> None:
        """Bytes and name go, unless the file was shared again meanwhile."""
        file = work.files.get(tombstone.workspace_id, tombstone.subject)
        if file is None or (file.deleted_at is None and work.files.shares(file.workspace_id, file.id)):
            return
        if file.blob:
            (self.blobs_dir / file.blob).unlink(missing_ok=True)
        work.files.empty(file)

    def _remove_messages_of(self, tombstone: Tombstone) -> None:
        while True:
            with self.record() as work:
                channel_id = work.messages.channel_with(tombstone.workspace_id, tombstone.subject)
                if channel_id is None:
                    return
                channel = work.workspaces.hold_channel(tombstone.workspace_id, channel_id)
                assert channel is not None  # a message is heard in a channel
                for message in work.messages.of_person(channel.workspace_id, tombstone.subject, channel.id, AT_ONCE):
                    remove_message(work, channel, message)
                work.commit()

    def _forget_rows(self) -> int:
        """Examples and rows. While a run is under way it may still write what it read: they stay due until it ends."""
        with self.record() as work:
            running = work.runs.active() is not None
        done = 0
        while batch := self._to_empty(_ROWS):
            self.rows.forget(batch)
            if running:
                return done
            with self.record() as work:
                for tombstone in batch:
                    work.tombstones.emptied(tombstone)
                work.commit()
            done += len(batch)
        return done

    def _forget_old(self, channel: Channel) -> int:
        assert channel.retention_days is not None
        moment = utc_now() - timedelta(days=channel.retention_days)
        ts = f"{moment.timestamp():.6f}"
        done = 0
        while True:
            with self.record() as work:
                work.workspaces.hold_channel(channel.workspace_id, channel.id)
                old = work.messages.older_than(channel.workspace_id, channel.id, day_of(ts), ts, AT_ONCE)
                for message in old:
                    remove_message(work, channel, message)
                if not old:
                    for share in work.files.shared_before(channel.workspace_id, channel.id, moment):
                        remove_share(work, share)
                    for question in work.questions.asked_in(channel.workspace_id, channel.id, moment):
                        forget_question(work, question)
                work.commit()
            if not old:
                return done
            done += len(old)
