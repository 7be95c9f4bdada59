"""A question becomes a grounded answer: find, fit, write, check; and say so honestly when one of these fails."""

import logging
from collections.abc import Generator, Iterator, Mapping, Sequence
from threading import Event
from typing import Protocol

from core.answering.citations import SafeStream
from core.answering.drafts import AnswerEvent, Draft, Finished, Restarted, Searched, Written, citation_of, ground_of
from core.answering.follow_up import search_text
from core.answering.grounding import Embed, examine, in_words
from core.answering.language import guess_language, has_words
from core.answering.links import AllowedLinks
from core.answering.models.language_model import LanguageModel, Turn, WrittenWith
from core.answering.patience import Patiently, TookTooLong
from core.answering.phrases import Phrases, phrases_for
from core.answering.prompt import Fitted, fit_prompt, shortened
from core.errors import ModelResting, ModelUnavailable
from core.knowledge.access import AccessScope
from core.knowledge.relevance import is_certain, is_relevant
from core.knowledge.retrieval import Found
from core.records.questions import Verdict

log = logging.getLogger(__name__)

NEAREST = 3
"""Pointers that go with "I don't know"."""
SEARCH_CHARACTERS = 1_000
"""About as much of a question as an embedder reads."""


class Finder(Protocol):
    """Whoever finds passages for a question."""

    def find(self, question: str, scope: AccessScope, limit: int, thread: str = "") -> list[Found]:
        """The best passages that the scope may see, best first; those of the thread that was asked in before others."""


class Answering:
    """Answers questions; may be called from several threads. `fallback` writes when `model` fails: it must not."""

    def __init__(
        self,
        retrieval: Finder,
        model: LanguageModel,
        fallback: LanguageModel,
        embed: Embed,
        *,
        passages: int,
        patience_s: float,
    ) -> None:
        self._retrieval = retrieval
        self._embed = embed
        self._model = model
        self._fallback = fallback
        self._passages = passages
        self._patience_s = patience_s

    @property
    def generates(self) -> bool:
        """Whether answers are written word by word, and not only quoted."""
        return self._model.generates

    def answer(
        self,
        question: str,
        scope: AccessScope,
        turns: Sequence[Turn] = (),
        stop: Event | None = None,
        thread: str = "",
    ) -> Iterator[AnswerEvent]:
        """The events of answering; the last one is Finished. It ends early, with what there is, once `stop` is set.

        `thread` is where it was asked, as channel and root ts ("C1:1700000000.000100"): its own words come first.

        Raises StoreUnavailable when nothing can be searched.
        """
        question, say = question.strip(), phrases_for(guess_language(question))
        if not has_words(question):
            yield from _plainly(Draft(say.ask_me, Verdict.UNKNOWN))
            return
        looked_for = shortened(search_text(question, turns), SEARCH_CHARACTERS)
        found = self._retrieval.find(looked_for, scope, self._passages, thread)
        relevant = [one for one in found if is_relevant(one)]
        yield Searched(len(relevant))
        if relevant:
            yield from self._written(_Asked(question, relevant, turns, say, stop or Event()))
            return
        nearest = tuple(citation_of(rank, one) for rank, one in enumerate(found[:NEAREST], 1))
        yield from _plainly(Draft(say.unknown, Verdict.UNKNOWN, nearest=nearest))

    def _written(self, asked: "_Asked") -> Iterator[AnswerEvent]:
        attempt = _Attempt(self._model, asked, self._embed, self._patience_s)
        try:
            draft = yield from attempt.events("" if self._model.generates else asked.say.no_model)
        except ModelUnavailable as failure:
            log.warning("%s failed, quoting instead: %s", self._model.name, failure.sentence)
            if attempt.text:
                yield Restarted()
            note = asked.say.model_learns if isinstance(failure, ModelResting) else asked.say.model_down
            draft = yield from _Attempt(self._fallback, asked, self._embed, self._patience_s).events(note)
        yield Finished(draft)


