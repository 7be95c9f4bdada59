"""Answers without a language model: the sentences of the sources that answer best, word for word and cited."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from math import log
from threading import Event

from core.answering.models.asked_for import AskedFor, asked_for, pointed_at
from core.answering.models.cells import cell_asked_for
from core.answering.models.language_model import Prompt
from core.answering.models.quotable import LIST_MARK, Quotable, quotable
from core.answering.models.stems import stems
from core.knowledge.chunking import with_header
from core.knowledge.embedding import Embedder

READS_CHARACTERS = 5_000
"""As much as can be embedded sentence by sentence in a fraction of a second."""
QUOTED = 3
"""At most so many sentences, for a question whose answer goes on."""
LISTED = 8
"""At most so many, where what goes on is a list."""
ASKS = 2.0
"""What a sentence loses for being a question itself: people ask in the words that others will ask in."""
OTHER_YEAR = 1.0
"""What a sentence loses that speaks of another year than the question does."""
_GOES_ON = re.compile(
    r"\b(?:how (?:do|does|did|can|should|to|is|are)|why|explain|describe|steps?|what happens|which steps|warum|wieso"
    r"|what (?:do|should|must|can|shall) (?:i|we|you) do|was (?:mache?|muss|soll|tue) (?:ich|wir|man)"
    r"|wie (?:kann|mache?|geht|funktioniert|soll)|erkläre?|cómo|por qué|explica|comment|pourquoi)\b",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(r"(?:It|They|This|That|These|He|She|Er|Sie|Es|Dies\w*|Esto|Ello|Ella|Él|Il|Elle)\b")
_ASKS = re.compile(r"[?？\u037e؟]\W*$")
_ENDS = re.compile(r"[.!?…。！？।؟]\W*$")
_FIGURE = re.compile(r"\b\d[\d.,:]*\b")
ROW = 3
"""Figures from which a line that does not end as sentences do is a table's row: which is meant, nobody can tell."""
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_OPENS_A_BLOCK = re.compile(r"#{1,6}\s|>")
_SPEAKER = re.compile(r"^[^\n:]{1,60}: (?=\S)")


@dataclass(frozen=True)
class _Scored:
    sentence: Quotable
    score: float


class Extractive:
    """A LanguageModel that only quotes. It always has an answer where there is a source."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    @property
    def name(self) -> str:
        """How the record knows it."""
        return "extractive"

    @property
    def adapter(self) -> str:
        """It has none."""
        return ""

    @property
    def generates(self) -> bool:
        """It quotes."""
        return False

    def room_for(self, prompt: Prompt) -> int:
        """Characters of sources that may still be read."""
        return READS_CHARACTERS - sum(len(source.text) for source in prompt.sources)

    def generate(self, prompt: Prompt, stop: Event) -> Iterator[str]:
        """The best sentence; what follows it in its source too, where the question asks how or why.

        What the question asks for (a date, a number, a person, a place) is set in bold where the sentence names it.
        """
        candidates = quotable(prompt.sources)
        if not candidates:
            return
        kind = asked_for(prompt.question)
        chosen = self._chosen(prompt.question, kind, candidates)
        for nth, sentence in enumerate(chosen):
            if stop.is_set():
                return
            text = _emphasised(kind, prompt.question, sentence) if sentence == chosen[-1] else sentence.text
            between = "\n" if LIST_MARK.match(sentence.text) else " "
            yield f"{between if nth else ''}{_closed(text)} [{sentence.cited}]"

    def use(self, adapter: str) -> None:
        """It has no weights that an adapter could change."""

    def rest(self) -> None:
        """It takes no memory of a device: it goes on."""

    def wake(self) -> None:
        """It never slept."""

    def close(self) -> None:
        """Nothing to let go of: the embedder belongs to others too."""

    def _chosen(self, question: str, kind: AskedFor | None, candidates: list[Quotable]) -> list[Quotable]:
        scored = self._scored(question, kind, candidates)
        at = max(range(len(scored)), key=lambda each: scored[each].score)
        goes_on = kind is None and bool(_GOES_ON.search(question))
        if goes_on:
            at = _where_its_section_begins(question, candidates, at)
            return [*_with_what_it_points_to(candidates, at), *_following(candidates, at)]
        return _with_what_it_points_to(candidates, _where_it_is_named(kind, question, candidates, at))

    def _scored(self, question: str, kind: AskedFor | None, candidates: list[Quotable]) -> list[_Scored]:
        """Meaning, rare words in common with the question, and the same of the sentence's surroundings.

        The weights were set by hand on XQuAD in English, German and Spanish (benchmarks/answers.py).
        """
        texts = [with_header(each.heading, each.text) for each in candidates]
        similar = self._embedder.embed_passages(texts) @ self._embedder.embed_question(question)
        overlap = _Overlap(question, candidates)
        scored = []
        for at, candidate in enumerate(candidates):
            own = overlap.of(at)
            score = (
                2.0 * float(similar[at])
                + 3.0 * own
                + 0.7 * (overlap.of(at, at - 1) - own)
                + 0.3 * (overlap.of(at, at + 1) - own)
                + 2.0 * overlap.of_source(candidate.marker)
                + 0.5 * (candidate.marker == 1)
                + 1.0 * bool(kind and pointed_at(kind, question, candidate.text))
                - ASKS * bool(_ASKS.search(candidate.text))
                - OTHER_YEAR * _is_of_another_year(question, candidate.text)
            )
            scored.append(_Scored(candidate, score))
        return scored


class _Overlap:
    """The share of the question's words that sentences hold, each word weighing more the rarer it is among them."""

    def __init__(self, question: str, candidates: list[Quotable]) -> None:
        self._candidates = candidates
        self._asked = stems(question)
        said = [stems(each.text) & self._asked for each in candidates]
        headings = {heading: stems(heading) & self._asked for heading in {each.heading for each in candidates}}
        self._held = [held | headings[each.heading] for held, each in zip(said, candidates, strict=True)]
        frequency = Counter(stem for held in (*said, *headings.values()) for stem in held)
        count = len(candidates)
        self._weight = {s: log(1 + (count - frequency[s] + 0.5) / (frequency[s] + 0.5)) for s in self._asked}
        self._whole = sum(self._weight.values()) or 1.0
        self._of_source: dict[int, set[str]] = {}
        for each, held in zip(candidates, self._held, strict=True):
            self._of_source.setdefault(each.marker, set()).update(held)

    def of(self, at: int, neighbour: int | None = None) -> float:
        """Of one sentence; together with a neighbour, if that belongs to the same source."""
        held = self._held[at]
        if neighbour is not None and self._belong_together(at, neighbour):
            held = held | self._held[neighbour]
        return self._share(held)

    def _belong_together(self, at: int, neighbour: int) -> bool:
        inside = 0 <= neighbour < len(self._candidates)
        return inside and self._candidates[at].marker == self._candidates[neighbour].marker

    def of_source(self, marker: int) -> float:
        """Of all sentences of the source."""
        return self._share(self._of_source[marker])

    def _share(self, stems: set[str]) -> float:
        return sum(self._weight[stem] for stem in stems) / self._whole


