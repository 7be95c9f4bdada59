"""What a run does about the model that serves on the same device: wait for a quiet minute, or until it rests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

import pytest

from core.answering.giving_way import GivingWay
from core.records.questions import AskedBy, Question, QuestionState
from core.records.runs import RunState
from core.records.unit_of_work import Record
from core.training import nightly
from core.training.nightly import NightSchool
from tests.databases import migrated_record
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.language_model import ScriptedModel
from tests.fakes.trainer import FakeTrainer
from tests.nights import keep_examples, night_settings, quick_recipe, valves

MakeSchool = Callable[..., NightSchool]


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    with migrated_record(f"sqlite:///{tmp_path / 'record.db'}") as record:
        yield record


@pytest.fixture
def school(tmp_path: Path, tiny_base: Path, record: Record, monkeypatch: pytest.MonkeyPatch) -> MakeSchool:
    monkeypatch.setattr(nightly, "REST_POLL_S", 0.02)
    monkeypatch.setattr(nightly, "QUIET_POLL_S", 0.02)
    examples = valves(24, 20)
    keep_examples(record, examples.examples)

    def make(broken: Callable[[str], None], **settings: object) -> NightSchool:
        chosen = night_settings(tmp_path, tiny_base, quick_recipe(tmp_path), **settings)
        trainer = FakeTrainer(record, chosen, broken=broken)
        return NightSchool(record, chosen, trainer, lambda: examples, FakeEmbedder(512).embed_passages)

    return make


@contextmanager
def serving(record: Record, model: ScriptedModel) -> Iterator[None]:
    """The bot's chore, in a thread."""
    done = Event()
    way = GivingWay(record, model, pauses=True)

    def follow() -> None:
        while not done.wait(0.02):
            way.follow()

    chore = Thread(target=follow)
    chore.start()
    try:
        yield
    finally:
        done.set()
        chore.join(30)


def test_paused_serving_rests_before_the_trainer_begins_and_wakes_after_the_examination(
    school: MakeSchool, record: Record
) -> None:
    model = ScriptedModel()
    seen: dict[str, list[str]] = {}

    def look(place: str) -> None:
        seen[place] = list(model.rests)

    with serving(record, model):
        run = school(look, training_gpu="pause").run("2026-03-01")
        assert run is not None
        assert run.state is RunState.PROMOTED, run.reason
        deadline = monotonic() + 30
        while model.rests != ["rest", "wake"]:
            assert monotonic() < deadline, model.rests
            sleep(0.02)
    for place in ("before training", "after training", "before examining"):
        assert seen[place] == ["rest"], place


def test_without_anybody_who_serves_a_paused_run_goes_on_by_itself(
    school: MakeSchool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nightly, "REST_MARGIN_S", 0.0)
    run = school(lambda _place: None, training_gpu="pause", answer_seconds=1).run("2026-03-01")
    assert run is not None
    assert run.state is RunState.PROMOTED, run.reason


@pytest.mark.parametrize("policy", ["share", "pause"])
def test_only_a_shared_device_is_waited_for_until_nobody_asks(
    school: MakeSchool, record: Record, monkeypatch: pytest.MonkeyPatch, policy: str
) -> None:
    waited: list[float] = []

    def pass_time(seconds: float) -> None:
        """A minute passes: nobody has asked since."""
        waited.append(seconds)
        with record() as work:
            for question in work.questions.unanswered():
                question.asked_at -= timedelta(minutes=2)
                question.state = QuestionState.ANSWERED
            work.commit()

    monkeypatch.setattr(nightly, "sleep", pass_time)
    monkeypatch.setattr(nightly, "REST_MARGIN_S", -1_000.0)
    with record() as work:
        work.questions.add(
            Question(
                workspace_id="T1",
                channel_id="C1",
                asked_ts="1.1",
                person_id="U1",
                asked_by=AskedBy.MENTION,
                text="When?",
            )
        )
        work.commit()
    run = school(lambda _place: None, training_gpu=policy).run("2026-03-01")
    assert run is not None
    assert run.state is RunState.PROMOTED, run.reason
    assert bool(waited) == (policy == "share")
