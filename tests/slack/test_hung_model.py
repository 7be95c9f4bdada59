"""A model that hangs for good is given up: its asker gets the sources' own words, and whoever waits gets an answer."""

import threading
from functools import partial
from pathlib import Path
from typing import Any

from core.answering.models.phi3 import Phi3
from core.knowledge.embedding import Embedder
from core.records.questions import Verdict
from tests.contract.test_phi3_owner import with_trouble
from tests.slack.sandbox_fixtures import until
from tests.slack.workplace import Workplace, workplace
from tests.tiny_phi3 import build_tiny_phi3

QUESTION = "When does the deploy of the billing service run?"
PATIENCE = 90.0


async def test_a_hung_phi3_is_replaced_and_nobody_goes_without_an_answer(tmp_path: Path, minilm: Embedder) -> None:
    settings: dict[str, Any] = {
        "language_model": "phi3",
        "phi3_model": str(build_tiny_phi3(tmp_path / "base")),
        "answer_max_tokens": 24,
        "answer_seconds": 24,  # it counts as hung after half of that
        "answers_at_once": 3,
    }
    never = threading.Event()
    async with workplace(tmp_path / "data", minilm, settings=settings) as place:
        model = place.services.model
        assert isinstance(model, Phi3)
        with_trouble(model, 6, lambda: never.wait() and None)  # inside its sixth pass the first model stays for good
        try:
            await place.post("ana", "general", "The deploy of the billing service runs on Fridays.")
            await place.findable()
            channel = place.channel_id("general")
            first = [await place.post(name, "general", f"{place.mention} {QUESTION}") for name in ("ana", "ben")]
            await until(partial(_hangs, model), PATIENCE)
            hung = model._owner
            assert hung is not None
            waiting = await place.post("chloe", "general", f"{place.mention} {QUESTION}")
            for ts in (*first, waiting):
                assert (await place.reply(channel, ts, PATIENCE))["text"]
            assert Verdict.QUOTED in map(partial(_verdict, place), first), "who saw it hang gets the sources' words"
            assert _verdict(place, waiting) is Verdict.GENERATED, "who waited gets the new model's answer"
            assert model._owner is not hung
            assert hung._thread.is_alive(), "the stuck thread cannot be ended, but nobody waits for it"
        finally:
            never.set()


def _hangs(model: Phi3) -> bool:
    return model._owner is not None and model._owner.has_hung(0.5)


def _verdict(place: Workplace, ts: str) -> Verdict:
    with place.services.record() as work:
        question = work.questions.asked_at(place.workspace_id, place.channel_id("general"), ts)
        assert question is not None
        assert question.answer is not None
        return question.answer.verdict