def _where_its_section_begins(question: str, candidates: Sequence[Quotable], at: int) -> int:
    """The sentence; or the first of its section, where only the section's heading speaks of what is asked."""
    chosen, asked = candidates[at], stems(question)
    if stems(chosen.text) & asked or not stems(chosen.heading) & asked:
        return at
    section = (chosen.marker, chosen.heading)
    return next(n for n, each in enumerate(candidates) if (each.marker, each.heading) == section)


def _where_it_is_named(kind: AskedFor | None, question: str, candidates: Sequence[Quotable], at: int) -> int:
    """The sentence, or the next one about the same ("It …"), where only that one names the kind of thing asked for."""
    if kind is None or at + 1 == len(candidates) or pointed_at(kind, question, candidates[at].text):
        return at
    after = candidates[at + 1]
    goes_on = after.marker == candidates[at].marker and _POINTS_BACK.match(after.text)
    return at + 1 if goes_on and pointed_at(kind, question, after.text) else at


def _with_what_it_points_to(candidates: Sequence[Quotable], at: int) -> list[Quotable]:
    """The sentence; before it the one that its "It" means, where that stands before it."""
    chosen, before = candidates[at], candidates[max(0, at - 1)]
    if at and before.marker == chosen.marker and _POINTS_BACK.match(chosen.text):
        return [before, chosen]
    return [chosen]


def _following(candidates: Sequence[Quotable], at: int) -> list[Quotable]:
    """What follows in the same section of the source: a few sentences, or a list to its end, where it begins soon."""
    section = (candidates[at].marker, candidates[at].heading)
    after = list(takewhile(lambda each: (each.marker, each.heading) == section, candidates[at + 1 : at + LISTED]))
    items = [nth for nth, each in enumerate(after) if LIST_MARK.match(each.text)]
    is_list = bool(items) and items[0] < QUOTED - 1
    return after[: max(QUOTED - 1, items[-1] + 1)] if is_list else after[: QUOTED - 1]


def _is_of_another_year(question: str, sentence: str) -> bool:
    asked, said = set(_YEAR.findall(question)), set(_YEAR.findall(sentence))
    return bool(asked and said) and not asked & said


def _emphasised(kind: AskedFor | None, question: str, sentence: Quotable) -> str:
    """The sentence with what is asked for in bold; as it is where that would meddle with markup of its own."""
    text = sentence.text
    if "*" in text or "`" in text or _OPENS_A_BLOCK.match(text) or (_is_row(text) and not sentence.cells):
        return text
    span = cell_asked_for(question, sentence.cells) if sentence.cells else _thing_asked_for(kind, question, text)
    return f"{text[: span[0]]}**{text[span[0] : span[1]]}**{text[span[1] :]}" if span else text


def _thing_asked_for(kind: AskedFor | None, question: str, sentence: str) -> tuple[int, int] | None:
    if kind is None:
        return None
    said = _SPEAKER.match(sentence)
    skipped = said.end() if said and kind is not AskedFor.WHO else 0
    span = pointed_at(kind, question, sentence[skipped:])
    if span is None:  # what stands before a colon is not always a speaker
        return pointed_at(kind, question, sentence)
    return span[0] + skipped, span[1] + skipped


def _is_row(line: str) -> bool:
    return not _ENDS.search(line) and len(_FIGURE.findall(line)) >= ROW


def _closed(text: str) -> str:
    """So that no mark of it reaches beyond it: no half a code span, nor a shell's comment that would be a headline."""
    if _OPENS_A_BLOCK.match(text) and "`" not in text:
        return f"`{text}`"
    return text.replace("`", "'") if text.count("`") % 2 else text
