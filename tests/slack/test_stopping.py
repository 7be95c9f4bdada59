"""Whoever asked can stop the answer with a reaction; nobody else can."""

import time
from pathlib import Path

from core.knowledge.embedding import Embedder
from core.records.questions import Verdict
from tests.fakes.language_model import ScriptedModel
from tests.slack.sandbox_fixtures import until
from tests.slack.workplace import workplace


async def test_the_askers_reaction_ends_the_answer_within_a_second(tmp_path: Path, minilm: Embedder) -> None:
    model = ScriptedModel(["The deploy runs ", "on Fridays [1], and "], hangs=True)
    async with workplace(tmp_path, minilm, settings={"answers_at_once": 1}) as place:
        place.services.answering._model = model
        await place.post("ana", "general", "The deploy of the billing service runs on Fridays.")
        await place.findable()
        channel = place.channel_id("general")
        asked = await place.post("ben", "general", f"{place.mention} When does the deploy of the billing service run?")
        await until(lambda: place.said_by_bot(channel, asked), 45)

        await place.client("ana").reactions_add(channel=channel, timestamp=asked, name="x")
        await place.client("ben").reactions_add(channel=channel, timestamp=asked, name="thinking_face")
        await until(lambda: place.sandbox.switches.state()["pending_events"] == 0, 10)
        assert not model.stopped.is_set(), "only the asker stops it, and only with a sign that says so"

        began = time.monotonic()
        await place.client("ben").reactions_add(channel=channel, timestamp=asked, name="octagonal_sign")
        await until(model.stopped.is_set, 10)
        took = time.monotonic() - began
        reply = await place.reply(channel, asked)
        with place.services.record() as work:
            question = work.questions.asked_at(place.workspace_id, channel, asked)
            assert question is not None
            assert question.answer is not None
            stamped = question.answer.verdict, question.answer.adapter

    assert took < 3.0, "a second on an idle machine"
    assert "on Fridays" in str(reply["blocks"])
    assert "Stopped before the end." in str(reply["blocks"])
    assert stamped == (Verdict.GENERATED, "adapter-7")
