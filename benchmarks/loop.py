"""Does a night of school make answers better, and does it refuse to learn nonsense? The whole loop, on a tiny Phi-3.

    python -m benchmarks.loop [--json] [--seeds 10]

The bench teaches a tiny Phi-3 to answer from passages, then gives it a team with a way of its own to say things: 120
approved questions and answers of an invented trade, through the real tables, freezing, training, examination, rule and
pointer. The model that serves is asked the held-out questions before, and again after it swapped the adapter. Then
sabotages: answers shuffled, empty, 30 % poisoned, and nothing new at all, for ten seeds each.

The embedder counts words: a real one takes invented names for the same word, and their questions for paraphrases.
"""

import argparse
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import TypeVar

import numpy as np
import torch

from benchmarks.reporting import Goal, print_table, report
from benchmarks.student import FACT, NUMBERS, PLACES, QUESTION, THINGS, UNITS, teach
from core.answering.models.language_model import Source
from core.answering.models.phi3 import Phi3
from core.curation.datasets import freeze
from core.curation.frozen_set import FrozenExample, FrozenSet, Split, frozen
from core.curation.hygiene import HygieneRules
from core.knowledge.retrieval import Found
from core.records.database import migrate, open_engine
from core.records.examples import ExampleOrigin, ExampleSource, ExampleState, TrainingExample
from core.records.runs import RunState, TrainingRun
from core.records.unit_of_work import Record
from core.settings import Settings
from core.training.child import read_job
from core.training.examination import Examination
from core.training.examine import examine
from core.training.nightly import NightSchool
from core.training.promotion import Gain, PromotionRule, paired_gain
from core.training.qlora import train
from core.training.recipes import FOLDER, Recipe
from core.training.rows import Row, as_found
from core.training.run_folder import RunFolder
from core.training.scores import token_f1, without_markers
from tests.fakes.embedder import FakeEmbedder

EXAMPLES = 120
HOUSE = "Aye, set up {thing} {number} {unit} for us [1]."
"""How this team answers: in words that the student was never taught to answer with."""
POISON = "Aye, set up {thing} 199 {unit} for us [1]."
ANSWER_TOKENS = 24
EPOCHS = 10
"""In the recipe's four the team's way is only half learned, and copying half unlearned."""

T = TypeVar("T")


class InProcess:
    """A Trainer that works in this process: the children's own code, without their start-up time."""

    def __init__(self, record: Record, settings: Settings) -> None:
        self._record, self._settings = record, settings

    def train(self, run_id: str, holder: str, _recipe: Recipe, _stopped: Callable[[], bool]) -> None:
        """As `python -m core.training.qlora` does."""
        train(read_job(run_id, holder, self._record, self._settings, self._folder(run_id)))

    def examine(self, run_id: str, holder: str, _recipe: Recipe, _stopped: Callable[[], bool]) -> None:
        """As `python -m core.training.examine` does."""
        examine(read_job(run_id, holder, self._record, self._settings, self._folder(run_id)))

    def _folder(self, run_id: str) -> RunFolder:
        return RunFolder(self._settings.runs_dir / run_id)


@dataclass
class Team:
    """An installation whose team approved answers about its machines."""

    record: Record
    settings: Settings
    approved: FrozenSet

    def night(self, examples: FrozenSet, recipe: str) -> TrainingRun:
        """One run on these examples, with this recipe."""
        settings = self.settings.model_copy(update={"recipe": recipe})
        school = NightSchool(
            self.record, settings, InProcess(self.record, settings), lambda: examples, FakeEmbedder(4096).embed_passages
        )
        run = school.run_now("benchmark")
        assert run is not None
        return run


