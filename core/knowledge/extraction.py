"""A file as it was shared → its text as blocks, parsed in a child process that may take only so much of anything."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import core
from core.errors import (
    DamagedFile,
    EmptyFile,
    FileTooLarge,
    LockedFile,
    NoTextInFile,
    UnreadableFile,
    UnsupportedFile,
)
from core.knowledge.content import Block, BlockKind, Content

CAUSES = {
    kind.__name__: kind for kind in (EmptyFile, NoTextInFile, LockedFile, DamagedFile, UnsupportedFile, FileTooLarge)
}
# How a process dies that asked for more than it was allowed: a Rust or C++ allocator that got no memory aborts,
# pdfium traps, and the kernel sends the signals of the other limits.
DIED_OF_A_LIMIT = {
    signal.SIGABRT,
    signal.SIGALRM,
    signal.SIGILL,
    signal.SIGKILL,
    signal.SIGTRAP,
    signal.SIGXCPU,
    signal.SIGXFSZ,
}


@dataclass(frozen=True)
class ExtractionLimits:
    """What one file may cost: seconds of wall-clock and of CPU time, MiB of memory and on disk, characters of text."""

    seconds: float = 60
    memory_mb: int = 1024
    characters: int = 5_000_000
    file_mb: int = 100


def extract(path: Path, name: str, mimetype: str, limits: ExtractionLimits) -> Content:
    """The text of the file at `path`, which people know as `name`; `mimetype` is only a hint, the bytes decide.

    Raises the subclass of UnreadableFile that says why there is no text.
    """
    with path.open("rb") as file:  # what may not be opened is no broken file: the caller hears the system's own word
        size = os.fstat(file.fileno()).st_size
    if size == 0:
        raise EmptyFile(f"{name} is empty: there is nothing in it to read. Please check the file and share it again.")
    if size > limits.file_mb * 2**20:
        raise FileTooLarge(
            f"{name} is {size / 2**20:,.0f} MB, and I read files of up to {limits.file_mb} MB. "
            "Please share it in smaller parts."
        )
    with (
        tempfile.TemporaryDirectory(prefix="journeyman-extract-") as scratch,
        tempfile.TemporaryFile() as result,
    ):
        request = {"path": str(path.resolve()), "name": name, "mimetype": mimetype, **asdict(limits)}
        status = _run_child(json.dumps(request), Path(scratch), result, limits.seconds)
        if status != 0:
            raise _death(status, name, limits)
        result.seek(0)
        return _read(json.load(result))


def _run_child(request: str, scratch: Path, result: IO[bytes], seconds: float) -> int:
    """Parse in a fresh interpreter that sees no secret of ours; its exit status, or -SIGXCPU when time was up."""
    child = subprocess.Popen(
        [sys.executable, "-X", "utf8", "-m", "core.knowledge.extraction_child"],
        stdin=subprocess.PIPE,
        stdout=result,
        stderr=subprocess.DEVNULL,
        cwd=scratch,
        env=_environment(scratch),
        start_new_session=True,
    )
    try:
        child.communicate(request.encode(), timeout=seconds)
    except subprocess.TimeoutExpired:
        return -signal.SIGXCPU
    finally:
        _end_group(child)
    return child.returncode


def _environment(scratch: Path) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(Path(core.__file__).parents[1]),
        "TMPDIR": str(scratch),
        # Threads and memory arenas reserve address space, which the memory limit counts.
        "MALLOC_ARENA_MAX": "2",
        "RAYON_NUM_THREADS": "1",
        "TOKIO_WORKER_THREADS": "1",
    }


def _end_group(child: subprocess.Popen[bytes]) -> None:
    """End the child and whatever it started (it leads its own process group)."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _death(status: int, name: str, limits: ExtractionLimits) -> UnreadableFile:
    """Why the child ended without an answer."""
    if -status == signal.SIGXCPU:
        return FileTooLarge(
            f"{name} takes longer than {limits.seconds:g} seconds to read. "
            "Please share it in smaller parts, or saved again in a simpler form."
        )
    if status < 0 and -status in DIED_OF_A_LIMIT:
        return FileTooLarge(
            f"{name} unpacks to more than the {limits.memory_mb} MB of memory that reading a file may take. "
            "Please share it in smaller parts."
        )
    return DamagedFile(f"{name} cannot be read: it seems to be broken. Please open it, save it again and re-share it.")


def _read(answer: dict[str, Any]) -> Content:
    if "cause" in answer:
        raise CAUSES[answer["cause"]](answer["sentence"])
    blocks = tuple(
        Block(text=text, kind=BlockKind(kind), place=place, heading=heading)
        for text, kind, place, heading in answer["blocks"]
    )
    return Content(title=answer["title"], blocks=blocks)
