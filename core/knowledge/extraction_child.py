"""The process that parses one file: takes the request from stdin, limits itself, answers on stdout as JSON."""

import json
import math
import os
import re
import resource
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.errors import EmptyFile, FileTooLarge, UnreadableFile
from core.knowledge.content import Block, Content
from core.knowledge.readers.reading import read

MEANINGLESS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff]")

BYTES_PER_CHARACTER = 6  # a character takes at most "\uXXXX" in JSON
WRITTEN_BESIDE = 64 * 2**20  # bytes: brackets, places and headings; kreuzberg's pdfium, unpacked to the scratch folder


def main() -> None:
    """Answer the one request on stdin."""
    request = json.load(sys.stdin)
    limit_self(request["seconds"], request["memory_mb"], request["characters"])
    # Native libraries print on stdout when they feel like it: keep the answer's road to ourselves.
    answer_to = os.dup(1)
    os.dup2(2, 1)
    with os.fdopen(answer_to, "w", encoding="utf-8") as out:
        json.dump(answer(request), out)


def limit_self(seconds: float, memory_mb: int, characters: int) -> None:
    """Have the kernel end this process when it takes more than its share, even if its parent is gone."""
    cpu = math.ceil(seconds)
    output = characters * BYTES_PER_CHARACTER + WRITTEN_BESIDE
    for what, limit in (
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_AS, memory_mb * 2**20),
        (resource.RLIMIT_FSIZE, output),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))
    signal.alarm(cpu + 5)


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """The blocks of the file asked for, or the cause why there are none."""
    name = request["name"]
    try:
        content = read(Path(request["path"]), name, request["mimetype"])
        return as_json(checked(content, name, request["characters"]))
    except UnreadableFile as error:
        return {"cause": type(error).__name__, "sentence": error.sentence}


def checked(content: Content, name: str, characters: int) -> Content:
    """The content with its blocks tidied, refused when it has no words or too many."""
    blocks = tuple(tidy for block in content.blocks if (tidy := tidied(block)).text)
    if not blocks:
        raise EmptyFile(f"{name} has nothing in it but white space. Please check the file and share it again.")
    total = sum(len(block.text) for block in blocks)
    if total > characters:
        raise FileTooLarge(
            f"{name} holds {total:,} characters of text, and I read up to {characters:,} of one file. "
            "Please share the parts that matter, each as a file of its own."
        )
    return Content(title=content.title.strip() or name, blocks=blocks)


def tidied(block: Block) -> Block:
    """The block without the characters that mean nothing in text (NUL, lone surrogates, other controls)."""
    return replace(block, text=MEANINGLESS.sub("", block.text).strip("\n").rstrip())


def as_json(content: Content) -> dict[str, Any]:
    """What extraction.py reads back."""
    return {
        "title": content.title,
        "blocks": [[block.text, block.kind, block.place, block.heading] for block in content.blocks],
    }


if __name__ == "__main__":
    main()
