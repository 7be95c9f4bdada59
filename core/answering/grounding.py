"""Is each sentence of an answer in the sources it cites? Pure functions; meaning is compared by the embedder given."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.answering.language import guess_language
from core.answering.links import DOMAIN, URL
from core.answering.phrases import Phrases
from core.answering.prompt import shortened
from core.knowledge.splitting import sentences
from core.knowledge.stop_words import folded, is_content_word
from core.knowledge.stores.terms import terms_of

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""Unit vectors of texts, one a row."""

MEANS_THE_SAME = 0.55
"""Cosine of a sentence and the nearest sentence of its source, from which one is taken to say what the other says."""
SHARED = 0.5
"""Share of a sentence's telling words that stand in its source, from which it is taken to be from there."""
FACT_WORDS = 3
"""Telling words that a sentence has at least, to state a fact."""

_MARKER = re.compile(r"\s*\[(\d{1,3})\](?:\(https?://[^()\s]*\))?")
_LEADING = re.compile(r"(?:\s*\[\d{1,3}\](?:\(https?://[^()\s]*\))?)+")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_LINK = re.compile(rf"{URL}|{DOMAIN}", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_NAME = re.compile(r"(?<![.!?:]\s)(?<!^)(?<=\s)[^\W\d_a-zà-ÿ][\w'’-]*[^\W_](?:\s[^\W\d_a-zà-ÿ][\w'’-]*[^\W_])*")
_ASKS = re.compile(r"[?？¿;]\s*$")
_STEM = 5
_MOST_NAMED = 6
_MOST_QUOTED = 3
_QUOTED = 90


@dataclass(frozen=True)
class Grounding:
    """What a reader should know. `unsupported`: cited sentences that their sources do not bear out; `uncited`: those
    that state a fact without a marker; `foreign`: numbers, names and links that stand in no source.
    """

    unsupported: tuple[str, ...] = ()
    uncited: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()


def in_words(grounding: Grounding, say: Phrases) -> str:
    """What a reader is told of it; empty when there is nothing to tell."""
    told = []
    for phrase, which in ((say.unsupported, grounding.unsupported), (say.uncited, grounding.uncited)):
        if which:
            quoted = " ".join(f"“{shortened(one, _QUOTED)}”" for one in which[:_MOST_QUOTED])
            told.append(f"{phrase} {quoted}{' …' if len(which) > _MOST_QUOTED else ''}")
    if grounding.foreign:
        told.append(f"{say.foreign} {', '.join(grounding.foreign)}.")
    return " ".join(told)


@dataclass(frozen=True)
class _Sentence:
    text: str
    markers: tuple[int, ...]

    @property
    def states_a_fact(self) -> bool:
        return not _ASKS.search(self.text) and len(_telling(self.text)) >= FACT_WORDS


def examine(answer: str, sources: Mapping[int, str], question: str, embed: Embed) -> Grounding:
    """Compare the answer with the passages that were in its prompt, by marker."""
    stated = [one for one in _sentences(_CODE.sub(" ", answer)) if one.states_a_fact]
    cited = [one for one in stated if one.markers]
    return Grounding(
        unsupported=tuple(one.text for one in cited if not _is_borne_out(one, sources, embed)),
        uncited=tuple(one.text for one in stated if not one.markers),
        foreign=_foreign(_MARKER.sub("", _CODE.sub(" ", answer)), " ".join([*sources.values(), question])),
    )


def _sentences(answer: str) -> list[_Sentence]:
    """Markers that stand behind a full stop belong to the sentence before it."""
    found: list[_Sentence] = []
    for line in answer.splitlines():
        for part in sentences(line):
            lead = _LEADING.match(part)
            own = part[lead.end() :] if lead and found else part
            if lead and found:
                before = found.pop()
                found.append(_Sentence(before.text, before.markers + _markers(lead.group())))
            text = _MARKER.sub("", own).strip(" \t*_#>-•")
            if text:
                found.append(_Sentence(text, _markers(own)))
    return found


def _markers(text: str) -> tuple[int, ...]:
    return tuple(int(marker[1]) for marker in _MARKER.finditer(text))


def _is_borne_out(sentence: _Sentence, sources: Mapping[int, str], embed: Embed) -> bool:
    """By words, or else by meaning, which takes longer to tell. What was translated cannot be judged by either."""
    passages = [sources[marker] for marker in sentence.markers if marker in sources]
    if any(guess_language(passage) != guess_language(sentence.text) for passage in passages):
        return True
    told = _telling(sentence.text)
    if any(len(told & _telling(passage)) >= SHARED * len(told) for passage in passages):
        return True
    parts = [part for passage in passages for part in sentences(passage) if part.strip()]
    if not parts:
        return False
    vectors = embed([sentence.text, *parts])
    return float(np.max(vectors[1:] @ vectors[0])) >= MEANS_THE_SAME


def _telling(text: str) -> set[str]:
    return {folded(term)[:_STEM] for term in terms_of(text).words if is_content_word(term)}


def _foreign(answer: str, known: str) -> tuple[str, ...]:
    """Each once, in the order of the answer."""
    links = [link.group().rstrip(".,;:!?") for link in _LINK.finditer(answer)]
    rest = _LINK.sub(" ", answer)
    said = [(found.start(), found.group()) for pattern in (_NUMBER, _NAME) for found in pattern.finditer(rest)]
    numbers, words = set(_NUMBER.findall(known)), folded(known)
    nouns_are_capitals = guess_language(answer) == "de"
    foreign = [link for link in links if link not in known]
    for _, thing in sorted(said):
        is_number = thing[0].isdigit()
        is_known = thing in numbers if is_number else all(folded(part) in words for part in thing.split())
        if not is_known and (is_number or " " in thing or not nouns_are_capitals):
            foreign.append(thing)
    return tuple(dict.fromkeys(foreign))[:_MOST_NAMED]
