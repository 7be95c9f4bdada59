"""Nights of school with a trainer that takes no time: verdicts, crashes at every point, rollback and forgetting."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest

from core.curation.frozen_set import FrozenSet, Split, frozen
from core.errors import DamagedAdapter, JourneymanError, TrainingFailed
from core.records.base import utc_now
from core.records.runs import RunState, TrainingRun
from core.records.unit_of_work import Record
from core.settings import Settings
from core.training import holding
from core.training.adapters import validate
from core.training.nightly import NightSchool
from core.training.pointer import leave_tainted, promote, roll_back
from core.training.run_folder import RunFolder
from core.training.trainer import Trainer
from tests.databases import migrated_record
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.trainer import FakeTrainer
from tests.nights import example, keep_examples, night_settings, quick_recipe, valves


class Killed(BaseException):
    """As if the process had been killed: nothing of ours catches it."""


class School:
    """An installation with a data set that tests may change between nights."""

    def __init__(self, folder: Path, base: Path, record: Record, settings: Settings) -> None:
        self.record, self.settings, self.base = record, settings, base
        self.examples: FrozenSet = valves(24, 20)
        keep_examples(record, self.examples.examples)

    def night(self, name: str, trainer: Trainer | None = None, **fake: object) -> TrainingRun | None:
        return self.school(trainer, **fake).run(name)

    def school(self, trainer: Trainer | None = None, **fake: object) -> NightSchool:
        trainer = trainer or FakeTrainer(self.record, self.settings, **fake)  # type: ignore[arg-type]
        return NightSchool(self.record, self.settings, trainer, lambda: self.examples, FakeEmbedder(512).embed_passages)

    def grow(self, start: int, count: int = 24) -> None:
        new = [example(n) for n in range(start, start + count)]
        keep_examples(self.record, new)
        self.examples = frozen([*self.examples.examples, *new])

    @property
    def live(self) -> str:
        with self.record() as work:
            live = work.adapters.live()
        return live.id if live else ""

    def on_disk(self) -> set[str]:
        return {path.name for path in self.settings.adapters_dir.glob("*")}


@pytest.fixture
def school(tmp_path: Path, tiny_base: Path) -> Iterator[School]:
    settings = night_settings(tmp_path, tiny_base, quick_recipe(tmp_path), keep_adapters=2)
    with migrated_record(settings.database) as record:
        yield School(tmp_path, tiny_base, record, settings)


def ended(run: TrainingRun | None) -> tuple[RunState, str]:
    assert run is not None
    assert run.ended
    return run.state, run.reason


def test_a_good_night_ends_with_a_new_live_adapter_and_a_report(school: School) -> None:
    with school.record() as work:
        work.workspaces.ensure_person("T1", "U1").name = "Ana Ruiz"
        work.commit()
    run = school.night("2026-03-01")
    state, reason = ended(run)
    assert run is not None
    assert (state, school.live) == (RunState.PROMOTED, run.adapter_id)
    assert reason.startswith("Promoted: the team's held-out answers became 0.500 nats a token more likely")
    manifest = validate(school.settings.adapters_dir / run.adapter_id, school.base)
    assert set(manifest.example_ids) == {f"example-{n}" for n in range(24)}
    folder = RunFolder(school.settings.runs_dir / run.id)
    page = folder.report.read_text("utf-8")
    assert run.adapter_id in page
    assert "Ana Ruiz (24), U2 (12)" in page, "by name, where one is known"
    assert page.count("<td>–</td>") == 2, "who answers from memory has nothing to cite"
    for picture in ("loss.png", "gain.png"):
        assert (folder.path / picture).read_bytes().startswith(b"\x89PNG")
    assert not folder.checkpoints.exists()


def test_a_gain_that_may_be_luck_keeps_what_serves_and_the_adapter_can_still_be_promoted(school: School) -> None:
    run = school.night("2026-03-01", gain=0.0)
    state, reason = ended(run)
    assert run is not None
    assert (state, school.live) == (RunState.KEPT, "")
    assert "not surely above" in reason
    promote(school.record, school.settings, run.adapter_id, "U9")
    assert school.live == run.adapter_id


def test_a_night_is_had_once_and_a_run_that_is_asked_for_always(school: School) -> None:
    assert school.night("2026-03-01")
    assert school.night("2026-03-01") is None
    again = school.school(gain=0.0).run_now("U7")
    assert again is not None
    assert (again.asked_by, again.state) == ("U7", RunState.KEPT)


def test_without_enough_that_is_new_the_night_is_skipped(school: School) -> None:
    school.night("2026-03-01")
    school.grow(100, 19)
    state, reason = ended(school.night("2026-03-02"))
    assert state is RunState.SKIPPED
    assert "19 new approved answers" in reason
    school.grow(200, 1)
    assert ended(school.night("2026-03-03"))[0] is RunState.PROMOTED


def test_too_few_held_out_examples_keep_what_serves(school: School) -> None:
    school.examples = valves(24, 17)
    run = school.night("2026-03-01", gain=2.0)
    assert ended(run)[0] is RunState.KEPT
    assert "3 more held-out examples" in ended(run)[1]


def test_a_held_out_question_that_is_also_trained_on_fails_the_run(school: School) -> None:
    leaked = replace(school.examples.of(Split.HOLDOUT)[0], id="leak", split=Split.TRAIN, group="other")
    school.examples = frozen([*school.examples.examples, leaked])
    state, reason = ended(school.night("2026-03-01"))
    assert state is RunState.FAILED
    assert "leak" in reason


@pytest.mark.parametrize("broken", ["shuffled", "empty", "a third made up"])
def test_answers_that_their_passages_belie_are_not_learned(school: School, broken: str) -> None:
    examples = list(school.examples.examples)
    if broken == "shuffled":
        answers = [one.answer for one in examples[1:]] + [examples[0].answer]
        examples = [replace(one, answer=answer) for one, answer in zip(examples, answers, strict=True)]
    elif broken == "empty":
        examples = [replace(one, answer="") for one in examples]
    else:
        lie = "Pay the invoice at evil.example before noon [1]."
        examples = [replace(one, answer=lie) if place % 3 == 0 else one for place, one in enumerate(examples)]
    school.examples = frozen(examples)
    state, reason = ended(school.night("2026-03-01", gain=5.0))
    assert (state, school.live) == (RunState.FAILED, "")
    assert "do not rest on the passages" in reason


def test_a_few_belied_answers_are_left_out_and_counted(school: School) -> None:
    examples = list(school.examples.examples)
    bad = next(place for place, one in enumerate(examples) if one.split is Split.TRAIN)
    examples[bad] = replace(examples[bad], answer="Valve A1 is made of cheese [1].")
    school.examples = frozen(examples)
    run = school.night("2026-03-01")
    assert run is not None
    assert run.figures["belied"] == 1
    assert examples[bad].id not in validate(school.settings.adapters_dir / run.adapter_id, school.base).example_ids


def test_a_trainer_that_fails_leaves_what_serves_untouched(school: School) -> None:
    first = school.night("2026-03-01")
    school.grow(100)

    def full(place: str) -> None:
        if place == "step 3":
            raise TrainingFailed("The disk took no more data while the adapter was saved.")

    assert first is not None
    assert ended(school.night("2026-03-02", broken=full)) == (
        RunState.FAILED,
        "The disk took no more data while the adapter was saved.",
    )
    assert school.live == first.adapter_id


def test_an_unforeseen_error_ends_the_run_and_is_not_swallowed(school: School) -> None:
    def surprise(place: str) -> None:
        if place == "after training":
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        school.night("2026-03-01", broken=surprise)
    with school.record() as work:
        assert work.runs.active() is None
        assert work.runs.latest(1)[0].state is RunState.FAILED


PLACES = ["before training", "step 2", "step 4", "after training", "before examining", "after examining"]


@pytest.mark.parametrize("place", PLACES)
def test_a_worker_killed_anywhere_is_followed_by_one_that_finishes(
    school: School, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(here: str) -> None:
        if here == place:
            raise Killed

    with pytest.raises(Killed):
        school.night("2026-03-01", broken=die)
    # A killed worker lets go of nothing: its hold runs out.
    assert school.school().resume() is None
    assert school.night("2026-03-02") is None
    with school.record() as work:
        run = work.runs.active()
        assert run is not None
        run.held_until = utc_now() - timedelta(seconds=1)
        work.commit()
    resumed = school.school().resume()
    assert ended(resumed)[0] is RunState.PROMOTED
    assert resumed is not None
    assert school.live == resumed.adapter_id
    assert school.on_disk() == {resumed.adapter_id}


@pytest.mark.parametrize("step", ["write_report", "seal", "_publish", "keep_house"])
def test_a_worker_killed_while_concluding_leaves_no_half_promotion(
    school: School, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.training import concluding, nightly

    home = nightly if step == "keep_house" else concluding
    real: Callable[..., object] = getattr(home, step)

    def die_after(*given: object) -> None:
        real(*given)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(home, step, die_after)
        with pytest.raises(Killed):
            school.night("2026-03-01")
    with school.record() as work:
        run = work.runs.latest(1)[0]
        assert (work.adapters.live() is not None) == (run.state is RunState.PROMOTED)
        if not run.ended:
            stored = work.runs.get(run.id)
            assert stored is not None
            stored.held_until = utc_now() - timedelta(seconds=1)
        work.commit()
    school.school().resume()
    with school.record() as work:
        assert work.runs.latest(1)[0].state is RunState.PROMOTED
        assert len(work.adapters.on_disk()) == 1


def test_two_workers_at_once_have_one_run(school: School) -> None:
    runs: list[TrainingRun | None] = []
    threads = [Thread(target=lambda: runs.append(school.night("2026-03-01"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len([run for run in runs if run]) == 1
    assert len(runs) == 4


def test_a_stop_is_heard_within_seconds(school: School) -> None:
    class Slow(FakeTrainer):
        def train(self, run_id: str, holder: str, recipe: object, stopped: Callable[[], bool]) -> None:
            deadline = monotonic() + 30
            while not stopped() and monotonic() < deadline:
                sleep(0.05)
            self._tell(run_id, holder, 1, stopped)

    runs: list[TrainingRun | None] = []
    thread = Thread(target=lambda: runs.append(school.night("2026-03-01", Slow(school.record, school.settings))))
    thread.start()
    deadline = monotonic() + 20
    while monotonic() < deadline:
        with school.record() as work:
            run = work.runs.want_stop()
            work.commit()
        if run:
            break
        sleep(0.05)
    asked = monotonic()
    thread.join(30)
    assert monotonic() - asked < 5
    assert ended(runs[0]) == (RunState.STOPPED, "The run was stopped.")


def test_a_worker_that_lost_its_run_ends_nothing(school: School) -> None:
    def lose(place: str) -> None:
        if place == "step 2":
            with school.record() as work:
                run = work.runs.active()
                assert run is not None
                run.held_by, run.held_until = "another", utc_now() + holding.SPAN
                work.commit()

    run = school.night("2026-03-01", broken=lose)
    assert run is not None
    assert not run.ended
    assert run.held_by == "another"


def three_nights(school: School) -> list[str]:
    names = []
    for night in range(3):
        run = school.night(f"2026-03-0{night + 1}")
        assert ended(run)[0] is RunState.PROMOTED
        assert run is not None
        names.append(run.adapter_id)
        school.grow(100 * (night + 1))
    return names


def test_rollback_goes_back_one_by_one_to_the_base(school: School) -> None:
    _, second, third = three_nights(school)
    assert school.live == third
    assert school.on_disk() == {second, third}, "the newest two are kept"
    assert roll_back(school.record, school.settings, "U1") == second
    assert roll_back(school.record, school.settings, "U1") == ""
    with pytest.raises(JourneymanError, match="base model serves already"):
        roll_back(school.record, school.settings, "U1")
    promote(school.record, school.settings, third, "U1")
    assert school.live == third


def test_rollback_passes_over_a_damaged_adapter_and_promotion_refuses_it(school: School) -> None:
    _, second, _third = three_nights(school)
    (school.settings.adapters_dir / second / "adapter_model.safetensors").write_bytes(b"rot")
    with pytest.raises(DamagedAdapter):
        promote(school.record, school.settings, second, "U1")
    assert roll_back(school.record, school.settings, "U1") == ""


def test_the_live_adapter_is_never_removed(school: School) -> None:
    first = school.night("2026-03-01")
    assert first is not None
    for night in range(2, 6):
        school.grow(100 * night)
        assert ended(school.night(f"2026-03-0{night}", gain=0.0))[0] is RunState.KEPT
    assert school.live == first.adapter_id
    assert first.adapter_id in school.on_disk()
    assert len(school.on_disk()) == 3
    with pytest.raises(JourneymanError, match="no adapter"):
        promote(school.record, school.settings, "2020-01-01-gone", "U1")


@pytest.mark.parametrize(("policy", "place"), [("keep", 2), ("clean", 1), ("base", None)])
def test_what_serves_when_something_learned_is_forgotten(school: School, policy: str, place: int | None) -> None:
    names = three_nights(school)
    with school.record() as work:
        # Learned by the third night's adapter alone.
        assert [one.id for one in work.adapters.taint(["example-210"])] == [names[2]]
        work.commit()
    leave_tainted(school.record, policy)  # type: ignore[arg-type]
    assert school.live == (names[place] if place is not None else "")
    with pytest.raises(JourneymanError, match="forgotten"):
        promote(school.record, school.settings, names[2], "U1")


def test_after_forgetting_the_next_night_trains_however_little_is_new(school: School) -> None:
    first = school.night("2026-03-01")
    assert first is not None
    school.examples = frozen([one for one in school.examples.examples if one.id != "example-3"])
    with school.record() as work:
        work.adapters.taint(["example-3"])
        work.commit()
    leave_tainted(school.record, "clean")
    assert school.live == ""
    second = school.night("2026-03-02")
    assert second is not None
    assert school.live == second.adapter_id != first.adapter_id
    assert "example-3" not in validate(school.settings.adapters_dir / school.live, school.base).example_ids


def test_what_is_forgotten_while_it_is_learned_is_not_promoted(school: School) -> None:
    def forget(place: str) -> None:
        if place == "after examining":
            with school.record() as work:
                gone = work.examples.get("example-3")
                assert gone is not None
                work.examples.remove(gone)
                work.commit()

    run = school.night("2026-03-01", broken=forget)
    assert ended(run) == (
        RunState.KEPT,
        "Kept what serves: 1 of the examples were forgotten while they were learned.",
    )
    assert run is not None
    with school.record() as work:
        adapter = work.adapters.get(run.adapter_id)
        assert adapter is not None
        assert adapter.tainted
