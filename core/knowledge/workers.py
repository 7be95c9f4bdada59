"""Who works: each process has a name, so that what a dead one had taken is free for others at once."""

import os
import socket

from core.records.unit_of_work import Record


def this_worker() -> str:
    """The name of this process among all that work on the record."""
    return f"{socket.gethostname()}:{os.getpid()}"


def release_claims(record: Record, worker: str) -> None:
    """What this one had taken is free for others."""
    with record() as work:
        work.claims.release(worker)
        work.commit()


def release_claims_of_the_dead(record: Record) -> None:
    """What a killed worker of this machine had taken is free for others at once."""
    with record() as work:
        for claimant in work.claims.claimants():
            if _is_dead(claimant):
                work.claims.release(claimant)
        work.commit()


def _is_dead(claimant: str) -> bool:
    """Whether this worker ran on this machine and runs no more; of other machines nothing is known."""
    host, _, number = claimant.rpartition(":")
    if host != socket.gethostname() or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False  # somebody else's process has that number now; its claim runs out by itself
    return False
