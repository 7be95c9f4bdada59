"""Runs, adapters and the pointer, on every database."""

from datetime import timedelta

from core.records.adapters import Adapter
from core.records.base import utc_now
from core.records.runs import RunState
from core.records.unit_of_work import Record

HOLD = timedelta(seconds=60)


def begun(record: Record, night: str) -> str | None:
    with record() as work:
        run = work.runs.begin(night, recipe="tiny", base="base")
        work.commit()
        return run.id if run else None


def with_adapters(record: Record, *names: str) -> None:
    run_id = begun(record, "2026-03-01")
    assert run_id
    with record() as work:
        for number, name in enumerate(names):
            made = utc_now() + timedelta(seconds=number)
            adapter = Adapter(id=name, run_id=run_id, data_set="d", base_fingerprint="b", made_at=made)
            work.adapters.add(adapter, [f"{name}-1", "shared"])
        work.commit()


def test_a_night_has_one_run(record: Record) -> None:
    first = begun(record, "2026-03-01")
    assert first
    with record() as work:
        work.runs.hold(first, "one", utc_now(), HOLD)
        assert work.runs.end(first, "one", RunState.KEPT, "Kept.")
        work.commit()
    assert begun(record, "2026-03-01") is None
    assert begun(record, "2026-03-02")


def test_two_runs_never_overlap(record: Record) -> None:
    assert begun(record, "2026-03-01")
    assert begun(record, "2026-03-02") is None


def test_a_refused_run_leaves_the_unit_of_work_usable(record: Record) -> None:
    begun(record, "2026-03-01")
    with record() as work:
        assert work.runs.begin("2026-03-01", recipe="tiny", base="base") is None
        active = work.runs.active()
        assert active is not None
        active.reason = "still writable"
        work.commit()


def test_one_worker_holds_a_run_until_its_time_is_over(record: Record) -> None:
    run_id = begun(record, "2026-03-01") or ""
    now = utc_now()
    with record() as work:
        assert work.runs.hold(run_id, "one", now, HOLD)
        assert not work.runs.hold(run_id, "two", now, HOLD)
        assert work.runs.hold(run_id, "one", now + HOLD / 2, HOLD)
        assert not work.runs.hold(run_id, "two", now + HOLD, HOLD)
        assert work.runs.hold(run_id, "two", now + 2 * HOLD, HOLD)


def test_progress_is_noted_for_the_holder_only_and_until_a_stop_is_wanted(record: Record) -> None:
    run_id = begun(record, "2026-03-01") or ""
    with record() as work:
        work.runs.hold(run_id, "one", utc_now(), HOLD)
        assert work.runs.progress(run_id, "one", 3, 10, 1.5, 7.0)
        assert not work.runs.progress(run_id, "two", 4, 10, 1.4, 6.0)
        work.commit()
    with record() as work:
        run = work.runs.want_stop()
        assert run is not None
        assert (run.step, run.of_steps, run.loss) == (3, 10, 1.5)
        assert not work.runs.progress(run_id, "one", 4, 10, 1.4, 6.0)


def test_an_ended_run_stays_as_it_ended(record: Record) -> None:
    run_id = begun(record, "2026-03-01") or ""
    with record() as work:
        work.runs.hold(run_id, "one", utc_now(), HOLD)
        assert not work.runs.end(run_id, "two", RunState.PROMOTED, "Not mine.")
        assert work.runs.end(run_id, "one", RunState.FAILED, "No disk.", adapter_id="a", figures={"gain": None})
        assert not work.runs.end(run_id, "one", RunState.PROMOTED, "Nonsense.")
        work.commit()
    with record() as work:
        run = work.runs.get(run_id)
        assert run is not None
        assert (run.state, run.reason, run.ended) == (RunState.FAILED, "No disk.", True)
        assert (run.adapter_id, run.figures) == ("a", {"gain": None})
        assert [waiting.id for waiting in work.runs.unreported()] == [run_id]


def test_the_pointer_moves_and_remembers_who_served(record: Record) -> None:
    with_adapters(record, "a", "b")
    with record() as work:
        assert work.adapters.live() is None
        for name in ("a", "b"):
            work.adapters.point_to(work.adapters.get(name))
        work.commit()
    with record() as work:
        live = work.adapters.live()
        assert live is not None
        assert live.id == "b"
        assert [adapter.id for adapter in work.adapters.once_live()] == ["a"]
        work.adapters.point_to(None, "U1")
        work.commit()
    with record() as work:
        assert work.adapters.live() is None
        assert [adapter.id for adapter in work.adapters.once_live()] == ["b", "a"]


def test_forgetting_an_example_taints_what_was_trained_on_it(record: Record) -> None:
    with_adapters(record, "a", "b")
    with record() as work:
        assert [adapter.id for adapter in work.adapters.taint(["a-1"])] == ["a"]
        assert work.adapters.taint(["a-1"]) == []
        assert work.adapters.examples_of("a") == {"shared"}
        assert {adapter.id for adapter in work.adapters.trained_on(["shared"])} == {"a", "b"}
        assert [adapter.id for adapter in work.adapters.taint(["shared"])] == ["b"]
