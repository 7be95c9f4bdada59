"""Opening and migrating the record."""

from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context

from core.records.database import migrate


def test_processes_that_start_together_migrate_once(database_url: str) -> None:
    with ThreadPoolExecutor(3) as waiting:
        processes = [get_context("spawn").Process(target=migrate, args=(database_url,)) for _ in range(3)]
        for process in processes:
            process.start()
        list(waiting.map(lambda process: process.join(60), processes))
    assert [process.exitcode for process in processes] == [0, 0, 0]
