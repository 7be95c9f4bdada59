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
class DraftGround:
    """Places in a document that the answer rests on."""

    document_id: str
    channel_id: str
    places: tuple[str, ...]


@dataclass(frozen=True)
class Draft:
    """An answer, ready to be shown and saved. `text` is Markdown that cannot ping anybody nor link abroad.

    `note` is a sentence to show with it; `nearest` are pointers where the answer itself cites nothing. `grounds` is
    all that it rests on: what was read under the markers that it uses, or, where it uses none, all that was read.
    """

    text: str
    verdict: Verdict
    model: str = ""
    adapter: str = ""
    note: str = ""
    citations: tuple[DraftCitation, ...] = ()
    nearest: tuple[DraftCitation, ...] = ()
    grounds: tuple[DraftGround, ...] = ()


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


def ground_of(found: Found) -> DraftGround:
    """What an answer rests on that was written from this passage."""
    return DraftGround(found.document_id, found.channel_id, found.places)
