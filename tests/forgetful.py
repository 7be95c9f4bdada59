"""A small company for tests of forgetting: people who talk, ask, vote and teach, and all that comes of it."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from core.answering.drafts import Draft, DraftCitation, DraftGround
from core.answering.questions import AskedQuestion, ask, save_answer
from core.curation.approval import ApprovalRule
from core.curation.feedback import HELPFUL, vote
from core.curation.forgetting import Forgetting
from core.curation.frozen_rows import FrozenRows
from core.curation.frozen_set import FrozenExample, FrozenSet, Split, frozen, save
from core.knowledge.embedding import Embedder
from core.knowledge.extraction import ExtractionLimits
from core.knowledge.hearing import HeardFile, HeardMessage, file_stored, hear_deletion, hear_message
from core.knowledge.indexing import Indexer
from core.knowledge.retrieval import Retrieval
from core.knowledge.stores.passage_store import PassageStore
from core.records.adapters import Adapter
from core.records.documents import DocumentKind, document_id
from core.records.questions import AskedBy, Question, Verdict
from core.records.unit_of_work import Record
from core.records.workspaces import ChannelKind
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.store import FakeStore

TEAM = "T1"
START = 1_772_352_000  # 1 March 2026, 08:00 UTC
KINDS = {"C1": ChannelKind.PUBLIC, "C2": ChannelKind.PUBLIC, "G1": ChannelKind.PRIVATE}


def ts_of(at: float) -> str:
    return f"{START + at:.6f}"


@dataclass
class Company:
    folder: Path
    record: Record
    store: PassageStore = field(default_factory=FakeStore)
    embedder: Embedder = field(default_factory=FakeEmbedder)
    rule: ApprovalRule = field(default_factory=ApprovalRule)

    def __post_init__(self) -> None:
        self.indexer = Indexer(
            self.record,
            self.store,
            self.embedder,
            blobs_dir=self.folder / "files",
            passage_tokens=60,
            window_pause_s=600,
            limits=ExtractionLimits(seconds=20),
        )
        self.retrieval = Retrieval(self.record, self.store, self.embedder)
        self.forgetting = self.forget_with(self.folder)

    def forget_with(self, folder: Path) -> Forgetting:
        rows = FrozenRows(self.record, folder / "datasets", folder / "adapters", folder / "training")
        return Forgetting(self.record, self.store, rows, folder / "files", lambda workspace_id: self.rule)

    def message(self, at: float, text: str, person="U1", channel="C1", thread: float | None = None, **more):
        facts = {
            "workspace_id": TEAM,
            "channel_id": channel,
            "channel_kind": KINDS[channel],
            "ts": ts_of(at),
            "thread_ts": "" if thread is None else ts_of(thread),
            "person_id": person,
            "text": text,
            "permalink": f"https://x.slack.com/archives/{channel}/p{START + int(at)}",
            "revision": ts_of(at),
        }
        return HeardMessage(**{**facts, **more})

    def say(self, at: float, text: str, **more) -> str:
        hear_message(self.record, self.message(at, text, **more))
        return ts_of(at)

    def edit(self, at: float, text: str, after: float = 1.0, **more) -> None:
        hear_message(self.record, self.message(at, text, revision=ts_of(at + after), **more))

    def delete(self, at: float, channel="C1", thread: float | None = None) -> None:
        hear_deletion(self.record, self.message(at, "", "", channel, thread, revision=ts_of(at + 1)))

    def share(self, id: str, text: str, at: float, channel="C1", person="U1") -> None:
        file = HeardFile(id, f"{id}.md", "text/markdown", 9, "https://f", f"https://x/{id}", person)
        hear_message(self.record, self.message(at, "", person, channel, files=(file,)))
        (self.folder / "files" / TEAM).mkdir(parents=True, exist_ok=True)
        (self.folder / "files" / TEAM / id).write_text(text)
        file_stored(self.record, TEAM, id, f"{TEAM}/{id}")

    def answer(self, at: float, question: str, about: list[float], text: str, person="U9", channel="C1", **more) -> str:
        """Ask, and get an answer that quotes these messages of C1; returns the question's id."""
        said = [self.text_at(each) for each in about]
        day = document_id(TEAM, DocumentKind.DAY, "C1:2026-03-01")
        quotes = [DraftCitation(n, f"p{n}", day, "public", "#c", "", each) for n, each in enumerate(said, 1)]
        grounds = [DraftGround(day, "C1", (ts_of(each),)) for each in about]
        return self.answered(at, question, text, quotes, grounds, person, channel, **more)

    def answered(
        self, at, question, text, citations, grounds, person="U9", channel="C1", verdict=Verdict.GENERATED, **more
    ) -> str:
        asked = AskedQuestion(TEAM, channel, ts_of(at), person, question, AskedBy.MENTION, **more)
        question_id = ask(self.record, asked)
        assert question_id
        draft = Draft(text, verdict, "phi3", citations=tuple(citations), grounds=tuple(grounds))
        save_answer(self.record, question_id, draft)
        with self.record() as work:
            row = work.questions.get(question_id)
            assert row
            work.questions.add_reply(row, channel, ts_of(at + 0.5))
            work.commit()
        return question_id

    def vote(self, at: float, person="U2", value=HELPFUL, channel="C1") -> bool:
        """A vote on the answer to what was asked at that time."""
        return vote(self.record, TEAM, channel, ts_of(at + 0.5), person, value, self.rule)

    def text_at(self, at: float, channel="C1") -> str:
        with self.record() as work:
            message = work.messages.get(TEAM, channel, ts_of(at))
            return message.text if message else ""

    def question(self, question_id: str) -> Question:
        with self.record() as work:
            question = work.questions.get(question_id)
            assert question
            assert question.replies is not None
            if question.answer:
                assert question.answer.citations is not None
            return question

    def examples(self) -> list[str]:
        with self.record() as work:
            return [each.question for each in work.examples.approved(TEAM)]

    def freeze(self, beside: dict[str, tuple[str, ...]] | None = None) -> FrozenSet:
        """All approved examples as they stand; `beside`: what a question's distractors are from."""
        with self.record() as work:
            approved = work.examples.approved(TEAM)
            voters = {each.id: tuple(work.feedback.votes_on(each.answer_id or "")) for each in approved}
        kept = frozen(
            FrozenExample(
                id=each.id,
                group=each.id,
                split=Split.TRAIN,
                question=each.question,
                answer=each.answer,
                approved_by=voters[each.id],
                beside=(beside or {}).get(each.question, ()),
            )
            for each in approved
        )
        save(kept, self.folder / "datasets")
        return kept

    def train(self, name: str, on: FrozenSet) -> None:
        """An adapter on this set, with its manifest."""
        ids = [each.id for each in on.examples]
        with self.record() as work:
            run = work.runs.of_night(name) or work.runs.begin(name, recipe="tiny", base="base")
            assert run
            run.data_set, run.active = on.name, None
            adapter = Adapter(id=name, run_id=run.id, data_set=on.name, base_fingerprint="b")
            work.adapters.add(adapter, ids)
            work.commit()
        folder = self.folder / "adapters" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "manifest.json").write_text(json.dumps({"id": name, "example_ids": ids}))

    def tainted(self) -> set[str]:
        with self.record() as work:
            return {each.id for each in work.adapters.on_disk() if each.tainted}

    def settle(self) -> None:
        """What a worker does until nothing is left to do."""
        self.forgetting.carry_out()
        self.indexer.index_everything("test")
        self.forgetting.erase(grace_s=0.0)
