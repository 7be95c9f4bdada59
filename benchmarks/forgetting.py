"""Does forgetting reach everything, and nothing else? Half of a workspace is forgotten while its worker is killed.

    python -m benchmarks.forgetting [--json] [--rounds 20] [--first 0] [--messages 1000]

Each round makes messages, files, answers, examples and three adapters on the real record (SQLite) and the real store
(LanceDB; the embedder hashes words, since meaning is not judged here). Every message and file holds a word of its own.
A random half of them is deleted or edited away in random order, between re-deliveries, late edits, late votes and new
messages, while a worker process is killed (SIGKILL) at random moments. A trace is a forgotten word that is left in any
column, passage or byte of any file, or an adapter that learned one and is not marked. An innocent loss is a message,
file, passage, answer, example, row or adapter that holds no forgotten word, and is gone, empty or marked all the same.
"""

import argparse
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.reporting import Goal, report
from core.answering.drafts import citation_of, ground_of
from core.curation.feedback import HELPFUL, vote
from core.curation.frozen_set import FrozenExample, FrozenSet, Split, frozen, load, save
from core.curation.traces import traces_of
from core.knowledge.access import AccessScope
from core.knowledge.channels import ChannelFacts, PersonFacts, learn_channel, learn_people, learn_workspace
from core.knowledge.hearing import hear_file_deleted, hear_message
from core.knowledge.stores.lancedb import LanceDBStore
from core.records.database import migrate, open_engine
from core.records.files import FileState
from core.records.questions import Verdict
from core.records.unit_of_work import Record
from core.records.workspaces import PUBLIC
from tests.fakes.embedder import FakeEmbedder
from tests.forgetful import KINDS, TEAM, Company, ts_of

FILES, ANSWERS, VOTED, NEW_MESSAGES, KILLS = 60, 160, 120, 40, 4
WORD = re.compile(rb"zq[mfn]\d{6}")
WORKER = "bench"
CHECKED = 5
"""Forgotten words of a round that are also looked for the way `journeyman forget --check` does."""
SCOPE = AccessScope(TEAM, frozenset({PUBLIC}))


@dataclass
class Planned:
    """A message or file with its own word, and what happened to it."""

    number: int
    at: float
    channel: str
    thread: float | None = None

    @property
    def word(self) -> str:
        """A word that stands in this message and nowhere else."""
        return f"zqm{self.number:06d}"

    @property
    def text(self) -> str:
        """What it says."""
        return f"The valve {self.word} opens at {self.number} degrees, says the maker."


@dataclass
class Round:
    """One workspace, and what is known of it independently of what Journeyman keeps."""

    company: Company
    luck: random.Random
    messages: list[Planned] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    forgotten: set[str] = field(default_factory=set)
    words_of: dict[str, set[str]] = field(default_factory=dict)
    """Question id → the words that its answer's writer had read."""
    asked_at: dict[str, float] = field(default_factory=dict)


def open_company(folder: Path) -> Company:
    """The workspace's parts, opened by the bench and by each worker."""
    url = f"sqlite:///{folder / 'journeyman.db'}"
    migrate(url)
    embedder = FakeEmbedder()
    store = LanceDBStore(folder / "passages", embedder.name, embedder.dimension)
    return Company(folder, Record(open_engine(url)), store, embedder)


def fill(this: Round, count: int) -> None:
    """Everything that there is before anything is forgotten."""
    company, luck = this.company, this.luck
    learn_workspace(company.record, TEAM, "Acme", "UBOT", "B1")
    learn_people(company.record, TEAM, [PersonFacts(f"U{n}", f"Person {n}") for n in range(10)])
    for channel, kind in KINDS.items():
        learn_channel(company.record, TEAM, ChannelFacts(channel, kind, channel.lower()))
    at = 0.0
    for number in range(count):
        at += luck.choice((20, 60, 300, 1500))
        roots = [each for each in this.messages[-30:] if each.thread is None]
        root = luck.choice(roots) if roots and luck.random() < 0.3 else None
        channel = root.channel if root else luck.choice(("C1", "C2"))
        planned = Planned(number, at, channel, root.at if root else None)
        this.messages.append(planned)
        company.say(at, planned.text, channel=channel, thread=planned.thread, person=f"U{number % 8}")
    for number in range(FILES):
        this.files.append(f"zqf{number:06d}")
        company.share(f"F{number}", f"# Manual\n\nThe pump {this.files[-1]} needs oil.", at + 10 + number)
    company.indexer.index_everything(WORKER)


