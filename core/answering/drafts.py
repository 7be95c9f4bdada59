"""What comes of a question: events while it is answered, and the draft that is saved in the end."""

from dataclasses import dataclass

from core.knowledge.retrieval import Found
from core.records.questions import Verdict


@dataclass(frozen=True)
class DraftCitation:
    """A source that the answer points to under [marker]; `quote` is the passage word for word."""

    marker: int
    passage_id: str
    document_id: str
    audience: str
    source: str
    link: str
    quote: str


@dataclass(frozen=True)
class Draft:
    """An answer, ready to be shown and saved. `text` is Markdown that cannot ping anybody nor link abroad.

    `note` is a sentence to show with it; `nearest` are pointers where the answer itself cites nothing.
    """

    text: str
    verdict: Verdict
    model: str = ""
    adapter: str = ""
    note: str = ""
    citations: tuple[DraftCitation, ...] = ()
    nearest: tuple[DraftCitation, ...] = ()


@dataclass(frozen=True)
class Searched:
    """The search is over; so many relevant passages were found."""

    found: int


@dataclass(frozen=True)
class Written:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True)
class Restarted:
    """What was written so far is void: the answer begins anew."""


@dataclass(frozen=True)
class Finished:
    """The answer is whole; its text is what was written since the beginning or the last restart."""

    draft: Draft


AnswerEvent = Searched | Written | Restarted | Finished


def citation_of(marker: int, found: Found) -> DraftCitation:
    """The passage as a citation."""
    return DraftCitation(
        marker, found.passage_id, found.document_id, found.audience, found.source, found.link, found.quote
    )
