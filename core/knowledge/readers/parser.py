"""Kreuzberg, asked for what we need of it, its errors told as ours."""

import kreuzberg
from kreuzberg import ExtractionConfig, ExtractionResult, OcrConfig, PageConfig

from core.errors import DamagedFile, LockedFile, UnreadableFile

EACH_PAGE = PageConfig(extract_pages=True)


def parse(
    data: bytes, name: str, mime: str, pages: PageConfig = EACH_PAGE, ocr: OcrConfig | None = None
) -> ExtractionResult:
    """Kreuzberg's result with pages and structure; with `ocr`, of pictures. Raises LockedFile or DamagedFile."""
    config = ExtractionConfig(
        use_cache=False,
        pages=pages,
        include_document_structure=True,
        enable_quality_processing=False,  # it rewrites the text, and people want to find what was written
        ocr=ocr,
        force_ocr=ocr is not None,
    )
    try:
        return kreuzberg.extract_bytes_sync(data, mime, config=config)
    except kreuzberg.KreuzbergError as error:
        raise _told(str(error).lower(), name) from error


def _told(reason: str, name: str) -> UnreadableFile:
    if "password" in reason or "encrypt" in reason:
        return LockedFile(
            f"{name} is protected by a password, so I cannot read it. Please share a copy without the password."
        )
    return DamagedFile(f"{name} is broken or was cut off, so it cannot be opened. Please share it again.")
