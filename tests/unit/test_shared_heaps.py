"""How many heaps the C library keeps, counted by itself in a process of its own."""

import ctypes
import os
import subprocess
import sys

import pytest

from core.knowledge.stores.shared_heaps import HEAPS

MANY_THREADS = """
import ctypes, sys, threading
from core.knowledge.stores.shared_heaps import give_back, share_heaps
if sys.argv[1] == "shared":
    share_heaps()
c, together = ctypes.CDLL(None), threading.Barrier(6)
def ask():
    together.wait()
    c.malloc(10_000)
    together.wait()
threads = [threading.Thread(target=ask) for _ in range(6)]
for each in threads: each.start()
for each in threads: each.join()
give_back()
c.malloc_stats()
"""


def heaps(how: str, **environment: str) -> int:
    command = [sys.executable, "-c", MANY_THREADS, how]
    run = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **environment})
    return run.stderr.count("Arena ")


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_stats"), reason="another C library than glibc")
def test_threads_share_a_few_heaps_unless_the_admin_says_otherwise() -> None:
    assert heaps("not shared") > HEAPS
    assert heaps("shared") <= HEAPS
    assert heaps("shared", MALLOC_ARENA_MAX="5") > HEAPS
