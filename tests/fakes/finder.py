"""Finds what a test says, whatever is asked, and remembers what it was asked for."""

from datetime import UTC, datetime

from core.knowledge.access import AccessScope
from core.knowledge.retrieval import Found


def found(
    text: str, *, number: int = 1, context: str = "", source: str = "", relevant: bool = True, link: str = ""
) -> Found:
    return Found(
        passage_id=f"p{number}",
        document_id=f"d{number}",
        source=source or f"#general, Ana, {number} March 2026",
        link=link or f"https://acme.slack.com/archives/C1/p{number}",
        quote=text,
        context=context or text,
        header="#general",
        audience="public",
        said_at=datetime(2026, 3, number, tzinfo=UTC),
        place="",
        score=0.9 if relevant else 0.0,
        similarity=0.9 if relevant else 0.0,
        coverage=1.0 if relevant else 0.0,
    )


class FixedFinder:
    """Returns the given passages."""

    def __init__(self, *passages: Found) -> None:
        self.passages = list(passages)
        self.asked: list[tuple[str, AccessScope, int]] = []
        self.threads: list[str] = []

    def find(self, question: str, scope: AccessScope, limit: int, thread: str = "") -> list[Found]:
        self.threads.append(thread)
        self.asked.append((question, scope, limit))
        return self.passages[:limit]
