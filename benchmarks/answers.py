"""How good are the answers? XQuAD's questions, put to the whole pipeline: files, LanceDB, retrieval, model.

    python -m benchmarks.answers --data DIR [--json] [--languages en,de,es] [--questions N] [--model extractive]

Every paragraph of a language is a message of one channel, an hour after the one before. The answer of the extractive
model is what it sets in bold (the date, number, person or place asked for), or its whole text where it points at
nothing; for other models it is their whole text. The naive baseline is the first sentence of the best passage of the
same search. The extractive model's weights and patterns were set by hand while looking at the English, German and
Spanish XQuAD: figures on that flatter it, and other data in the same format judges it fairly.
"""

import argparse
import json
import re
import string
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.reporting import Goal, print_table, report
from core.answering.drafts import Draft, Finished
from core.bootstrap import Services
from core.knowledge.access import AccessScope
from core.knowledge.hearing import HeardMessage, hear_message
from core.knowledge.relevance import is_relevant
from core.knowledge.splitting import sentences
from core.records.questions import Verdict
from core.records.workspaces import PUBLIC, ChannelKind
from core.settings import Settings

WORKSPACE = "T1"
GAIN_GOAL = 2.0
CITED_GOAL = 0.85
_ARTICLES = re.compile(r"\b(?:a|an|the|der|die|das|ein|eine|el|la|los|las|un|una)\b")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_MARKER = re.compile(r"\s*\[\d+\]")


@dataclass
class Tally:
    """One language's outcomes, a value for each question."""

    naive: list[float] = field(default_factory=list)
    answer: list[float] = field(default_factory=list)
    whole_text: list[float] = field(default_factory=list)
    exact: list[float] = field(default_factory=list)
    contained: list[float] = field(default_factory=list)
    gold_cited: list[float] = field(default_factory=list)
    unknown: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def normalised(text: str) -> list[str]:
    """SQuAD's normalisation: no case, no punctuation, no articles."""
    bare = "".join(" " if letter in string.punctuation + "¿¡“”„«»–" else letter for letter in text.lower())
    return _ARTICLES.sub(" ", bare).split()


def token_f1(text: str, golds: Sequence[str]) -> float:
    """The best token F1 against any gold answer."""
    return max(_f1(normalised(text), normalised(gold)) for gold in golds)


def _f1(said: list[str], gold: list[str]) -> float:
    common = sum((Counter(said) & Counter(gold)).values())
    return 2 * common / (len(said) + len(gold)) if common else 0.0


def paragraphs_of(path: Path) -> list[dict[str, Any]]:
    """The paragraphs of a file in SQuAD 1.1 format."""
    articles = json.loads(path.read_text("utf-8"))["data"]
    return [paragraph for article in articles for paragraph in article["paragraphs"]]


def measure(path: Path, options: argparse.Namespace) -> Tally:
    """Index the language's paragraphs and put its questions."""
    paragraphs = paragraphs_of(path)
    with tempfile.TemporaryDirectory() as folder:
        services = Services(Settings(_env_file=None, data_dir=Path(folder), language_model=options.model))
        services.migrate()
        try:
            for number, paragraph in enumerate(paragraphs):
                hear_message(services.record, _said(number, paragraph["context"]))
            services.indexer.index_everything("bench")
            return _ask_all(services, AccessScope(WORKSPACE, frozenset({PUBLIC})), paragraphs, options)
        finally:
            services.close()


def _said(number: int, text: str) -> HeardMessage:
    ts = f"{1_700_000_000 + 3600 * number}.000100"
    return HeardMessage(WORKSPACE, "C1", ChannelKind.PUBLIC, ts, "", "U1", text, _permalink(number), ts)


def _permalink(number: int) -> str:
    return f"https://bench.example/{number}"