def ask_and_learn(this: Round, doomed: set[str]) -> None:
    """Answers from what the real search finds, votes on them, and three adapters: one learns what will stand."""
    company, luck = this.company, this.luck
    words = [each.word for each in this.messages] + this.files
    for number, word in enumerate(luck.sample(words, min(ANSWERS, len(words)))):
        found = company.retrieval.find(f"What about {word}?", SCOPE, 2)
        at = 10_000_000.0 + number * 10
        question_id = company.answered(
            at,
            f"Question {number}?",
            " ".join(f"{one.context} [{n}]." for n, one in enumerate(found, 1)),
            [citation_of(n, one) for n, one in enumerate(found, 1)],
            [ground_of(one) for one in found],
            verdict=Verdict.QUOTED,
        )
        this.words_of[question_id] = words_in(f"{one.context} {one.quote}" for one in found)
        this.asked_at[question_id] = at
        if number < VOTED:
            vote(company.record, TEAM, "C1", ts_of(at + 0.5), "U2", HELPFUL, company.rule)
    for name, wanted in (
        ("innocent", lambda read: read.isdisjoint(doomed)),
        ("early", lambda _: luck.random() < 0.5),
        ("late", lambda _: True),
    ):
        company.train(name, freeze(this, wanted))


def freeze(this: Round, wanted: Callable[[set[str]], bool]) -> FrozenSet:
    """A frozen set of the examples that are wanted, with distractors from the real search."""
    with this.company.record() as work:
        approved = work.examples.approved(TEAM)
        of = {each.id: work.questions.answer(each.answer_id or "").question_id for each in approved}  # type: ignore[union-attr]
    rows = [
        FrozenExample(each.id, each.id, Split.TRAIN, each.question, each.answer)
        for each in approved
        if wanted(this.words_of[of[each.id]])
    ]
    kept = frozen(rows)
    save(kept, this.company.folder / "datasets")
    return kept


