"""Is what is right found first? XQuAD in every language given, and Slack histories, each in one index.

    python -m benchmarks.retrieval --data DIR [--json] [--only ours] [--half even|odd]

Asked of our index: BM25 alone, vectors alone, and the product's own retrieval, all on the real path with the default
settings. Asked of the peers, with the same MiniLM in the same run: LlamaIndex as it comes, its fusion of vectors and
BM25, and Haystack's. For XQuAD they get the paragraphs; for a Slack history they get our passages, so that the rankings
are compared and not the grouping, which knows nothing of who talked with whom. A Slack question is the first message of
a conversation (left out of the index), and any passage with another message of that conversation is right.
"""

import argparse
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from benchmarks.data import Question, QuestionSet, question_sets
from benchmarks.indexed import EVERYTHING, Indexed, indexed
from benchmarks.reporting import Goal, print_table, report

DEPTH = 10
FOUND = 3 * DEPTH
"""Passages asked for, since those of the same paragraph share a place."""

R1_GOALS = {"en": 0.95, "de": 0.93, "es": 0.93, "el": 0.90, "zh": 0.90}
MEASURES = ("R@1", "R@5", "R@10", "MRR@10")
OURS = "ours"
SINGLES = ("bm25", "dense")

Held = frozenset[int]
Ranker = Callable[[str], Iterable[Held]]
"""A question to what was found, best first: the numbers of the messages that each find holds."""


@dataclass(frozen=True)
class Quality:
    """How well a ranker does on a set."""

    r1: float
    r5: float
    r10: float
    mrr10: float

    @property
    def cells(self) -> tuple[float, ...]:
        """In the order of MEASURES."""
        return (self.r1, self.r5, self.r10, self.mrr10)


def rank_of_right(found: Iterable[Held], relevant: Held) -> int | None:
    """The place, from 1, of the first right find within the depth; finds that hold the same share a place."""
    seen: set[Held] = set()
    for held in found:
        if held in seen:
            continue
        seen.add(held)
        if held & relevant:
            return len(seen)
        if len(seen) == DEPTH:
            break
    return None


def quality(ranker: Ranker, questions: Sequence[Question]) -> Quality:
    """Put every question to the ranker."""
    ranks = [rank_of_right(ranker(question.text), question.relevant) for question in questions]
    within = [[rank is not None and rank <= depth for rank in ranks] for depth in (1, 5, DEPTH)]
    return Quality(*(mean(some) for some in within), mean(1 / rank if rank else 0.0 for rank in ranks))


def our_rankers(ours: Indexed) -> Iterator[tuple[str, Ranker]]:
    """Our store's two rankers by themselves, and retrieval as the product does it."""
    services = ours.services
    vector_of = services.embedder.embed_question

    def alone(dense_weight: float) -> Ranker:
        def rank(question: str) -> list[Held]:
            hits = services.store.search(question, vector_of(question), EVERYTHING, FOUND, dense_weight)
            return [ours.holds[hit.passage_id] for hit in hits]

        return rank

    yield SINGLES[0], alone(0.0)
    yield SINGLES[1], alone(1.0)
    yield OURS, lambda q: [ours.holds[found.passage_id] for found in services.retrieval.find(q, EVERYTHING, FOUND)]


def peer_rankers(data: QuestionSet, ours: Indexed) -> Iterator[tuple[str, Ranker]]:
    """The peers, given the same to find."""
    from benchmarks.peers import Search, peers  # noqa: PLC0415 - installed by the group `bench` only

    if data.is_chat:
        documents, holds = ours.texts, ours.holds
    else:
        documents = {str(number): said.text for number, said in enumerate(data.messages)}
        holds = {name: frozenset({int(name)}) for name in documents}

    def ranker(search: Search) -> Ranker:
        return lambda question: [holds[each] for each in search(question)]

    for name, search in peers(documents, DEPTH, ours.services.embedder):
        yield name, ranker(search)


def measure(data: QuestionSet, half: str, *, with_peers: bool) -> dict[str, Quality]:
    """Every ranker's quality on the set."""
    start = {"both": slice(None), "even": slice(0, None, 2), "odd": slice(1, None, 2)}[half]
    questions = data.questions[start]
    began = time.perf_counter()
    with indexed(data) as ours:
        print(f"{data.name}: {len(ours.texts)} passages in {time.perf_counter() - began:.0f} s", flush=True)
        found = {name: quality(ranker, questions) for name, ranker in our_rankers(ours)}
        if with_peers:
            found |= {name: quality(ranker, questions) for name, ranker in peer_rankers(data, ours)}
    return found


def goals_of(data: QuestionSet, found: Mapping[str, Quality]) -> list[Goal]:
    """What the set's figures ought to reach."""
    ours = found[OURS]
    goals = []
    if data.name in R1_GOALS:
        goals.append(Goal(f"r1_{data.name}", ours.r1, R1_GOALS[data.name]))
    goals.append(Goal(f"over_best_single_{data.name}", ours.r1 - max(found[name].r1 for name in SINGLES), 0.0))
    others = [each for name, each in found.items() if name not in (OURS, *SINGLES)]
    if others:
        ahead = ours.r5 - max(each.r5 for each in others) if data.is_chat else ours.r1 - max(e.r1 for e in others)
        goals.append(Goal(f"over_best_peer_{data.name}", ahead, 0.0, ">"))
    return goals


def main() -> None:
    """Print a table for each set and, with --json, the figures and goals as the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with xquad.<lang>.json and slack-*.xml files")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", choices=["ours"], help="leave the peers out")
    parser.add_argument("--half", choices=("both", "even", "odd"), default="both", help="questions by their number")
    options = parser.parse_args()
    sets = question_sets(options.data)
    if not sets:
        parser.error(f"there is no xquad.<lang>.json and no slack-*.xml in {options.data}")
    figures: dict[str, float] = {}
    goals: list[Goal] = []
    for data in sets:
        found = measure(data, options.half, with_peers=options.only is None)
        print(f"\n{data.name}: {len(data.messages)} messages")
        print_table(MEASURES, {name: each.cells for name, each in found.items()})
        for name, each in found.items():
            cells = zip(("r1", "r5", "r10", "mrr10"), each.cells, strict=True)
            figures |= {f"{measure}_{data.name}_{name}": value for measure, value in cells}
        goals += goals_of(data, found)
    report("retrieval", figures, goals, as_json=options.json)


if __name__ == "__main__":
    main()
