"""`python -m core.worker`: indexes what is due until it is told to stop, and keeps house."""

import logging
import signal
import sys
from collections.abc import Callable
from datetime import UTC, timedelta
from threading import Event, Thread
from time import monotonic

from apscheduler.schedulers.background import BackgroundScheduler

from core.bootstrap import Services, build_services
from core.errors import JourneymanError, Misconfigured
from core.knowledge.indexing import CONVERSATIONS, FILES
from core.knowledge.workers import release_claims, release_claims_of_the_dead, this_worker
from core.logs import start_logging
from core.settings import Settings
from core.training.pointer import leave_tainted

POLL_S = 0.2
TROUBLE_S = 5.0
"""How long a lane rests when it could not even ask for work."""

TIDY_EVERY = timedelta(minutes=2)
LOOK_FOR_THE_DEAD_EVERY = timedelta(seconds=30)
FORGET_EVENTS_EVERY = timedelta(hours=1)
ERASE_EVERY = timedelta(seconds=20)
ERASING_SHARE = 20
"""Erasing writes whole files anew: it rests so many times as long as it took, an hour at most."""
LONGEST_REST = timedelta(hours=1)
FORGET_OLD_EVERY = timedelta(hours=1)
EVENTS_KEPT = timedelta(days=1)
"""Slack delivers an event again within two hours at most."""

log = logging.getLogger("core.worker")


class Worker:
    """Lanes side by side: a message does not wait behind a long file, nor does what is to be forgotten."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._id = this_worker()
        self._stop = Event()
        self._failed = False
        self._erase_from = monotonic()
        self._has_compared = False

    def run(self) -> bool:
        """Work until `stop` is called; False when the settings made it impossible."""
        release_claims(self._services.record, self._id)  # of an earlier process that had the same number
        self._release_claims_of_the_dead()
        scheduler = self._scheduler()
        scheduler.start()
        lanes = [Thread(target=self._work, args=(name, work), name=name) for name, work in self._lanes()]
        for lane in lanes:
            lane.start()
        log.info("Ready")
        for lane in lanes:
            lane.join()
        scheduler.shutdown()
        release_claims(self._services.record, self._id)
        return not self._failed

    def stop(self) -> None:
        """Finish the batches at hand, then end."""
        self._services.leaving.set()
        self._stop.set()

    def _lanes(self) -> tuple[tuple[str, Callable[[], int]], ...]:
        index_due = self._services.indexer.index_due
        return (
            ("forgetting", self._forget),
            ("conversations", lambda: index_due(self._id, CONVERSATIONS)),
            ("files", lambda: index_due(self._id, FILES)),
            ("reindexing", self._reindex),
            ("night school", self._services.night_watch.look),
        )

    def _forget(self) -> int:
        done = self._services.forgetting.carry_out()
        leave_tainted(self._services.record, self._services.settings.tainted_adapter)
        return done

    def _reindex(self) -> int:
        """Once compare the index with the store and with the settings; then make a new one where that is wanted."""
        if not self._has_compared:
            self._services.indexer.recover()
            self._services.reindexing.begin_if_needed()
            self._has_compared = True
        return self._services.reindexing.work(self._id)

    def _release_claims_of_the_dead(self) -> None:
        release_claims_of_the_dead(self._services.record)

    def _work(self, name: str, work: Callable[[], int]) -> None:
        while not self._stop.is_set():
            try:
                if not work():
                    self._stop.wait(POLL_S)
            except Misconfigured as error:
                log.error("%s", error.sentence)
                self._failed = True
                self.stop()
            except Exception as error:  # noqa: BLE001 - the record may be down for a while; the lane must outlive that
                reason = error.sentence if isinstance(error, JourneymanError) else type(error).__name__
                log.error("The lane %s tries again in %.0f s: %s", name, TROUBLE_S, reason)
                self._stop.wait(TROUBLE_S)

    def _scheduler(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1})
        for job, every in (
            (self._services.store.tidy, TIDY_EVERY),
            (self._release_claims_of_the_dead, LOOK_FOR_THE_DEAD_EVERY),
            (self._forget_events, FORGET_EVENTS_EVERY),
            (self._erase, ERASE_EVERY),
            (self._services.forgetting.forget_older_than_kept, FORGET_OLD_EVERY),
            (self._services.forgetting.sweep, FORGET_OLD_EVERY),
        ):
            scheduler.add_job(_logged(job), "interval", seconds=every.total_seconds())
        return scheduler

    def _erase(self) -> None:
        started = monotonic()
        if started < self._erase_from:
            return
        self._services.forgetting.erase()
        ended = monotonic()
        self._erase_from = ended + min((ended - started) * ERASING_SHARE, LONGEST_REST.total_seconds())

    def _forget_events(self) -> None:
        with self._services.record() as work:
            work.heard_events.forget_handled(EVENTS_KEPT)
            work.commit()


def _logged(job: Callable[[], object]) -> Callable[[], None]:
    """The job, whose trouble is one line of the log: it runs again soon anyway."""

    def run() -> None:
        try:
            job()
        except JourneymanError as error:
            log.warning("%s", error.sentence)

    return run


def main() -> int:
    """Run a worker until SIGTERM or SIGINT; the exit status."""
    settings = Settings()
    start_logging("worker", settings.log_level)
    services = build_services(settings)
    worker = Worker(services)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    try:
        services.migrate()
        return 0 if worker.run() else 1
    except JourneymanError as error:
        log.error("%s", error.sentence)
        return 1
    finally:
        services.close()


if __name__ == "__main__":
    sys.exit(main())
