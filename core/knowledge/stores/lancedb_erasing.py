"""Leaving nothing on the disk of what was removed from a LanceDB table.

A deletion only marks rows: their words and vectors stay in data files and indexes, and whole in older states of the
table, also after LanceDB's own compaction. So all rows that stand are written anew, the indexes are made anew, and
every older state goes, with whatever a killed writer had left behind.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from core.knowledge.stores.lancedb_schema import make_indexes_anew

SMALLEST_GRACE = timedelta(milliseconds=1)
"""LanceDB warns of none at all."""


@contextmanager
def writing(folder: Path, *, alone: bool = False) -> Iterator[None]:
    """Hold the folder's lock as one of several writers in any process, or alone."""
    with (folder / ".writing").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


def erase_deleted(table: Any, folder: Path, grace_s: float) -> None:
    """Rewrite the table, and remove its older states once their readers had `grace_s` seconds to finish."""
    with writing(folder, alone=True):
        table.checkout_latest()
        table.update(where="true", values_sql={"id": "id"})
        make_indexes_anew(table)
    time.sleep(grace_s)
    with writing(folder, alone=True):
        # Alone, so that no write under way is taken for one that was broken off.
        table.checkout_latest()
        grace = max(timedelta(seconds=grace_s), SMALLEST_GRACE)
        table.optimize(cleanup_older_than=grace, delete_unverified=True)
