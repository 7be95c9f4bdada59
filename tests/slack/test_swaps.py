"""Many ask at once while the adapter is swapped again and again: every reply is whole, and written by one adapter."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.answering.drafts import Finished
from core.knowledge.access import AccessScope
from core.knowledge.embedding import Embedder
from core.records.adapters import Adapter
from core.records.base import utc_now
from core.records.questions import Answer, QuestionState, Verdict
from core.records.workspaces import PUBLIC
from core.training.adapters import Manifest, base_fingerprint, seal
from tests.lora import build_adapter
from tests.slack.sandbox_fixtures import until
from tests.slack.workplace import Workplace, workplace
from tests.tiny_phi3 import build_tiny_phi3

QUESTIONS = 200
SWAPS = 10
AT_ONCE = 16
TOKENS = 20
ADAPTERS = ("night-1", "night-2")
ASKED = ("When does the deploy run on Fridays?", "Who watches the dashboard of the deploy?")
PATIENCE = 240.0


@pytest.mark.timeout(400)
async def test_two_hundred_questions_and_ten_swaps(
    tmp_path: Path, minilm: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chores.ADAPTER_EVERY_S", 0.05)
    base = build_tiny_phi3(tmp_path / "base")
    _make_adapters(base, tmp_path / "data" / "adapters", tmp_path)
    settings: dict[str, Any] = {
        "language_model": "phi3",
        "phi3_model": str(base),
        "answers_at_once": AT_ONCE,
        "answers_waiting": QUESTIONS,
        "questions_per_minute": 0,
        "answer_max_tokens": TOKENS,
    }
    async with workplace(tmp_path / "data", minilm, settings=settings) as place:
        await place.post(
            "ana", "general", "The deploy runs on Fridays at five. Ana watches the dashboard of the deploy."
        )
        await place.findable()
        _know_adapters(place)
        written = await asyncio.to_thread(_written_alone, place)
        assert len(set(written.values())) == len(written), "each adapter must be told apart by what it writes"

        asked = [
            await place.post("ana" if number % 3 else "ben", "general", f"{place.mention} {ASKED[number % 2]}")
            for number in range(QUESTIONS)
        ]
        channel, waiting_at_swaps = place.channel_id("general"), []
        for number in range(SWAPS):
            await until(partial(_has_answered, place, number * QUESTIONS // (SWAPS + 2)), PATIENCE)
            wanted = ("", *ADAPTERS)[(number + 1) % 3]
            _point_to(place, wanted)
            await until(partial(_writes, place, wanted), PATIENCE)
            waiting_at_swaps.append(QUESTIONS - _answered(place))
        await until(partial(_has_answered, place, QUESTIONS), PATIENCE)
        answers = [_answer(place, channel, ts) for ts in asked]
        shown = [await place.reply(channel, ts) for ts in asked]

    assert min(waiting_at_swaps) > 0, "each swap must come while people wait"
    assert {answer.adapter for answer in answers} == {"", *ADAPTERS}, "every adapter must have written something"
    for number, (answer, reply) in enumerate(zip(answers, shown, strict=True)):
        assert answer.verdict is Verdict.GENERATED
        assert answer.text == written[answer.adapter, ASKED[number % 2]], "a mixture, or not whole"
        assert reply.get("streaming") is not True
        assert "feedback_buttons" in str(reply["blocks"])


def _make_adapters(base: Path, folder: Path, scratch: Path) -> None:
    for seed, name in enumerate(ADAPTERS, 1):
        manifest = Manifest(name, "tiny", base_fingerprint(base), "test", "none", ())
        seal(build_adapter(base, scratch / f"written-{name}", seed), folder / name, manifest)


def _know_adapters(place: Workplace) -> None:
    with place.services.record() as work:
        run = work.runs.begin("2026-03-01", recipe="test", base="tiny")
        assert run is not None
        for name in ADAPTERS:
            work.adapters.add(Adapter(id=name, run_id=run.id, data_set="none", base_fingerprint="f"), [])
        work.commit()


def _point_to(place: Workplace, name: str) -> None:
    with place.services.record() as work:
        work.adapters.point_to(work.adapters.get(name) if name else None)
        work.commit()


def _writes(place: Workplace, adapter: str) -> bool:
    return place.services.model.adapter == adapter


def _has_answered(place: Workplace, count: int) -> bool:
    return _answered(place) >= count


def _answered(place: Workplace) -> int:
    with place.services.record() as work:
        waiting = len(work.questions.unanswered())
        known = len(work.questions.asked_in(place.workspace_id, place.channel_id("general"), utc_now()))
    return known - waiting


def _answer(place: Workplace, channel: str, ts: str) -> Answer:
    with place.services.record() as work:
        question = work.questions.asked_at(place.workspace_id, channel, ts)
        assert question is not None
        assert question.state is QuestionState.ANSWERED
        assert question.answer is not None
        return question.answer


def _written_alone(place: Workplace) -> dict[tuple[str, str], str]:
    """What each adapter answers when nobody else asks and nothing is swapped meanwhile."""
    scope = AccessScope(place.workspace_id, frozenset({PUBLIC}))
    written = {}
    for adapter in (*ADAPTERS, ""):
        place.services.model.use(adapter)
        for question in ASKED:
            last = list(place.services.answering.answer(question, scope))[-1]
            assert isinstance(last, Finished)
            assert last.draft.adapter == adapter
            written[adapter, question] = last.draft.text
    return written
