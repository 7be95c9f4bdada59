"""`/retrain` from a 👍 to a better model and back, on the real parts: sandbox, bot, trainer's processes, rule, swap."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.views import training as view
from core.curation.frozen_set import Split, load
from core.records.runs import RunState, TrainingRun
from core.training import nightly
from core.training.adapters import validate
from core.training.nightly import NightSchool
from tests.fakes.trainer import FakeTrainer
from tests.slack.curating import button_of, home_of
from tests.slack.night_school import (
    NIGHT,
    PATIENCE,
    TEAM,
    add_team,
    admin_of,
    approved,
    last_run,
    live,
    other_than,
    pictures,
    report,
    retrain,
    runs,
    school,
    watching,
)
from tests.slack.sandbox_fixtures import page_of, until
from tests.slack.workplace import Workplace

pytestmark = pytest.mark.timeout(600)

FACT = "The amber lathe stands beside the northern gate and hums quietly."
QUESTION = "Where does the amber lathe stand, beside which gate?"


async def ask(place: Workplace) -> dict[str, Any]:
    channel_id = place.channel_id("general")
    return await place.reply(channel_id, await place.post("ana", "general", f"{place.mention} {QUESTION}"))


async def test_a_thumb_becomes_a_better_model_and_goes_back(
    tmp_path: Path, tiny_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nightly, "QUIET", timedelta(seconds=1))
    async with school(tmp_path, tiny_base) as place:
        add_team(place.services.record, place.workspace_id)
        await place.post("ana", "general", FACT)
        await place.findable()
        before = await ask(place)
        assert f"Written by {tiny_base.name}" in str(before["blocks"])
        assert "adapter" not in str(before["blocks"])
        async with page_of(place.sandbox, "ana") as page:
            pressed = button_of(before, "positive_button")
            await page.post("action", channel_id=place.channel_id("general"), message_ts=before["ts"], action=pressed)
        await until(lambda: approved(place) == TEAM + 1, PATIENCE)

        admin = admin_of(place)
        with watching(place.services):
            assert await retrain(place, admin) == view.BEGUN
            assert "under way already" in await retrain(place, admin)
            await until(lambda: last_run(place).ended, NIGHT)
        run = last_run(place)
        assert run.state is RunState.PROMOTED, run.reason
        assert live(place) == run.adapter_id
        learned_from_what_was_approved(place, run)
        told = await until(lambda: _progress(place, run, ended=True), PATIENCE)
        assert run.reason in told["text"]
        edits = [call for call in place.calls("chat.update") if call["arguments"]["ts"] == told["ts"]]
        assert len(edits) >= 2, "one message, edited as it goes on"
        posts = [call for call in place.calls("chat.postMessage") if "journeyman_training" in str(call["arguments"])]
        assert len(posts) == 1, "and never posted again"
        blocks = str((await until(lambda: report(place, admin), PATIENCE))["blocks"])
        for expected in (run.reason[:40], "adapter + RAG", "base, memory", "Learned from"):
            assert expected in blocks
        assert place.sandbox.person(admin).id not in blocks, "people are told by name"
        await until(lambda: last_run(place).reported_at, PATIENCE)
        assert len(pictures(place, admin)) >= 2

        await until(lambda: place.services.model.adapter == run.adapter_id, PATIENCE)
        after = await ask(place)
        assert f"adapter {run.adapter_id}" in str(after["blocks"])
        async with home_of(place, "ana") as home:
            assert run.adapter_id in home.text
            assert "Last verdict: Promoted" in home.text
        assert run.adapter_id in await retrain(place, admin, "history")
        assert "base model serves" in await retrain(place, admin, "rollback")
        await until(lambda: place.services.model.adapter == "", PATIENCE)
        assert "adapter" not in str((await ask(place))["blocks"])
        assert await retrain(place, admin, f"rollback {run.adapter_id}") == f"`{run.adapter_id}` serves now."
        assert live(place) == run.adapter_id


async def test_only_admins_and_only_where_there_is_something_to_train(tmp_path: Path) -> None:
    async with school(tmp_path, None) as place:
        admin = admin_of(place)
        for text in ("", "stop", "rollback", "history", "status"):
            assert await retrain(place, other_than(place, admin), text) == view.ONLY_ADMINS
        told = await retrain(place, admin)
        assert "PHI3_MODEL" in told
        assert runs(place) == []
        assert await retrain(place, admin, "stop") == view.NOTHING_TO_STOP
        assert await retrain(place, admin, "what?") == view.HOW_TO
        assert "base model serves already" in await retrain(place, admin, "rollback")
        assert "no adapter nonsense" in await retrain(place, admin, "rollback nonsense")


async def test_switched_off_it_says_so(tmp_path: Path) -> None:
    async with school(tmp_path, None, training_enabled=False) as place:
        assert "TRAINING_ENABLED=true" in await retrain(place, admin_of(place))
        assert runs(place) == []


async def test_a_run_is_stopped_and_what_serves_stays(tmp_path: Path, tiny_base: Path) -> None:
    async with school(tmp_path, tiny_base) as place:
        add_team(place.services.record, place.workspace_id)
        admin = admin_of(place)
        assert await retrain(place, admin) == view.BEGUN
        assert "Collecting" in await retrain(place, admin, "status")
        assert await retrain(place, admin, "stop") == view.STOPPING
        with watching(place.services):
            await until(lambda: last_run(place).ended, NIGHT)
        assert last_run(place).state is RunState.STOPPED
        assert live(place) == ""
        await until(lambda: last_run(place).reported_at, PATIENCE)


async def test_a_scheduled_night_is_told_in_the_ops_channel_once(tmp_path: Path, tiny_base: Path) -> None:
    async with school(tmp_path, tiny_base) as place:
        services, channel_id = place.services, place.channel_id("random")
        services.settings = place.settings.model_copy(update={"ops_channel": channel_id})
        add_team(services.record, place.workspace_id)
        trainer = FakeTrainer(services.record, services.settings)
        nights = NightSchool(
            services.record, services.settings, trainer, services._approved, services.embedder.embed_passages
        )
        run = await asyncio.to_thread(nights.run, "2026-03-01T02:00+0000")
        assert run is not None
        assert run.state is RunState.PROMOTED, run.reason
        await until(lambda: last_run(place).reported_at, PATIENCE)
        said = place.said_by_bot(channel_id)
        [told] = [each for each in said if "thread_ts" not in each or each["thread_ts"] == each["ts"]]
        assert run.reason in told["text"]
        for expected in ("adapter + RAG", "Asked for by: the schedule", f"Learned from: {run.examples} examples"):
            assert expected in str(told["blocks"])
        shown = [file["name"] for each in said for file in each.get("files") or () if each["thread_ts"] == told["ts"]]
        assert shown == ["loss.png", "gain.png"], "nobody has voted yet"

        skipped = await asyncio.to_thread(nights.run, "2026-03-02T02:00+0000")
        assert skipped is not None
        assert skipped.state is RunState.SKIPPED
        await until(lambda: last_run(place).reported_at, PATIENCE)
        assert len(place.said_by_bot(channel_id)) == len(said), "a night without anything new is no news"


def learned_from_what_was_approved(place: Workplace, run: TrainingRun) -> None:
    """The adapter's manifest, the run and the frozen set on disk name the same approved examples."""
    frozen_set = load(place.settings.datasets_dir / f"{run.data_set}.jsonl")
    manifest = validate(place.settings.adapters_dir / run.adapter_id, Path(run.base))
    train = [example.id for example in frozen_set.of(Split.TRAIN)]
    assert list(manifest.example_ids) == train
    assert (run.examples, run.held_out) == (len(train), len(frozen_set.of(Split.HOLDOUT)))
    assert len(frozen_set.examples) >= TEAM
    with place.services.record() as work:
        assert work.examples.existing([example.id for example in frozen_set.examples]) == {
            example.id for example in frozen_set.examples
        }


def _progress(place: Workplace, run: TrainingRun, *, ended: bool) -> dict[str, Any] | None:
    said = place.said_by_bot(place.channel_id("general"))
    told = [each for each in said if run.reason and run.reason in each["text"] and "thread_ts" not in each]
    assert len(told) <= 1, "it is edited, never posted again"
    return told[0] if told and ended else None
