"""How good a written answer is, beside the approved one and beside its passages; every score lies between 0 and 1."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from rouge_score.rouge_scorer import RougeScorer

from core.answering.language import guess_language
from core.answering.phrases import phrases_for
from core.training.rows import Row

Embed = Callable[[Sequence[str]], NDArray[np.float32]]

LONG_WORD = 4
"""Shorter words, such as "the" or "und", tell little in most languages that are written in Latin letters."""

_MARKER = re.compile(r"\[(\d{1,3})\]")
_WORD = re.compile(r"[^\W_]+(?:[.,][0-9]+)*")
_REFUSAL = re.compile(
    r"\b(?:i (?:do not|don't|cannot|can't) (?:know|find|tell|answer)|(?:do|does)(?: not|n't) (?:say|tell|mention)"
    r"|not (?:mentioned|stated|in the sources)|no information"
    r"|weiß ich nicht|no lo sé|je ne sais pas|non lo so|não sei)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Scores:
    """One answer's scores.

    `f1`, `exact`, `rouge_l`, `similarity`: beside the approved answer. `cited`: share of its citations that point at
    the passages of the approved answer; 0 when it cites nothing though it ought to. `grounding`: share of its words
    that its passages, the question or the approved answer carry. `words`: its length.
    """

    f1: float
    exact: float
    rouge_l: float
    similarity: float
    cited: float
    grounding: float
    refused: float
    words: int


def score(rows: Sequence[Row], answers: Sequence[str], embed: Embed) -> list[Scores]:
    """Scores of the answers written for these rows."""
    bare = [without_markers(answer) for answer in answers]
    meant = [without_markers(row.answer) for row in rows]
    likeness = _likeness(bare, meant, embed)
    return [
        Scores(
            f1=token_f1(said, wanted),
            exact=float(words(said) == words(wanted)),
            rouge_l=_rouge_l(said, wanted),
            similarity=alike,
            cited=citations_right(answer, row.gold),
            grounding=grounding(row, said),
            refused=float(is_refusal(answer)),
            words=len(words(said)),
        )
        for row, answer, said, wanted, alike in zip(rows, answers, bare, meant, likeness, strict=True)
    ]


def words(text: str) -> list[str]:
    """The text's words in lower case; scripts without spaces are taken letter by letter."""
    found = _WORD.findall(text.lower())
    return [piece for word in found for piece in (word if "\u3040" <= word[0] <= "\u9fff" else (word,))]


def token_f1(said: str, wanted: str) -> float:
    """SQuAD's overlap of words, for any script."""
    ours, theirs = Counter(words(said)), Counter(words(wanted))
    shared = sum((ours & theirs).values())
    if not shared:
        return float(not ours and not theirs)
    precision, recall = shared / sum(ours.values()), shared / sum(theirs.values())
    return 2 * precision * recall / (precision + recall)


def grounding(row: Row, said: str) -> float:
    """Share of the answer's telling words that its passages, the question or the approved answer carry.

    The approved answer counts, since the ways of saying things that a team approves of need not stand in its passages.
    1 for an answer without any telling words.
    """
    told = [
        word for word in words(said) if len(word) >= LONG_WORD or not word.isascii() or any(c.isdigit() for c in word)
    ]
    if not told or is_refusal(said):
        return 1.0
    given = " ".join(source.text for source in row.prompt.sources)
    known = set(words(f"{given} {row.prompt.question} {row.answer}"))
    return sum(word in known for word in told) / len(told)


def citations_right(answer: str, gold: Sequence[int]) -> float:
    """Share of the citations that point at a gold passage; where there is none to cite, 1 for citing nothing."""
    cited = [int(marker) for marker in _MARKER.findall(answer)]
    if not gold:
        return float(not cited)
    return sum(marker in gold for marker in cited) / len(cited) if cited else 0.0


def is_refusal(answer: str) -> bool:
    """Whether the answer says that it does not know, and claims nothing."""
    known = phrases_for(guess_language(answer)).unknown
    return bool(_REFUSAL.search(answer)) or token_f1(answer, known) > 0.6


def without_markers(answer: str) -> str:
    """The answer without its citations."""
    return re.sub(r"\s*\[\d{1,3}\]", "", answer).strip()


def _likeness(said: Sequence[str], wanted: Sequence[str], embed: Embed) -> list[float]:
    if not said:
        return []
    ours, theirs = embed([text or " " for text in said]), embed([text or " " for text in wanted])
    return [float(np.clip(one @ other, 0.0, 1.0)) for one, other in zip(ours, theirs, strict=True)]


def _rouge_l(said: str, wanted: str) -> float:
    return float(_rouge().score(wanted, said)["rougeL"].fmeasure)


@cache
def _rouge() -> RougeScorer:
    # Its own tokenizer knows only a–z: German would lose its umlauts, and Japanese everything.
    class Words:
        def tokenize(self, text: str) -> list[str]:
            return words(text)

    return RougeScorer(["rougeL"], tokenizer=Words())