class _Asked:
    """A question with all that it takes to answer it."""

    def __init__(
        self, question: str, relevant: Sequence[Found], turns: Sequence[Turn], say: Phrases, stop: Event
    ) -> None:
        self.question, self.relevant, self.turns, self.say, self.stop = question, relevant, turns, say, stop


class _Attempt:
    """One model's go at a question. `text` is what it has shown so far."""

    def __init__(self, model: LanguageModel, asked: _Asked, embed: Embed, patience_s: float) -> None:
        self.text = ""
        self._embed = embed
        self._model = model
        self._asked = asked
        self._patience_s = patience_s

    def events(self, note: str) -> Generator[AnswerEvent, None, Draft]:
        """Written events; returns the draft. Raises ModelUnavailable when the model fails, hangs or writes nothing."""
        adapter = ""
        fitted: Fitted | None = None
        safe = SafeStream((), AllowedLinks((), ()))
        try:
            for piece in Patiently(self._work, self._asked.stop, self._patience_s):
                if isinstance(piece, Fitted):
                    fitted, safe = piece, _safe_stream(piece)
                elif isinstance(piece, WrittenWith):
                    adapter = piece.adapter
                else:
                    yield from self._shown(safe.feed(piece))
        except TookTooLong:
            raise ModelUnavailable(f"The language model said nothing for {self._patience_s:.0f} seconds.") from None
        yield from self._shown(safe.finish())
        stopped = self._asked.stop.is_set()
        if not self.text.strip() and not stopped:
            raise ModelUnavailable("The language model wrote nothing.")
        return self._draft(fitted, safe, adapter, note, stopped=stopped)

    def _work(self, leave: Event) -> Iterator[Fitted | WrittenWith | str]:
        fitted = fit_prompt(self._asked.question, self._asked.relevant, self._asked.turns, self._model.room_for)
        yield fitted
        yield from self._model.generate(fitted.prompt, leave)

    def _shown(self, piece: str) -> Iterator[Written]:
        piece = piece if self.text else piece.lstrip()
        self.text += piece
        if piece:
            yield Written(piece)

    def _draft(self, fitted: Fitted | None, safe: SafeStream, adapter: str, note: str, *, stopped: bool) -> Draft:
        say, sources = self._asked.say, fitted.sources if fitted else {}
        unsourced = bool(self.text) and not safe.cited
        notes = [
            (note, True),
            (say.question_cut, bool(fitted and fitted.question_cut)),
            (say.loosely, not any(map(is_certain, self._asked.relevant))),
            (say.unsourced, unsourced and not stopped),
            (say.stopped, stopped),
            (self._doubts(sources), self._model.generates and bool(self.text)),
        ]
        return Draft(
            text=self.text.rstrip(),
            verdict=Verdict.GENERATED if self._model.generates else Verdict.QUOTED,
            model=self._model.name,
            adapter=adapter,
            note=" ".join(sentence for sentence, holds in notes if sentence and holds),
            citations=tuple(citation_of(marker, sources[marker]) for marker in sorted(safe.cited)),
            nearest=tuple(citation_of(n, sources[n]) for n in list(sources)[:NEAREST]) if unsourced else (),
            grounds=tuple(ground_of(sources[marker]) for marker in sorted(safe.cited or sources)),
        )

    def _doubts(self, sources: Mapping[int, Found]) -> str:
        """What of the answer the sources do not bear out, in words for a reader; empty when they bear out all."""
        texts = {marker: f"{one.source}\n{one.quote}\n{one.context}" for marker, one in sources.items()}
        grounding = examine(self.text, texts, self._asked.question, self._embed)
        return in_words(grounding, self._asked.say)


def _safe_stream(fitted: Fitted) -> SafeStream:
    found = fitted.sources.values()
    texts = [text for one in found for text in (one.quote, one.context)]
    return SafeStream(fitted.sources.keys(), AllowedLinks([one.link for one in found], texts))


def _plainly(draft: Draft) -> Iterator[AnswerEvent]:
    yield Written(draft.text)
    yield Finished(draft)
