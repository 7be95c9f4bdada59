"""What a bench says of memory is its own process's."""

import subprocess
import sys

from benchmarks.memory import peak_mib


def test_a_process_does_not_answer_for_the_one_that_started_it() -> None:
    held = b"x" * (400 << 20)
    assert peak_mib() > 400
    asked = [sys.executable, "-c", "from benchmarks.memory import peak_mib; print(peak_mib())"]
    told = subprocess.run(asked, check=True, capture_output=True, text=True)
    assert float(told.stdout) < len(held) / 2**20
