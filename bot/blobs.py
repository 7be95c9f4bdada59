"""The folder of files' bytes: no file comes in that is larger than allowed, and each is there whole or not at all."""

import asyncio
import os
from collections.abc import AsyncIterable
from typing import BinaryIO
from uuid import uuid4

from core.errors import FileTooLarge
from core.records.files import SharedFile
from core.settings import Settings

CHUNK = 256 * 1024
"""Bytes that are read at a time."""
_MEGABYTE = 1024 * 1024


class Blobs:
    """Stores what is fetched."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.blobs_dir
        self._limit_mb = settings.file_max_mb

    def check_size(self, file: SharedFile, size: int) -> None:
        """Raises FileTooLarge when so many bytes are more than a file may have."""
        if size > self._limit_mb * _MEGABYTE:
            raise FileTooLarge(
                f"{file.name} is larger than {self._limit_mb} MB, so I did not read it. Share a smaller file or part of"
                " it."
            )

    async def save(self, file: SharedFile, chunks: AsyncIterable[bytes]) -> str:
        """Store the file's bytes as they come; returns their path in the blob folder. Raises FileTooLarge."""
        blob = f"{file.workspace_id}/{file.id}"
        target = self._folder / blob
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}.{uuid4().hex}.part")
        try:
            with part.open("wb") as opened:
                await self._write(file, chunks, opened)
            await asyncio.to_thread(os.replace, part, target)
        finally:
            part.unlink(missing_ok=True)
        return blob

    async def _write(self, file: SharedFile, chunks: AsyncIterable[bytes], opened: BinaryIO) -> None:
        received = 0
        async for chunk in chunks:
            received += len(chunk)
            self.check_size(file, received)
            await asyncio.to_thread(opened.write, chunk)
        await asyncio.to_thread(_flush_to_disk, opened)


def _flush_to_disk(opened: BinaryIO) -> None:
    opened.flush()
    os.fsync(opened.fileno())