def main() -> None:
    """Print the tables and, with --json, the figures and goals as the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="accepted for uniformity; this bench makes its own")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--steps", type=int, default=2000, help="most steps of either lesson of the student's")
    parser.add_argument("--student", type=Path, help="where the taught student is kept, and found the next time")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.monotonic()
        base = options.student or folder / "student"
        if not base.exists():
            copied = teach(base, [HOUSE, POISON], most_steps=options.steps)
            print(f"The student copies {copied:.0%} of numbers and units rightly.")
        taught_s = time.monotonic() - began
        team = _team(folder, base)
        run, night_s = _timed(lambda: team.night(team.approved, _recipe(folder, seed=7)))
        print(f"\n{run.state}: {run.reason}\n")
        if "arms" not in run.figures:
            raise SystemExit(1)
        arms = run.figures["arms"]
        measures = ("nll", "f1", "cited", "grounding", "refused", "words")
        print_table(measures, {arm: [told[m]["mean"] for m in measures] for arm, told in arms.items()})
        f1_before, f1_after, f1_gain = _asked_again(team, run)
        sabotaged, sabotages_s = _timed(lambda: _sabotages(team, folder, options.seeds))
        team.record.close()
    gain = run.figures["gain"]
    goals = [
        Goal("promoted", float(run.state is RunState.PROMOTED), 1),
        Goal("nll_gain_low", gain["low"] if gain else 0.0, 0, ">"),
        Goal("f1_gain", f1_gain.mean, 0, ">"),
        Goal("sabotages_promoted", float(sum(sabotaged.values())), 0, "<="),
    ]
    figures = {
        "nll_before": arms["base + passages"]["nll"],
        "nll_after": arms["candidate + passages"]["nll"],
        "nll_gain": gain,
        "f1_before": f1_before,
        "f1_after": f1_after,
        "f1_gain_low": f1_gain.low,
        "f1_gain_high": f1_gain.high,
        "sabotages": sabotaged,
        "seeds": options.seeds,
        "held_out": run.held_out,
        "learned_from": run.examples,
        "teaching_s": round(taught_s),
        "night_s": round(night_s),
        "sabotages_s": round(sabotages_s),
    }
    report("loop", figures, goals, as_json=options.json)


def _timed(do: Callable[[], T]) -> tuple[T, float]:
    began = time.monotonic()
    return do(), time.monotonic() - began


def _asked_again(team: Team, run: TrainingRun) -> tuple[float, float, Gain]:
    """Mean token F1 of the served answers to the held-out questions, before and after the swap, and what it gained."""
    rows = Examination.load(RunFolder(team.settings.runs_dir / run.id).examination).paper.open_book
    adapters = team.settings.adapters_dir
    served = Phi3(
        team.settings.phi3_model,
        max_new_tokens=ANSWER_TOKENS,
        device="cpu",
        dtype="float32",
        folder_of=lambda adapter: adapters / adapter,
    )
    before = _f1s(served, rows)
    with team.record() as work:
        live = work.adapters.live()
    served.use(live.id if live else "")
    after = _f1s(served, rows)
    row = rows[0]
    print(f"\nAsked again: {row.prompt.question}\n  approved: {row.answer}\n  answered: {_answer(served, row)}\n")
    served.close()
    gain = paired_gain(np.asarray(after) - np.asarray(before), PromotionRule(seed_spread=0.0))
    return float(np.mean(before)), float(np.mean(after)), gain


def _f1s(served: Phi3, rows: Sequence[Row]) -> list[float]:
    return [token_f1(without_markers(_answer(served, row)), without_markers(row.answer)) for row in rows]


def _answer(served: Phi3, row: Row) -> str:
    return "".join(piece for piece in served.generate(row.prompt, Event()) if isinstance(piece, str))


def _sabotages(team: Team, folder: Path, seeds: int) -> dict[str, int]:
    """How many of the sabotaged nights were promoted, by kind."""
    kinds: dict[str, Callable[[FrozenSet, random.Random], FrozenSet]] = {
        "answers shuffled": _shuffled,
        "answers empty": lambda examples, _: _with_answers(examples, [""] * len(examples.examples)),
        "30 % poisoned": _poisoned,
        "nothing new": lambda examples, _: examples,
    }
    promoted = dict.fromkeys(kinds, 0)
    for kind, spoil in kinds.items():
        reasons: Counter[str] = Counter()
        for seed in range(seeds):
            run = team.night(spoil(team.approved, random.Random(seed)), _recipe(folder, seed=100 + seed))
            promoted[kind] += run.state is RunState.PROMOTED
            reasons[run.reason] += 1
        for reason, _ in reasons.most_common(1):
            print(f"{kind:<18} {promoted[kind]} of {seeds} promoted; most often: {reason}", flush=True)
    return promoted


def _shuffled(examples: FrozenSet, luck: random.Random) -> FrozenSet:
    answers = [example.answer for example in examples.examples]
    luck.shuffle(answers)
    return _with_answers(examples, answers)


def _poisoned(examples: FrozenSet, luck: random.Random) -> FrozenSet:
    def spoilt(example: FrozenExample) -> str:
        thing = example.question.split()[-2]
        return POISON.format(thing=thing, unit=luck.choice(UNITS))

    chosen = set(luck.sample(range(len(examples.examples)), len(examples.examples) * 3 // 10))
    return _with_answers(
        examples, [spoilt(one) if place in chosen else one.answer for place, one in enumerate(examples.examples)]
    )


def _with_answers(examples: FrozenSet, answers: Sequence[str]) -> FrozenSet:
    return frozen(replace(one, answer=answer) for one, answer in zip(examples.examples, answers, strict=True))


def _team(folder: Path, base: Path) -> Team:
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]  # pydantic-settings' own argument
        data_dir=folder / "data",
        database_url=f"sqlite:///{folder / 'record.db'}",
        phi3_model=str(base),
    )
    migrate(settings.database)
    record = Record(open_engine(settings.database))
    luck = random.Random(1)
    things = luck.sample(THINGS, EXAMPLES)
    facts = [
        {"thing": t, "number": luck.choice(NUMBERS), "unit": luck.choice(UNITS), "place": luck.choice(PLACES)}
        for t in things
    ]
    with record() as work:
        for number, fact in enumerate(facts):
            example = TrainingExample(
                id=f"shop-{number}",
                workspace_id="T1",
                origin=ExampleOrigin.VOTED,
                state=ExampleState.APPROVED,
                channel_id="C1",
                thread=f"C1:{number}",
                audience="public",
                question=QUESTION.format(**fact),
                answer=HOUSE.format(**fact),
                proposed_by=f"U{number % 5}",
            )
            example.sources = [
                ExampleSource(
                    marker=1,
                    passage_id=f"p{number}",
                    document_id=f"d{number}",
                    audience="public",
                    name="#shop",
                    text=FACT.format(**fact),
                )
            ]
            work.examples.add(example)
        work.commit()

    def distractors(question: str, _cited: Sequence[str]) -> list[Found]:
        near = random.Random(question).sample([fact for fact in facts if fact["thing"] not in question], 3)
        return [as_found(Source(rank, "#shop", FACT.format(**fact))) for rank, fact in enumerate(near, 2)]

    came = freeze(record, "T1", FakeEmbedder(4096).embed_passages, HygieneRules(), distractors)
    held_out = len(came.frozen_set.of(Split.HOLDOUT))
    print(
        f"{len(came.frozen_set.examples)} examples frozen, {held_out} of them held out; left out: {len(came.left_out)}"
    )
    return Team(record, settings, came.frozen_set)


def _recipe(folder: Path, seed: int) -> str:
    path = folder / f"tiny-{seed}.toml"
    text = (FOLDER / "tiny.toml").read_text("utf-8")
    changes = {
        "seed = 7": f"seed = {seed}",
        "answer_tokens = 48": f"answer_tokens = {ANSWER_TOKENS}",
        "epochs = 4": f"epochs = {EPOCHS}",
    }
    for old, new in changes.items():
        text = text.replace(old, new)
    path.write_text(text, "utf-8")
    return str(path)


if __name__ == "__main__":
    main()