def _ask_all(
    services: Services, scope: AccessScope, paragraphs: list[dict[str, Any]], options: argparse.Namespace
) -> Tally:
    tally = Tally()
    asked = [
        (_permalink(number), question) for number, paragraph in enumerate(paragraphs) for question in paragraph["qas"]
    ]
    step = max(1, len(asked) // options.questions) if options.questions else 1
    for link, question in asked[::step]:
        _ask(services, scope, link, question, tally)
    return tally


def _ask(services: Services, scope: AccessScope, link: str, question: dict[str, Any], tally: Tally) -> None:
    golds = [answer["text"] for answer in question["answers"]]
    began = time.perf_counter()
    draft = _draft(services, question["question"], scope)
    tally.seconds.append(time.perf_counter() - began)
    found = services.retrieval.find(question["question"], scope, services.settings.passages_per_answer)
    relevant = [one for one in found if is_relevant(one)]
    tally.naive.append(token_f1(sentences(relevant[0].quote)[0], golds) if relevant else 0.0)
    known = draft.verdict is not Verdict.UNKNOWN
    text = _MARKER.sub("", draft.text) if known else ""
    plain = text.replace("**", "")
    pointed_at = _BOLD.search(text) if draft.verdict is Verdict.QUOTED else None
    answer = pointed_at[1] if pointed_at else plain
    tally.unknown.append(not known)
    tally.answer.append(token_f1(answer, golds))
    tally.whole_text.append(token_f1(plain, golds))
    tally.exact.append(any(normalised(answer) == normalised(gold) for gold in golds))
    tally.contained.append(any(" ".join(normalised(gold)) in " ".join(normalised(plain)) for gold in golds))
    tally.gold_cited.extend(citation.link == link for citation in draft.citations)


def _draft(services: Services, question: str, scope: AccessScope) -> Draft:
    last = list(services.answering.answer(question, scope))[-1]
    assert isinstance(last, Finished)
    return last.draft


def main() -> None:
    """Print the table and, with --json, the figures and goals as the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds xquad.<lang>.json")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--languages", default="en,de,es", help="of the files that are there")
    parser.add_argument("--questions", type=int, default=0, help="about so many of each language; 0: all")
    parser.add_argument("--model", default="extractive", choices=("extractive", "phi3", "openai"))
    options = parser.parse_args()
    wanted = [options.data / f"xquad.{language}.json" for language in options.languages.split(",")]
    tallies = {path.name.split(".")[1]: measure(path, options) for path in wanted if path.is_file()}
    if not tallies:
        parser.error(f"there is no xquad.<lang>.json in {options.data}")
    _report(tallies, options)


def _report(tallies: dict[str, Tally], options: argparse.Namespace) -> None:
    figures: dict[str, float] = {}
    columns = ("naive", "answer", "whole_text", "exact", "contained", "gold_cited", "unknown", "seconds")
    rows: dict[str, list[float | str]] = {}
    for language, tally in tallies.items():
        values = {column: mean(getattr(tally, column) or [0.0]) for column in columns}
        figures |= {f"{column}_{language}": value for column, value in values.items()}
        rows[language] = [str(len(tally.naive)), *values.values()]
    print_table(("questions", *columns), rows)
    everywhere = list(tallies.values())
    naive = mean(value for tally in everywhere for value in tally.naive)
    gain = mean(value for tally in everywhere for value in tally.answer) / max(naive, 1e-9)
    cited = mean([value for tally in everywhere for value in tally.gold_cited] or [0.0])
    text_gain = mean(value for tally in everywhere for value in tally.whole_text) / max(naive, 1e-9)
    print(f"Token F1 of the whole text shown, instead of what is pointed at: {text_gain:.2f} times the naive answer's.")
    figures |= {"f1_gain": gain, "f1_gain_whole_text": text_gain, "gold_cited": cited}
    goals = [Goal("f1_gain", gain, GAIN_GOAL), Goal("gold_cited", cited, CITED_GOAL)]
    report("answers", figures, goals, as_json=options.json)


if __name__ == "__main__":
    main()