def forget_half(this: Round, doomed_messages: list[Planned], doomed_files: list[int]) -> None:
    """Deletions and edits in random order, between late events, with a worker that is killed again and again."""
    company, luck = this.company, this.luck
    steps: list[Callable[[], object]] = []
    for planned in doomed_messages:
        steps.append(lambda planned=planned: forget(this, planned))
    steps += [lambda number=number: hear_file_deleted(company.record, TEAM, f"F{number}") for number in doomed_files]
    steps += [lambda number=number: new_message(this, number) for number in range(NEW_MESSAGES)]
    luck.shuffle(steps)
    late: list[Callable[[], object]] = []
    for planned in luck.sample(this.messages, len(this.messages) // 4):
        late.append(lambda planned=planned: redeliver(this, planned))
    for planned in luck.sample(doomed_messages, len(doomed_messages) // 4):
        late.append(lambda planned=planned: (forget(this, planned), redeliver(this, planned, edited=True)))
    for question_id in luck.sample(sorted(this.asked_at), len(this.asked_at) // 2):
        at = this.asked_at[question_id]
        late.append(lambda at=at: vote(company.record, TEAM, "C1", ts_of(at + 0.5), "U2", HELPFUL, company.rule))
    for number in luck.sample(doomed_files, len(doomed_files) // 2):
        late.append(
            lambda number=number: (hear_file_deleted(company.record, TEAM, f"F{number}"), reshare(this, number))
        )
    for each in late:
        steps.insert(luck.randrange(len(steps) + 1), each)
    killed_after = sorted(luck.sample(range(len(steps)), KILLS))
    worker = start_worker(company.folder)
    for number, step in enumerate(steps):
        step()
        if number in killed_after:
            time.sleep(luck.random() * 0.3)
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            worker = start_worker(company.folder)
    worker.send_signal(signal.SIGKILL)
    worker.wait()


def forget(this: Round, planned: Planned) -> None:
    """Deleted, or edited so that its own word is gone; what decides is the number, so that it happens once."""
    if planned.number % 5 == 0:
        this.company.edit(
            planned.at, "The valve has another maker.", channel=planned.channel, thread=planned.thread, person="U1"
        )
    else:
        this.company.delete(planned.at, planned.channel, planned.thread)


def redeliver(this: Round, planned: Planned, *, edited: bool = False) -> None:
    """The first event arrives once more; or a late edit of a deleted message, with its word."""
    if edited and planned.number % 5 == 0:
        return  # a newer edit brings the word back, as its author wants
    more = {"revision": ts_of(planned.at + 900)} if edited else {}
    hear_message(
        this.company.record,
        this.company.message(
            planned.at, planned.text, f"U{planned.number % 8}", planned.channel, planned.thread, **more
        ),
    )


def new_message(this: Round, number: int) -> None:
    """Somebody goes on talking."""
    this.company.say(5_000_000.0 + number * 30, f"News of zqn{number:06d} today.", channel="C1")


def reshare(this: Round, number: int) -> None:
    """A deleted file's bytes and its share arrive late."""
    this.company.share(f"F{number}", f"# Manual\n\nThe pump {this.files[number]} needs oil.", 3_000_000.0 + number)


def start_worker(folder: Path, *, to_the_end: bool = False) -> "subprocess.Popen[str]":
    """A worker process that has begun to work."""
    command = [sys.executable, "-m", "benchmarks.forgetting", "--work", str(folder)]
    worker = subprocess.Popen(
        [*command, "--to-the-end"] if to_the_end else command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert worker.stdout is not None
    worker.stdout.readline()
    return worker


def work(folder: Path, *, to_the_end: bool) -> None:
    """The worker's loop: forgetting before indexing, and the disk now and then."""
    company = open_company(folder)
    with company.record() as unit:
        unit.claims.release(WORKER)
        unit.commit()
    print("ready", flush=True)
    while True:
        done = company.forgetting.carry_out() + company.indexer.index_due(WORKER)
        if not done:
            company.forgetting.erase(0.0)
            with company.record() as unit:
                idle = not unit.documents.count_due() and not unit.tombstones.any_undone()
            if idle and to_the_end:
                return
            time.sleep(0.02)


def words_in(texts: object) -> set[str]:
    """The own words of messages and files in these texts."""
    return {found.decode() for text in texts for found in WORD.findall(text.encode())}  # type: ignore[attr-defined]


def traces_left(this: Round) -> list[str]:
    """Forgotten words in any byte of the folder, in any column, in the store; and adapters that are not marked."""
    company, left = this.company, []
    for path in company.folder.rglob("*"):
        if path.is_file():
            left += [
                f"{path.name}: {word}" for word in words_in([path.read_bytes().decode("latin-1")]) & this.forgotten
            ]
    with sqlite3.connect(company.folder / "journeyman.db") as tables:
        left += [f"a table: {word}" for word in words_in(tables.iterdump()) & this.forgotten]
    for word in this.luck.sample(sorted(this.forgotten), CHECKED):
        found = traces_of(word, company.record, company.store, [company.folder])
        left += [f"{trace.place}, {trace.what}" for trace in found if not trace.is_tombstone]
    with company.record() as unit:
        learned = {each.id: unit.adapters.examples_of(each.id) for each in unit.adapters.on_disk()}
        tainted = {each.id for each in unit.adapters.on_disk() if each.tainted}
        standing = unit.examples.existing(set().union(*learned.values()))
    for passage_id, held in company.store.words(TEAM):
        left += [f"store {passage_id}: {word}" for word in words_in([held]) & this.forgotten]
    # Rows that are only marked as deleted stand in the store's files, where compression may hide their words.
    left += [f"deleted rows in {path.name}" for path in company.folder.rglob("_deletions/*")]
    left += [f"adapter {name}" for name in ("early", "late") if name not in tainted]
    left += [f"adapter {name} names forgotten examples" for name, ids in learned.items() if ids - standing]
    return left


def innocent_lost(this: Round) -> list[str]:
    """What holds no forgotten word, and is not as it was."""
    company, lost = this.company, []
    in_store = words_in(held for _, held in company.store.words(TEAM))
    with company.record() as unit:
        in_passages = words_in(p.text for d in unit.documents.all_of(TEAM) for p in unit.passages.of(d.id))
        for planned in this.messages:
            message = unit.messages.get(TEAM, planned.channel, ts_of(planned.at))
            if planned.word not in this.forgotten and (message is None or message.text != planned.text):
                lost.append(f"message {planned.word}")
        for number, word in enumerate(this.files):
            file = unit.files.get(TEAM, f"F{number}")
            stands = (
                file is not None and file.state is FileState.STORED and (company.folder / "files" / file.blob).exists()
            )
            if word not in this.forgotten and not stands:
                lost.append(f"file {word}")
        everything = (
            {each.word for each in this.messages} | set(this.files) | {f"zqn{n:06d}" for n in range(NEW_MESSAGES)}
        )
        lost += [f"passage {word}" for word in everything - this.forgotten - (in_store & in_passages)]
        innocent_examples = set()
        for question_id, read in this.words_of.items():
            answer = unit.questions.get(question_id).answer  # type: ignore[union-attr]
            if read.isdisjoint(this.forgotten):
                if not answer or not answer.text or not answer.citations:
                    lost.append(f"answer {question_id}")
                innocent_examples |= {each.id for each in unit.examples.of_answer(answer.id)} if answer else set()
        if unit.adapters.get("innocent").tainted:  # type: ignore[union-attr]
            lost.append("adapter innocent")
        learned = unit.adapters.examples_of("innocent")
        voted = sum(
            read.isdisjoint(this.forgotten) and this.asked_at[each] < 10_000_000.0 + VOTED * 10
            for each, read in this.words_of.items()
        )
        name = unit.adapters.get("innocent").data_set  # type: ignore[union-attr]
    rows = {row.id for row in load(company.folder / "datasets" / f"{name}.jsonl").examples}
    lost += ["example"] * max(0, voted - len(innocent_examples))
    lost += [f"frozen row {each}" for each in learned - rows] + ["frozen row"] * max(0, voted - len(rows))
    return lost


def play(seed: int, count: int) -> tuple[list[str], list[str], float]:
    """One round: the traces left, the innocent lost, the seconds from the last event until all was done."""
    with tempfile.TemporaryDirectory() as name:
        this = Round(open_company(Path(name)), random.Random(seed))
        fill(this, count)
        doomed_messages = this.luck.sample(this.messages, count // 2)
        doomed_files = this.luck.sample(range(FILES), FILES // 2)
        this.forgotten = {each.word for each in doomed_messages} | {this.files[number] for number in doomed_files}
        ask_and_learn(this, this.forgotten)
        forget_half(this, doomed_messages, doomed_files)
        started = time.monotonic()
        last = start_worker(this.company.folder, to_the_end=True)
        _, complaint = last.communicate(timeout=600)
        assert last.returncode == 0, complaint
        seconds = time.monotonic() - started
        result = traces_left(this), innocent_lost(this), seconds
        this.company.store.close()
        this.company.record.close()
        return result


def main() -> None:
    """Print the table and, with --json, the figures and goals as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="accepted for uniformity; this bench needs none")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="the seed of the first round")
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--to-the-end", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.work, to_the_end=options.to_the_end)
        return
    traces: list[str] = []
    lost: list[str] = []
    waits: list[float] = []
    print(f"{'round':>5} {'traces left':>12} {'innocent lost':>14} {'seconds to the end':>19}")
    for seed in range(options.first, options.first + options.rounds):
        left, gone, seconds = play(seed, options.messages)
        print(f"{seed:>5} {len(left):>12} {len(gone):>14} {seconds:>19.1f}", flush=True)
        for each in [*left[:5], *gone[:5]]:
            print(f"      {each}")
        traces, lost, waits = traces + left, lost + gone, [*waits, seconds]
    figures = {
        "rounds": options.rounds,
        "messages": options.messages,
        "files": FILES,
        "answers": ANSWERS,
        "kills": options.rounds * (KILLS + 1),
        "seconds_to_the_end_median": round(sorted(waits)[len(waits) // 2], 1),
    }
    goals = [Goal("traces_left", len(traces), 0, "<="), Goal("innocent_lost", len(lost), 0, "<=")]
    report("forgetting", figures, goals, as_json=options.json)


if __name__ == "__main__":
    main()
