"""The model follows the pointer that promotion and rollback move."""

from pathlib import Path

import pytest

from core.answering.live_adapter import AGAIN_S, LiveAdapter
from core.errors import DamagedAdapter, ModelUnavailable
from core.records.adapters import Adapter
from core.records.database import migrate, open_engine
from core.records.runs import TrainingRun
from core.records.unit_of_work import Record
from tests.fakes.language_model import ScriptedModel


@pytest.fixture
def record(tmp_path: Path) -> Record:
    url = f"sqlite:///{tmp_path / 'journeyman.db'}"
    migrate(url)
    record = Record(open_engine(url))
    with record() as work:
        run = work.runs.begin("2026-03-01", recipe="r", base="b")
        assert isinstance(run, TrainingRun)
        for name in ("one", "two"):
            work.adapters.add(Adapter(id=name, run_id=run.id, data_set="d", base_fingerprint="f"), [])
        work.commit()
    return record


def point_to(record: Record, name: str) -> None:
    with record() as work:
        work.adapters.point_to(work.adapters.get(name) if name else None)
        work.commit()


def test_each_move_of_the_pointer_is_followed_once(record: Record) -> None:
    model = ScriptedModel()
    live = LiveAdapter(record, model)
    for name in ("", "one", "one", "two", "", "one"):
        if name:
            point_to(record, name)
        elif model.swaps:
            point_to(record, "")
        live.follow()
        live.follow()
    assert model.swaps == ["one", "two", "", "one"]


def test_a_damaged_adapter_is_told_of_once_and_the_next_move_is_followed(
    record: Record, caplog: pytest.LogCaptureFixture
) -> None:
    model = ScriptedModel()
    model.swap_fails = DamagedAdapter("It was changed.")
    live = LiveAdapter(record, model)
    point_to(record, "one")
    live.follow()
    live.follow()
    assert model.swaps == ["one"]
    assert caplog.text.count("It was changed.") == 1
    model.swap_fails = None
    point_to(record, "two")
    live.follow()
    assert model.swaps == ["one", "two"]


def test_a_model_that_is_down_is_asked_again_later(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1_000.0]
    monkeypatch.setattr("core.answering.live_adapter.monotonic", lambda: clock[0])
    model = ScriptedModel()
    model.swap_fails = ModelUnavailable("It is down.")
    live = LiveAdapter(record, model)
    point_to(record, "one")
    live.follow()
    model.swap_fails = None
    live.follow()
    assert model.swaps == ["one"]
    clock[0] += AGAIN_S
    live.follow()
    live.follow()
    assert model.swaps == ["one", "one"]
