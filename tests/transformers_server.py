"""`transformers serve` with a tiny Phi-3: a real OpenAI-style server process, to be killed and started again."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

START_S = 120.0
"""It imports much, and may share the machine."""


class TransformersServer:
    """A server on a port that stays the same; it is known by its checkpoint's folder."""

    def __init__(self, checkpoint: Path, log: Path) -> None:
        self.model = str(checkpoint)
        self._log = log
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    def start(self) -> None:
        """Returns when it answers."""
        command = Path(sys.executable).with_name("transformers")
        options = ["--host", "127.0.0.1", "--port", str(self._port), "--device", "cpu", "--dtype", "float32"]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [command, "serve", self.model, *options],
                stdout=log,
                stderr=log,
                env={**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
            )
        deadline = time.monotonic() + START_S
        while not self._answers():
            assert self.process.poll() is None, self._log.read_text()[-2000:]
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.1)

    def kill(self) -> None:
        """At once, whatever it is doing."""
        self.process.kill()
        self.process.wait(30)

    def _answers(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self._port}/health", timeout=5):
                return True
        except (URLError, OSError):
            return False
